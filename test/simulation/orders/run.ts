// One seed of the orders: acts in which everything happens at once, and a rest after each in which all
// that must be true is checked.
import { join } from 'node:path';
import { importTree } from '../mutated-tree.ts';
import { findMutation } from '../mutation.ts';
import { isOutage } from '../network.ts';
import type { SeedResult } from '../result.ts';
import { checkAgreement, checkCounts } from './auditor.ts';
import { mutations } from './mutations.ts';
import { makeOddRecord } from './poison.ts';
import type { Product } from './product.ts';
import * as unmutated from './product.ts';
import { checkAtRest } from './rest.ts';
import { TABLES } from './source.ts';
import { World } from './world.ts';

const STEPS_MAX = 60_000;
const PARTITIONS_MAX = 5;
const MOVING_MS = 60_000;

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
  readonly #counts = { reports: 0, raises: 0, raisesWithLag: 0, epochs: 0, moves: 0, acts: 0 };
  #isOrderLost = false;

  constructor(seed: number, product: Product) {
    this.#seed = seed;
    this.#world = new World(seed, product);
  }

  async play(): Promise<SeedResult> {
    const { random, source, connector, schedule, failures, topics, isRankingBusy } = this.#world;
    try {
      await this.#world.open();
      for (let step = random.below(isRankingBusy ? 150 : 40); step > 0; step--) source.step();
      if (random.chance(0.7)) connector.snapshot(schedule.nowMs);
      const acts = random.chance(0.25) ? 2 : 1;
      for (let act = 0; act < acts && failures.length === 0; act++) await this.#act();
    } catch (error) {
      failures.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
    const { network, events, losses } = this.#world;
    const counts = {
      ...this.#counts,
      ...losses,
      ...network.disturbances,
      ...events.counts,
      ...connector.counts,
      applied: events.applied,
    };
    return { seed: this.#seed, events: topics.written, failures, counts };
  }

  async #act(): Promise<void> {
    const { random, source, connector, isRankingBusy } = this.#world;
    this.#counts.acts += 1;
    const length = isRankingBusy ? 80 : 40;
    const changes = source.log.length + 8 + random.below(length);
    while (source.log.length < changes) {
      if (random.chance(0.4)) source.step();
      if (random.chance(0.4)) connector.step();
      if (random.chance(0.06)) await this.#happen();
      if (isRankingBusy && random.chance(0.2)) this.#report();
      await this.#step();
    }
    source.settle();
    connector.drain();
    await this.#comeToRest();
    await checkAtRest(this.#world, this.#isOrderLost);
  }

  async #step(): Promise<boolean> {
    const { random, events, aggregator } = this.#world;
    if (random.chance(0.15)) events.poll(aggregator);
    return this.#world.step();
  }

  /** Until every record is consumed and nothing is under way. */
  async #comeToRest(): Promise<void> {
    const { topics, schedule, events, aggregator } = this.#world;
    for (let step = 0; step < STEPS_MAX; step++) {
      events.poll(aggregator);
      const isBusy = await this.#world.step();
      if (isBusy || !topics.isConsumed || this.#world.hasInvocations) continue;
      if (schedule.isIdle) return;
    }
    throw new Error('The run does not come to rest.');
  }

  async #happen(): Promise<void> {
    const { random, connector, events, topics, schedule } = this.#world;
    const what = random.below(100);
    if (what < 20) this.#report();
    else if (what < 35) events.rebalance(topics.all);
    else if (what < 48) connector.restart();
    else if (what < 56) connector.readChunk(schedule.nowMs);
    else if (what < 72) this.#writeOddRecord();
    else if (what < 80) this.#rewind();
    else if (what < 85) this.#snapshotAnew();
    else if (what < 90) await this.#raisePartitions();
    else if (what < 94) await this.#startEpoch();
    else if (what < 97) this.#moveDatabase();
    else this.#world.forgetExpired();
  }

  #report(): void {
    const { reporter, failures } = this.#world;
    if (!reporter.isIdle) return;
    reporter.invoke({}, (ending, { puts }) => {
      if (ending.kind === 'failed' && !this.#mayFail(ending.error)) {
        failures.push(`A report run failed: ${ending.error}`);
      }
      if (ending.kind !== 'answered') return;
      this.#counts.reports += 1;
      const own = [...puts].filter(([key]) => !key.endsWith('/latest.json'));
      const documents = new Map(own.map(([key, text]) => [key.split('/')[1] ?? '', text]));
      failures.push(...checkAgreement(documents));
      if (!this.#isOrderLost) failures.push(...checkCounts(documents));
    });
  }

  /** Figures that the loss of order has damaged are refused, as they should be. */
  #mayFail(error: unknown): boolean {
    const isRefused = error instanceof Error && error.name === 'BrokenInvariantError';
    return isOutage(error) || (isRefused && this.#isOrderLost);
  }

  #writeOddRecord(): void {
    const { table, record } = makeOddRecord(this.#world.random);
    this.#world.topics.append(table, record);
  }

  /** Somebody sets the group back: what was consumed comes once more. */
  #rewind(): void {
    const { random, topics } = this.#world;
    const log = random.pick(topics.all);
    log.committed = Math.max(log.redeliverableFrom, log.committed - random.below(20));
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
    connector.followToAnotherServer();
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
    else if (!topics.isConsumed) this.#loseOrder();
    topics.addPartitions(table, 1);
    if (this.#isOrderLost) topics.forgetOrder();
    events.rebalance(topics.all);
    this.#counts.raises += 1;
  }

  #loseOrder(): void {
    this.#isOrderLost = true;
    this.#counts.raisesWithLag += 1;
  }

  /** The topics are deleted and made anew, once all is consumed. */
  async #startEpoch(): Promise<void> {
    await this.#consumeAll();
    this.#world.topics.recreate();
    this.#world.startEpoch();
    this.#world.events.rebalance(this.#world.topics.all);
    this.#counts.epochs += 1;
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
