// One seed of the orders: acts in which everything happens at once, after each a rest in which all that must be true is checked.
import { join } from 'node:path';
import { importTree } from '../mutated-tree.ts';
import { findMutation } from '../mutation.ts';
import { isOutage } from '../network.ts';
import type { SeedResult } from '../result.ts';
import { checkAgreement } from './auditor.ts';
import { damage } from './damage.ts';
import { mayGiveUp, showError } from './errors.ts';
import { mutations } from './mutations.ts';
import { writeOddRecord } from './poison.ts';
import type { Product } from './product.ts';
import * as unmutated from './product.ts';
import { checkAtRest, LEASE_MS, type Losses } from './rest.ts';
import { TABLES } from './source.ts';
import { BUCKET, World } from './world.ts';

const STEPS_MAX = 60_000;
const PARTITIONS_MAX = 5;
const MOVING_MS = 60_000;
const DAY_MS = 24 * 60 * 60 * 1000;
/** Deleted rows are forgotten after so many. */
const TOMBSTONE_DAYS = 8;
const AT_ONCE_MAX = 2;
/** About as many as one takes. */
const REBUILD_STEPS = 300;
/** By the mutation's name. */
const mutated = new Map<string, Promise<Product>>();

export async function simulate(seed: number, mutation?: string): Promise<SeedResult> {
  return new Run(seed, mutation === undefined ? unmutated : await loadMutated(mutation)).play();
}

function loadMutated(name: string): Promise<Product> {
  const mutation = findMutation(mutations, name);
  const loaded =
    mutated.get(name) ?? importTree<Product>(join(import.meta.dirname, 'product.ts'), { mutation });
  mutated.set(name, loaded);
  return loaded;
}

class Run {
  readonly #seed: number;
  readonly #world: World;
  readonly #counts = {
    ...{ acts: 0, reports: 0, rebuilds: 0, damages: 0, raises: 0, raisesWithLag: 0 },
    ...{ epochs: 0, renames: 0, moves: 0, days: 0 },
  };
  readonly #losses: Losses = { lossesFound: 0, lossesUnseen: 0 };
  #isOrderLost = false;
  /** The base is damaged, and no rebuild has been through since. */
  #isDamaged = false;
  /** Since when all that was consumed may be delivered again. */
  #daysRemembered = 0;

  constructor(seed: number, product: Product) {
    this.#seed = seed;
    this.#world = new World(seed, product);
  }

  async play(): Promise<SeedResult> {
    const { random, source, connector, schedule, failures, topics, shop } = this.#world;
    try {
      await this.#world.open();
      for (let step = random.below(shop.isCrowded ? 150 : 40); step > 0; step--) source.step();
      if (random.chance(0.7)) connector.snapshot(schedule.nowMs);
      const acts = random.chance(0.25) ? 2 : 1;
      for (let act = 0; act < acts && failures.length === 0; act++) await this.#act();
    } catch (error) {
      failures.push(showError(error));
    }
    const { network, events, witness } = this.#world;
    const counts = {
      ...this.#counts,
      ...witness.counts,
      ...this.#losses,
      ...network.disturbances,
      ...events.counts,
      ...connector.counts,
      applied: events.applied,
    };
    return { seed: this.#seed, events: topics.written, failures, counts };
  }

  async #act(): Promise<void> {
    const { random, source, connector, shop } = this.#world;
    if (this.#counts.acts > 0 && !this.#isOrderLost && random.chance(0.6)) this.#damage();
    this.#counts.acts += 1;
    const isBusy = random.chance(0.3);
    const changes = source.log.length + 8 + random.below(shop.isCrowded ? 80 : 40);
    while (source.log.length < changes) {
      if (random.chance(0.4)) source.step();
      if (random.chance(0.4)) connector.step();
      if (random.chance(0.06)) await this.#happen();
      if (isBusy && random.chance(0.1)) this.#report();
      await this.#step();
    }
    source.settle();
    connector.drain();
    await this.#comeToRest();
    await checkAtRest(this.#world, this.#isOrderLost, this.#losses);
  }

  async #step(): Promise<boolean> {
    const { random, events, aggregator } = this.#world;
    if (random.chance(0.15)) events.poll(aggregator);
    if (random.chance(0.01)) this.#world.reporter.slowDown();
    return this.#world.step();
  }

  /** Until every record is consumed, what was damaged is mended, and nothing is under way. */
  async #comeToRest(): Promise<void> {
    const { topics, schedule, events, aggregator } = this.#world;
    let stirUp: (() => void) | undefined;
    for (let step = 0; step < STEPS_MAX; step++) {
      events.poll(aggregator);
      const isBusy = await this.#world.step();
      if (isBusy || !topics.isConsumed || this.#world.hasInvocations || !schedule.isIdle) continue;
      if (!this.#isDamaged) return stirUp?.();
      stirUp ??= this.#world.calmDown();
      schedule.nowMs += LEASE_MS;
      this.#rebuild();
    }
    throw new Error('The run does not come to rest.');
  }

  async #happen(): Promise<void> {
    const { random, connector, events, topics, schedule } = this.#world;
    const what = random.below(100);
    if (what < 20) this.#report();
    else if (what < 32) events.rebalance(topics.all);
    else if (what < 44) connector.restart();
    else if (what < 52) connector.readChunk(schedule.nowMs);
    else if (what < 64) writeOddRecord(random, topics);
    else if (what < 71) this.#rewind();
    else if (what < 75) this.#snapshotAnew();
    else if (what < 80) await this.#raisePartitions();
    else if (what < 84) await this.#startAnew();
    else if (what < 87) this.#moveDatabase();
    else if (what < 90) await this.#letDaysPass();
    else if (what < 95) this.#rebuild();
    else await this.#rebuildTwice();
  }

  #report(): void {
    const { reporter, failures, s3, witness } = this.#world;
    if (reporter.busy >= AT_ONCE_MAX) return;
    const wasDamaged = witness.isDamaged;
    reporter.invoke({}, (ending) => {
      if (ending.kind === 'failed' && !this.#mayFail(ending.error, wasDamaged)) {
        failures.push(`A report run failed: ${showError(ending.error)}`);
      }
      if (ending.kind !== 'answered') return;
      this.#counts.reports += 1;
      const own = ending.answer.keys.filter((key) => !key.endsWith('/latest.json'));
      const documents = own.map(
        (key) => [key.split('/')[1] ?? '', s3.text(BUCKET, key) ?? ''] as const,
      );
      failures.push(...checkAgreement(new Map(documents)));
    });
  }

  /**
   * Figures that damage or the loss of order has made wrong are refused, as they should be; and whoever is
   * overtaken again and again gives up.
   */
  #mayFail(error: unknown, wasDamaged: boolean): boolean {
    if (!(error instanceof Error) || isOutage(error)) return isOutage(error);
    const isRefused = error.name === 'BrokenInvariantError';
    const isWrong = this.#isOrderLost || wasDamaged || this.#world.witness.isDamaged;
    return (isRefused && isWrong) || /were faster/.test(error.message);
  }

  #rebuild(): void {
    const { rebuilder, failures, witness } = this.#world;
    if (rebuilder.busy >= AT_ONCE_MAX) return;
    const isExact = !this.#isOrderLost && !this.#isDamaged;
    rebuilder.invoke({}, (ending) => {
      if (ending.kind === 'failed' && !mayGiveUp(ending.error)) {
        failures.push(`A rebuild failed: ${showError(ending.error)}`);
      }
      if (ending.kind !== 'answered') return;
      this.#counts.rebuilds += 1;
      const { differences } = ending.answer;
      if (isExact && !this.#isOrderLost && differences.length > 0) {
        failures.push(`A rebuild found damage where there is none: ${JSON.stringify(differences)}`);
      }
      if (!this.#isDamaged) return;
      this.#isDamaged = false;
      witness.mend();
    });
  }

  /** The first stands still until its pause has lapsed, and goes on beside the second. */
  async #rebuildTwice(): Promise<void> {
    const { random, schedule } = this.#world;
    this.#rebuild();
    for (let step = random.below(REBUILD_STEPS); step > 0; step--) await this.#step();
    schedule.nowMs += LEASE_MS;
    this.#rebuild();
  }

  #damage(): void {
    const { random, table, witness } = this.#world;
    if (!damage(random, table)) return;
    witness.damage();
    this.#isDamaged = true;
    this.#counts.damages += 1;
  }

  /** Somebody sets the group back: what was consumed comes once more. */
  #rewind(): void {
    const { random, topics } = this.#world;
    topics.rewind(random.pick(topics.all), random.below(20));
  }

  /** The connector's offsets are lost: all rows come again, while some change. */
  #snapshotAnew(): void {
    const { random, source, connector, schedule } = this.#world;
    connector.drain();
    for (let step = random.below(10); step > 0; step--) source.step(false);
    connector.snapshot(schedule.nowMs);
  }

  /** Its LSNs start lower then, its clock goes on. */
  #moveDatabase(): void {
    const { random, source, connector, schedule } = this.#world;
    connector.drain();
    source.moveToAnotherServer();
    connector.noteProgress();
    schedule.nowMs += MOVING_MS;
    if (random.chance(0.5)) connector.snapshot(schedule.nowMs);
    this.#counts.moves += 1;
  }

  /** Rows move to other partitions. At lag 0 their order is kept; with lag it is not. */
  async #raisePartitions(): Promise<void> {
    const { random, topics, events } = this.#world;
    const table = random.pick(TABLES);
    if (topics.logs[table].length >= PARTITIONS_MAX) return;
    if (random.chance(0.9)) await this.#consumeAll();
    else if (!topics.isConsumed && !this.#isDamaged) this.#loseOrder();
    else if (!topics.isConsumed) return;
    topics.addPartitions(table, 1);
    if (this.#isOrderLost) topics.forgetOrder();
    events.rebalance(topics.all);
    this.#counts.raises += 1;
  }

  #loseOrder(): void {
    this.#isOrderLost = true;
    this.#world.witness.isOrderLost = true;
    this.#counts.raisesWithLag += 1;
  }

  /** Other topics: made anew under another epoch, or under another prefix. All is consumed before. */
  async #startAnew(): Promise<void> {
    const { random, topics, events } = this.#world;
    await this.#consumeAll();
    if (random.chance(0.5)) {
      topics.rename();
      this.#counts.renames += 1;
    } else {
      topics.recreate();
      this.#world.startEpoch();
      this.#counts.epochs += 1;
    }
    events.rebalance(topics.all);
  }

  /** Nothing is consumed for days, though never for so many as tombstones last, and no twin lives so long. */
  async #letDaysPass(): Promise<void> {
    const { random, schedule, topics, connector } = this.#world;
    const days = 1 + random.below(12);
    if (this.#daysRemembered + days >= TOMBSTONE_DAYS) {
      connector.catchUp();
      await this.#consumeAll();
    }
    for (let step = 0; await this.#world.step(); step++) {
      if (step > STEPS_MAX) throw new Error('What is under way does not end.');
    }
    schedule.nowMs += days * DAY_MS;
    this.#counts.days += days;
    this.#daysRemembered += days;
    this.#world.forgetExpired();
    if (this.#daysRemembered < TOMBSTONE_DAYS) return;
    this.#daysRemembered = 0;
    topics.forgetOrder();
    connector.noteProgress();
  }

  /** Lag 0; twins may still be under way. */
  async #consumeAll(): Promise<void> {
    for (let step = 0; !this.#world.topics.isConsumed; step++) {
      if (step > STEPS_MAX) throw new Error('The lag does not come to 0.');
      this.#world.events.poll(this.#world.aggregator);
      await this.#world.step();
    }
  }
}
