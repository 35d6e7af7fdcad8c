// Sees every document that the report runs write, at the moment when it is there, and holds it against SQL
// over the very prefix of each stream that its plan names. Also: what has a stamp is written once, what is
// the latest only moves forward, and all documents of a stamp are of one plan.
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, type PutObjectCommandInput } from '@aws-sdk/client-s3';
import type { Command, Engine } from '../stores/clients.ts';
import { expectedReports } from './expected-reports.ts';
import { type Prefixes, type PrefixRows, rowsOf } from './prefix.ts';
import type { Topics } from './topics.ts';

interface Pipeline {
  readonly generated_at: string;
  readonly epoch: number;
  readonly streams: readonly { epoch: string; topic: string; partition: number; offset: string }[];
}

interface PackedPlan {
  readonly epoch: number;
  readonly streams: Record<string, Record<string, [from: number, to: number, offset: string]>>;
}

/** Documents of the plans after this one that hold so many corrections are of a base that is mended. */
interface Mending {
  readonly after: number;
  readonly corrections: number;
}

const KEY = /^analytics\/(\w+)\/(latest|(\d{4})(\d\d)(\d\d)_(\d\d)(\d\d)(\d\d))\.json$/;
/** The rebuild's own stream, which holds no rows. */
const CORRECTIONS = '(rebuild):corrections';

export class Witness {
  readonly counts = { plans: 0, documents: 0, unequalled: 0 };
  /** Nothing at all: rows were moved while older events of theirs were waiting. */
  isOrderLost = false;
  readonly #topics: Topics;
  readonly #topN: number;
  readonly #fail: (failure: string) => void;
  readonly #plans = new Map<number, Prefixes>();
  readonly #stamps = new Map<string, number>();
  readonly #rows = new Map<number, PrefixRows>();
  /** Of the newest run that was looked at: its documents come one after the other. */
  #wanted: { readonly run: string; readonly documents: ReadonlyMap<string, string> } | undefined;
  /** Nothing is demanded of the reports of plans up to this one: the base is damaged, or was. */
  #damagedUpTo = 0;
  #corrections = 0;
  #mending: Mending | undefined;

  constructor(topics: Topics, topN: number, fail: (failure: string) => void) {
    this.#topics = topics;
    this.#topN = topN;
    this.#fail = fail;
  }

  /** The plans that are made now do not hold all that mends the base. */
  get isDamaged(): boolean {
    return this.#damagedUpTo === Number.POSITIVE_INFINITY;
  }

  damage(): void {
    this.#damagedUpTo = Number.POSITIVE_INFINITY;
    this.#mending = undefined;
  }

  /** A rebuild has been through. What it has added counts once a plan holds it, which may not be the next. */
  mend(): void {
    this.#mending = { after: Math.max(0, ...this.#plans.keys()), corrections: this.#corrections };
  }

  watchTable(engine: Engine): Engine {
    return {
      execute: (command) => {
        const answer = engine.execute(command);
        if (isOf(command, PutItemCommand)) this.#seeItem(command);
        return answer;
      },
    };
  }

  watchObjects(engine: Engine, read: (key: string) => string | undefined): Engine {
    return {
      execute: (command) => {
        if (!isOf(command, PutObjectCommand)) return engine.execute(command);
        const input = command.input as unknown as PutObjectCommandInput;
        const before = read(input.Key ?? '');
        const answer = engine.execute(command);
        this.#seeObject(input, before, read);
        return answer;
      },
    };
  }

  #seeItem({ input }: Command): void {
    const { pk, sk, d } = input.Item as Record<string, { S?: string } | undefined>;
    if (pk?.S === `segment#${CORRECTIONS}:0`) this.#corrections = Number(sk?.S);
    if (pk?.S !== 'merge' || sk?.S !== 'plan') return;
    const { epoch, streams }: PackedPlan = JSON.parse(d?.S ?? '');
    const [, corrections = 0] = streams[CORRECTIONS]?.['0'] ?? [];
    this.#noteMended(epoch, corrections);
    const named = Object.entries(streams).flatMap(([topic, partitions]) =>
      Object.entries(partitions).map(([partition, [, , offset]]) => {
        return [`${topic}:${partition}`, BigInt(offset)] as const;
      }),
    );
    const prefixes = new Map<string, bigint>(
      named.filter(([stream]) => !stream.startsWith(`${CORRECTIONS}:`)),
    );
    const known = this.#plans.get(epoch);
    if (!known) this.counts.plans += 1;
    else if (!isSame(known, prefixes)) this.#fail(`Plan ${epoch} was changed: ${d?.S}`);
    for (const [stream, offset] of this.#plans.get(epoch - 1) ?? []) {
      if ((prefixes.get(stream) ?? -1n) < offset) this.#fail(`Plan ${epoch} is behind: ${d?.S}`);
    }
    this.#plans.set(epoch, prefixes);
  }

  #noteMended(epoch: number, corrections: number): void {
    const mending = this.#mending;
    if (!mending || epoch <= mending.after || corrections < mending.corrections) return;
    this.#damagedUpTo = epoch - 1;
    this.#mending = undefined;
  }

  #seeObject(
    { Key = '', Body, Metadata }: PutObjectCommandInput,
    before: string | undefined,
    read: (key: string) => string | undefined,
  ): void {
    const [, name = '', stamp = '', ...digits] = KEY.exec(Key) ?? [];
    if (!name) return;
    const [text, epoch] = [String(Body), Number(Metadata?.plan)];
    if (stamp !== 'latest') {
      if (before !== undefined) this.#fail(`${Key} is written for the second time.`);
      this.#checkDocument(Key, name, generatedAt(digits), epoch, text);
      return;
    }
    const [was, is] = [momentOf(before), momentOf(text)];
    if (was >= is) this.#fail(`${Key} goes from ${was} to ${is}.`);
    if (name === 'pipeline') this.#checkPipeline(JSON.parse(text));
    else if (read(Key.replace('latest', stampOf(is))) !== text) {
      this.#fail(`${Key} is not what has the stamp of ${is}.`);
    }
  }

  #checkPipeline({ epoch, streams }: Pipeline): void {
    const named = streams.map((of) => {
      return [`${of.epoch}:${of.topic}:${of.partition}`, BigInt(of.offset)] as const;
    });
    const known = this.#plans.get(epoch);
    if (!known || !isSame(known, new Map<string, bigint>(named))) {
      this.#fail(`The pipeline does not name plan ${epoch}: ${JSON.stringify(streams)}`);
    }
  }

  #checkDocument(key: string, name: string, moment: string, epoch: number, text: string): void {
    this.counts.documents += 1;
    const other = this.#stamps.get(moment) ?? epoch;
    if (other !== epoch) this.#fail(`${moment} is of plan ${epoch}, and of plan ${other}.`);
    this.#stamps.set(moment, epoch);
    const wanted = this.#expected(epoch, moment);
    if (!wanted) this.counts.unequalled += 1;
    else if (wanted.get(name) !== text) {
      const torn = this.#rows.get(epoch)?.torn ?? [];
      const moved =
        torn.length > 0 ? `, in which ${torn} came from a stream that is not there` : '';
      this.#fail(
        `${key} is not SQL on the prefixes of plan ${epoch}${moved}:\n${text}\nbut SQL says\n${wanted.get(name)}`,
      );
    }
  }

  /** What SQL says; `undefined` where nobody could know. */
  #expected(epoch: number, moment: string): ReadonlyMap<string, string> | undefined {
    const prefixes = this.#plans.get(epoch);
    if (!prefixes) {
      this.#fail(`There is no plan ${epoch}.`);
      return undefined;
    }
    if (this.isOrderLost || epoch <= this.#damagedUpTo) return undefined;
    const { all, retired } = this.#topics;
    const rows = this.#rows.get(epoch) ?? rowsOf([...retired, ...all], prefixes);
    this.#rows.set(epoch, rows);
    const run = `${epoch} ${moment}`;
    if (this.#wanted?.run !== run) {
      this.#wanted = { run, documents: expectedReports(rows.rows, this.#topN, moment) };
    }
    return this.#wanted.documents;
  }
}

const isOf = (command: Command, type: unknown) => command.constructor === type;

function isSame(one: Prefixes, other: Prefixes): boolean {
  return one.size === other.size && [...one].every(([name, to]) => other.get(name) === to);
}

function generatedAt([year, month, day, hour, minute, second]: readonly string[]): string {
  return `${year}-${month}-${day}T${hour}:${minute}:${second}`;
}

const stampOf = (moment: string) => moment.replaceAll(/[-:]/g, '').replace('T', '_');

function momentOf(text: string | undefined): string {
  return /"generated_at": "([^"]*)"/.exec(text ?? '')?.[1] ?? '';
}
