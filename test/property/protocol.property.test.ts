// I1, I2, I4, I5, I6, I7: whatever crashes, is delivered again in other batches, or finishes late, the
// figures equal the plain queries over the source's rows; and no report on the way is below zero or
// disagrees with itself. SEED=<n> plays one run again.
import { expect, test } from 'vitest';
import type { PartitionBatch } from '../../functions/kafka/records.ts';
import { aggregatePartition } from '../../functions/orders/aggregate.ts';
import type { ChangeEvent } from '../../functions/orders/change.ts';
import { Decimal } from '../../functions/orders/decimal.ts';
import { assertNoNegativeCount, type Figures } from '../../functions/orders/reports/figures.ts';
import { makeAggregateStore } from '../../functions/orders/store/aggregate-store.ts';
import { makeFiguresStore } from '../../functions/orders/store/figures-store.ts';
import { RankingReader } from '../../functions/orders/store/ranking-reader.ts';
import { makeRankings, type Rankings } from '../../functions/orders/store/rankings.ts';
import { expectedFigures, type PlainFigures } from '../support/expected-figures.ts';
import { Crash, Interleaving } from '../support/interleaving.ts';
import { MemoryTable } from '../support/memory-table.ts';
import { makeRandom, type Random, seeds } from '../support/random.ts';
import { type History, makeHistory, type Table } from '../support/shop-history.ts';

const TOP_N = 3;
const LIMITS = { indexMax: 4, indexKept: 3, leavesMax: 2 };
const CLOCK_STEP_MS = 400;
const HOUR_MS = 3_600_000;
const BATCH_MAX = 14;
const STEPS_MAX = 200_000;

class Run {
  readonly table = new MemoryTable();
  readonly #random: Random;
  readonly #history: History;
  readonly #interleaving: Interleaving;
  readonly #committed = new Map<ChangeEvent[], number>();
  readonly #owners = new Map<ChangeEvent[], object>();
  #nowMs = 0;

  constructor(seed: number) {
    this.#random = makeRandom(seed);
    this.#history = makeHistory(this.#random, 40 + this.#random.below(100));
    this.#interleaving = new Interleaving(this.#random, 0.004);
  }

  get expected(): PlainFigures {
    return expectedFigures(this.#history, TOP_N);
  }

  async toQuiet(): Promise<void> {
    for (let step = 0; step < STEPS_MAX; step++) {
      this.#startInvocations();
      this.#nowMs += CLOCK_STEP_MS;
      if (this.#random.chance(0.01)) await this.report();
      if (!(await this.#interleaving.step()) && this.#isConsumed()) return;
    }
    throw new Error('The run does not come to rest.');
  }

  async report(): Promise<Figures> {
    const reader = new RankingReader(this.table, () => this.#nowMs, LIMITS);
    const figures = await makeFiguresStore(this.table, reader).read(TOP_N);
    assertNoNegativeCount(figures);
    for (const { orders, ordersByStatus } of figures.days) {
      expect([...ordersByStatus.values()].reduce((sum, count) => sum + count, 0n)).toBe(orders);
    }
    return figures;
  }

  waitAnHour(): void {
    this.#nowMs += HOUR_MS;
  }

  #logs(): ChangeEvent[][] {
    return Object.values(this.#history.logs).flat();
  }

  #isConsumed(): boolean {
    return this.#logs().every((log) => (this.#committed.get(log) ?? 0) === log.length);
  }

  #startInvocations(): void {
    for (const log of this.#logs()) {
      const from = this.#committed.get(log) ?? 0;
      // Kafka gives a partition to someone else while its owner still works: a late twin.
      if (this.#owners.has(log) && this.#random.chance(0.002)) this.#owners.delete(log);
      if (this.#owners.has(log) || from === log.length) continue;
      const to = Math.min(log.length, from + 1 + this.#random.below(BATCH_MAX));
      void this.#invoke(log, from, to);
    }
  }

  async #invoke(log: ChangeEvent[], from: number, to: number): Promise<void> {
    const owner = {};
    this.#owners.set(log, owner);
    try {
      await this.#aggregate(log.slice(from, to));
      if (this.#owners.get(log) === owner) this.#committed.set(log, to);
    } catch (error) {
      const errors = error instanceof AggregateError ? error.errors : [error];
      if (!errors.every((one) => one instanceof Crash)) throw error;
    }
    if (this.#owners.get(log) === owner) this.#owners.delete(log);
  }

  async #aggregate(changes: ChangeEvent[]): Promise<void> {
    const { table } = this.#interleaving.enter(this.table);
    const now = () => this.#nowMs;
    const rankings: Rankings = makeRankings(table, now);
    await aggregatePartition(toBatch(changes, this.#history), {
      decode: ({ offset }) => {
        const change = changes.find((candidate) => candidate.offset === offset);
        return change ? { kind: 'change', change } : { kind: 'skip' };
      },
      aggregates: makeAggregateStore({ table, rankings, now }),
      quarantine: { put: async (rejections) => expect(rejections).toEqual([]) },
      streamEpoch: '0',
    });
  }
}

function toBatch(changes: ChangeEvent[], { partitions }: History): PartitionBatch {
  const [{ table, id } = { table: 'orders' as Table, id: 0n }] = changes;
  const position = { topic: `shop.public.${table}`, partition: Number(id) % partitions };
  const empty = { timestamp: 0, key: null, value: null, headers: [] };
  return { ...position, records: changes.map(({ offset }) => ({ ...position, ...empty, offset })) };
}

function plain(figures: Figures): PlainFigures {
  const statuses: Record<string, number> = {};
  for (const [status, count] of figures.days.flatMap((day) => [...day.ordersByStatus])) {
    statuses[status] = (statuses[status] ?? 0) + Number(count);
  }
  const days = figures.days.map(({ day, orders, amount }) => [day, `${orders} ${amount.toText()}`]);
  return {
    days: Object.fromEntries(days),
    statuses,
    customers: figures.customers.map(
      ({ id, orders, spent }) => `${id}: ${orders} ${spent.toText()}`,
    ),
    products: figures.products.map(
      ({ id, quantity, revenue }) => `${id}: ${quantity} ${revenue.toText()}`,
    ),
    distinct: [Number(figures.distinctCustomers), Number(figures.distinctProducts)],
  };
}

test.for(seeds(250))('figures equal SQL at quiet, seed %i', async (seed) => {
  const run = new Run(seed);
  await run.toQuiet();
  const context = `SEED=${seed}`;
  expect(plain(await run.report()), context).toEqual(run.expected);
  // The ranking refills its index over several runs: it must stay right through all of them.
  for (let later = 0; later < 4; later++) {
    run.waitAnHour();
    expect(plain(await run.report()), `${context}, ${later} h later`).toEqual(run.expected);
  }
  const sums = [...run.table.items.values()].flatMap((item) =>
    item.n && 'N' in item.n ? [item.n.N] : [],
  );
  expect(
    sums.every((count) => !Decimal.of(count).isNegative),
    context,
  ).toBe(true);
});
