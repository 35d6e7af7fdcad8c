// A random history delivered to the real fold and store over a table in memory, with everything that
// Kafka and Lambda may do to it: any batches, crashes, redelivery, twins that finish late. One seed
// decides a whole run.
import { expect } from 'vitest';
import type { Rejection } from '../../functions/kafka/quarantine.ts';
import type { PartitionBatch } from '../../functions/kafka/records.ts';
import type { Decode } from '../../functions/orders/debezium/decode.ts';
import type { ChangeEvent } from '../../functions/orders/fold/change.ts';
import type { Figures } from '../../functions/orders/reports/figures.ts';
import type { Table } from '../../functions/orders/table/table-store.ts';
import { expectedFigures, type PlainFigures } from './expected-figures.ts';
import { Crash, Interleaving } from './interleaving.ts';
import { MemoryTable } from './memory-table.ts';
import { ordersOver } from './orders.ts';
import type { Random } from './random.ts';
import type { History } from './shop-history.ts';

const TOP_N = 3;
const CLOCK_STEP_MS = 400;
const BATCH_MAX = 14;
const STEPS_MAX = 200_000;
const CRASHES = 0.004;
const TWINS = 0.002;

export interface Disturbance {
  /** Before each step; answers whether it is done with the run. */
  step?(): boolean;
  /** What the decoder makes of a change, where not the change itself. */
  decode?(change: ChangeEvent): ReturnType<Decode> | undefined;
  quarantine?(rejections: readonly Rejection[]): void;
}

export class ProtocolRun {
  readonly table = new MemoryTable();
  readonly history: History;
  readonly #random: Random;
  readonly #disturbance: Disturbance;
  readonly #interleaving: Interleaving;
  readonly #committed = new Map<ChangeEvent[], number>();
  readonly #owners = new Map<ChangeEvent[], object>();
  /** While it is set, only batches that were tried before are tried again, until they come through. */
  isHeld = false;
  readonly #tried = new Map<ChangeEvent[], number>();
  #underWay = 0;
  #nowMs = 0;

  constructor(random: Random, history: History, disturbance: Disturbance = {}) {
    this.#random = random;
    this.history = history;
    this.#disturbance = disturbance;
    this.#interleaving = new Interleaving(random, CRASHES);
  }

  get expected(): PlainFigures {
    return expectedFigures(this.history, TOP_N);
  }

  /** No invocation is running, not even a late twin. */
  get isIdle(): boolean {
    return this.#underWay === 0;
  }

  /** Nor is one to be repeated. */
  get isBetweenBatches(): boolean {
    const isDone = (log: ChangeEvent[]) =>
      (this.#committed.get(log) ?? 0) === (this.#tried.get(log) ?? 0);
    return this.isIdle && this.#logs.every(isDone);
  }

  /** Whether a batch that holds it has come through. */
  isApplied(change: ChangeEvent): boolean {
    return this.#logs.some((log) => {
      const at = log.indexOf(change);
      return at >= 0 && at < (this.#committed.get(log) ?? 0);
    });
  }

  readonly now = () => this.#nowMs;

  /** The table for one further process, whose calls take their turns among the invocations'. */
  enter(): Table {
    return this.#interleaving.enter(this.table).table;
  }

  async toQuiet(onReport: () => Promise<unknown> = () => this.report()): Promise<void> {
    for (let step = 0; step < STEPS_MAX; step++) {
      this.#startInvocations();
      this.#nowMs += CLOCK_STEP_MS;
      if (this.#random.chance(0.01)) await onReport();
      const isDone = this.#disturbance.step?.() ?? true;
      if (!(await this.#interleaving.step()) && this.#isConsumed() && isDone) return;
    }
    throw new Error('The run does not come to rest.');
  }

  async report(): Promise<Figures> {
    const figures = await ordersOver(this.table, { now: this.now, topN: TOP_N }).figures();
    for (const { orders, ordersByStatus } of figures.days) {
      expect([...ordersByStatus.values()].reduce((sum, count) => sum + count, 0n)).toBe(orders);
    }
    return figures;
  }

  get #logs(): ChangeEvent[][] {
    return Object.values(this.history.logs).flat();
  }

  #isConsumed(): boolean {
    return this.#logs.every((log) => (this.#committed.get(log) ?? 0) === log.length);
  }

  #startInvocations(): void {
    for (const log of this.#logs) {
      const from = this.#committed.get(log) ?? 0;
      // Kafka gives a partition to someone else while its owner still works: a late twin.
      if (this.#owners.has(log) && this.#random.chance(TWINS)) this.#owners.delete(log);
      if (this.#owners.has(log) || from === log.length) continue;
      const end = this.isHeld ? (this.#tried.get(log) ?? 0) : log.length;
      const to = Math.min(end, from + 1 + this.#random.below(BATCH_MAX));
      if (to <= from) continue;
      this.#tried.set(log, Math.max(to, this.#tried.get(log) ?? 0));
      void this.#invoke(log, from, to);
    }
  }

  #toBatch(log: ChangeEvent[], changes: readonly ChangeEvent[]): PartitionBatch {
    const { orders, order_items } = this.history.logs;
    const topic = orders.includes(log) ? TOPICS.orders : TOPICS.order_items;
    const partition = Math.max(orders.indexOf(log), order_items.indexOf(log));
    const empty = { timestamp: 0, key: null, value: null, headers: [] };
    const records = changes.map(({ offset }) => ({ topic, partition, offset, ...empty }));
    return { topic, partition, records };
  }

  async #invoke(log: ChangeEvent[], from: number, to: number): Promise<void> {
    const owner = {};
    this.#owners.set(log, owner);
    this.#underWay += 1;
    try {
      await this.#aggregate(log, log.slice(from, to));
      if (this.#owners.get(log) === owner) this.#committed.set(log, to);
    } catch (error) {
      if (!isCrash(error)) throw error;
    }
    this.#underWay -= 1;
    if (this.#owners.get(log) === owner) this.#owners.delete(log);
  }

  async #aggregate(log: ChangeEvent[], changes: ChangeEvent[]): Promise<void> {
    const decode: Decode = ({ offset }) => {
      const change = changes.find((candidate) => candidate.offset === offset);
      if (!change) return { kind: 'ignore' };
      return this.#disturbance.decode?.(change) ?? { kind: 'change', change };
    };
    const quarantine = {
      put: async (rejections: readonly Rejection[]) => {
        if (!this.#disturbance.quarantine) expect(rejections).toEqual([]);
        this.#disturbance.quarantine?.(rejections);
      },
    };
    const { now } = this;
    const orders = ordersOver(this.enter(), { decode, quarantine, now });
    await orders.aggregate(this.#toBatch(log, changes));
  }
}

export const TOPICS = { orders: 'shop.public.orders', order_items: 'shop.public.order_items' };

export function isCrash(error: unknown): boolean {
  const errors = error instanceof AggregateError ? error.errors : [error];
  return errors.every((one) => one instanceof Crash);
}

export function toPlain(figures: Figures): PlainFigures {
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

export async function expectFiguresEqualSql(run: ProtocolRun, context: string): Promise<void> {
  expect(toPlain(await run.report()), context).toEqual(run.expected);
}
