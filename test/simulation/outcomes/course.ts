// One seed from its first turn to quiet: who acts, in which order, and what the auditor says at the end.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Metrics } from '@aws-lambda-powertools/metrics';
import { ENV } from '../../../functions/contracts.ts';
import { makeRandom, type Random } from '../../support/random.ts';
import { type Acting, poll, type Recorder, repeat } from './actors.ts';
import { audit, rollupDifferences } from './auditor.ts';
import { Backends } from './backends.ts';
import type { Database } from './database.ts';
import { Disturbance, type Totals } from './disturbance.ts';
import { type History, makeHistory } from './history.ts';
import { Objects } from './objects.ts';
import { type Compare, readFigures } from './readers.ts';
import { type Course, Sandbox } from './sandbox.ts';
import type { Subject } from './subject.ts';
import { Turns } from './turns.ts';

export interface SeedResult {
  readonly seed: number;
  /** Turns taken. */
  readonly events: number;
  readonly failures: string[];
  readonly totals: Totals & {
    readonly records: number;
    readonly redelivered: number;
    readonly comparisons: number;
  };
  /** What happened, in order. */
  readonly history: readonly string[];
}

const NO_METRICS = { addMetric: () => NO_METRICS } as unknown as Metrics;
/** A seed takes some hundreds; one that goes on does not come to an end. */
const TURNS_MAX = 20_000;
const DRAIN_LIMIT_MS = 5_000;
/** How long a maker of partitions waits for readers: in some seeds hardly at all, in others as long as it takes. */
const MAKER = 'make_outcome_partitions';
const IMPATIENCE = ['20ms', '5min'] as const;
/** The middle of a month, so that it is the same month whenever this runs. */
const RETENTION_DAY = 15;
const DAY_MS = 86_400_000;

export async function runSeed(
  seed: number,
  subject: Subject,
  database: Database,
): Promise<SeedResult> {
  return new SeedRun(seed, subject, database).run();
}

class SeedRun {
  readonly #seed: number;
  readonly #subject: Subject;
  readonly #database: Database;
  readonly #random: Random;
  readonly #history: History;
  readonly #course: Course;
  readonly #failures: string[] = [];
  readonly #clients: { readonly sandbox: Sandbox; readonly end: () => Promise<void> }[] = [];
  readonly #connectionsMax: number;
  readonly #auditChance: number;
  readonly #isImpatient: boolean;
  #sandboxes = 0;
  #delivered = 0;
  #comparisons = 0;

  constructor(seed: number, subject: Subject, database: Database) {
    this.#seed = seed;
    this.#subject = subject;
    this.#database = database;
    this.#random = makeRandom(seed);
    this.#history = makeHistory(this.#fork());
    this.#isImpatient = this.#random.chance(0.2);
    const givesUp = (sql: string) => this.#isImpatient && sql.includes(MAKER);
    this.#course = {
      turns: new Turns(this.#fork()),
      backends: new Backends(database.control, database.sessions, givesUp),
      disturbance: new Disturbance(this.#fork()),
      objects: new Objects(),
    };
    this.#connectionsMax = 1 + this.#random.below(4);
    this.#auditChance = this.#random.pick([0, 0.01, 0.04]);
  }

  async run(): Promise<SeedResult> {
    await this.#database.control.unsafe(
      `alter function ${MAKER} set lock_timeout = '${IMPATIENCE[this.#isImpatient ? 0 : 1]}'`,
    );
    const keptFrom = this.#random.chance(0.3) ? this.#random.pick(this.#keepable()) : undefined;
    const tasks = [
      this.#poll('first'),
      this.#poll('second'),
      this.#read(this.#random.below(8)),
      this.#keepUp(keptFrom),
    ];
    await this.#drive(tasks);
    if (this.#failures.length === 0) await this.#atQuiet(keptFrom);
    const { taken } = this.#course.turns;
    return {
      ...{ seed: this.#seed, events: taken.length, failures: this.#failures },
      ...{ totals: this.#totals(), history: taken },
    };
  }

  /** With several months, the first one goes; with one, what is wild of older dates. */
  #keepable(): readonly string[] {
    const { months } = this.#history;
    return months.length > 1 ? months.slice(1) : months;
  }

  #totals(): SeedResult['totals'] {
    const records = this.#history.partitions.reduce((sum, one) => sum + one.records.length, 0);
    return {
      ...{ records, redelivered: this.#delivered - records, comparisons: this.#comparisons },
      ...this.#course.disturbance.totals,
    };
  }

  #fork(): Random {
    return makeRandom(this.#random.below(2 ** 32));
  }

  #fail = (what: string) => {
    this.#failures.push(what);
  };

  #acting(): Acting {
    return { turns: this.#course.turns, random: this.#fork(), fail: this.#fail };
  }

  /** A cold start: a sandbox with a client of its own. */
  #coldStart(name: 'record-outcomes' | 'serve-api' | 'migrate-database', connectionsMax: number) {
    this.#sandboxes += 1;
    const sandbox = new Sandbox(`${name} ${this.#sandboxes}`, this.#course);
    const sql = this.#subject.makePostgres(this.#database.env, {
      functionName: name,
      connectionsMax,
    });
    this.#clients.push({ sandbox, end: () => sql.end() });
    return { sandbox, sql };
  }

  async #poll(name: string): Promise<void> {
    const start = (): Recorder => {
      const { sandbox, sql } = this.#coldStart('record-outcomes', this.#connectionsMax);
      const record = this.#subject.makeRecordOutcomes({
        ...{ env: { [ENV.bucket]: 'simulated' }, sql },
        openQuarantine: (bucket) => this.#subject.makeQuarantineStore(sandbox.s3, bucket),
        ...{ logger: { info: () => {}, warn: () => {} }, metrics: NO_METRICS },
      });
      return { sandbox, record };
    };
    this.#delivered += await poll(name, this.#history, start, this.#acting());
  }

  async #read(times: number): Promise<void> {
    const random = this.#fork();
    const start = () => {
      const { sandbox, sql } = this.#coldStart('serve-api', 1);
      const ask = this.#subject.openApi(sql);
      const atThisMoment = (compare: Compare) =>
        this.#course.turns.hold(this.#compare(sandbox, compare));
      const reading = { ask, plain: this.#database.control, atThisMoment, fail: this.#fail };
      return { sandbox, work: () => readFigures(random, this.#history.months, reading) };
    };
    await repeat('reader', times, start, this.#acting());
  }

  /** What others did while the question was with the server may or may not be in the answer. */
  async #compare(sandbox: Sandbox, compare: Compare): Promise<void> {
    if (!sandbox.wasAlone) return;
    const difference = await compare();
    if (difference === null) return;
    this.#comparisons += 1;
    if (difference !== '') this.#fail(difference);
  }

  async #keepUp(keptFrom: string | undefined): Promise<void> {
    const { migrateDatabase, makePartitionsAhead, dropOutcomesOlderThan } = this.#subject;
    const start = () => {
      const { sandbox, sql } = this.#coldStart('migrate-database', 1);
      const work = async () => {
        await migrateDatabase(sql);
        await makePartitionsAhead(sql).catch((error: unknown) => {
          if (!this.#isImpatient) throw error;
        });
        if (keptFrom !== undefined) await dropOutcomesOlderThan(sql, daysSince(keptFrom));
      };
      return { sandbox, work };
    };
    const times =
      keptFrom === undefined ? Number(this.#random.chance(0.1)) : 1 + this.#random.below(3);
    await repeat('upkeep', times, start, this.#acting());
  }

  /** Turn by turn until nobody has anything left to do. */
  async #drive(tasks: readonly Promise<void>[]): Promise<void> {
    const { turns, backends } = this.#course;
    let isOver = false;
    Promise.all(tasks).then(
      () => {
        isOver = true;
      },
      (error) => this.#fail(`an actor failed: ${error instanceof Error ? error.stack : error}`),
    );
    while (turns.taken.length < TURNS_MAX) {
      await backends.quiet();
      for (const link of backends.takeAnswered()) link.owner.deliver(link);
      await turns.calm();
      if (backends.hasNews) continue;
      if ((await turns.takeOne()) || (await turns.takeOneKeptBack())) await this.#sometimesAudit();
      else if (backends.busy.length > 0) await backends.nextAnswer();
      else if (isOver || !(await turns.wake())) break;
    }
    if (!isOver) this.#fail('it did not come to its end');
  }

  async #sometimesAudit(): Promise<void> {
    const { backends } = this.#course;
    if (!this.#random.chance(this.#auditChance)) return;
    await backends.quiet();
    if (backends.busy.some((link) => !link.isAnswered)) return;
    this.#failures.push(...(await rollupDifferences(this.#database.control)));
  }

  async #atQuiet(keptFrom: string | undefined): Promise<void> {
    await this.#expectNothingOpen();
    const { control } = this.#database;
    const { objects } = this.#course;
    this.#failures.push(...(await audit(control, this.#history, objects, keptFrom)));
    if (keptFrom === undefined) return;
    await this.#subject.dropOutcomesOlderThan(control, daysSince(keptFrom));
    this.#failures.push(...(await audit(control, this.#history, objects, keptFrom)));
    const [old] = await control.unsafe(
      `select from auction_outcomes where "timestamp" < '${keptFrom}-01Z' limit 1`,
    );
    if (old) this.#fail('retention left a row');
  }

  /** Every lent connection came back, and the server holds no transaction of anybody. */
  async #expectNothingOpen(): Promise<void> {
    const rows = await this.#database.control.unsafe<{ open: string }>(
      `select concat_ws(' ', application_name, state, query) as open from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'`,
    );
    this.#failures.push(...rows.map(({ open }) => `left open: ${open}`));
    const living = this.#clients.filter(({ sandbox }) => !sandbox.isDead);
    const ended = Promise.all(living.map(({ end }) => end())).then(() => true);
    const late = sleep(DRAIN_LIMIT_MS, false, { ref: false });
    if (!(await Promise.race([ended, late]))) this.#fail('a pool was not drained');
  }
}

function daysSince(month: string): number {
  const kept = Date.parse(`${month}-${RETENTION_DAY}T00:00:00Z`);
  return Math.floor((Date.now() - kept) / DAY_MS);
}
