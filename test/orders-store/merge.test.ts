// I70, I72, I73, I74: what a plan merges is merged once, whoever dies or is late; rankings in a total order.
// I123: what is acknowledged is noted as ended. I133: the runbook's "Merge taken up".
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Decimal } from '../../functions/orders/decimal.ts';
import type { Sums } from '../../functions/orders/fold/sums.ts';
import { isPresent } from '../../functions/orders/merge/base.ts';
import { merge } from '../../functions/orders/merge/merge.ts';
import type { Plan } from '../../functions/orders/merge/plan.ts';
import type { PlanStore } from '../../functions/orders/merge/plan-store.ts';
import {
  byRank,
  isShort,
  NO_RANKING,
  type Ranking,
  rerank,
} from '../../functions/orders/merge/ranking.ts';
import { isPage } from '../../functions/orders/pages/place.ts';
import { rebuild } from '../../functions/orders/repair/rebuild.ts';
import { itemKeys } from '../../functions/orders/table/items.ts';
import { REFUSED, type Writing } from '../../functions/orders/table/table-store.ts';
import { kafkaRecord } from '../support/kafka-record.ts';
import { MemoryTable } from '../support/memory-table.ts';
import { ordersOver } from '../support/orders.ts';

const TOPIC = 'dbserver1.public.orders';

function batch(from: number, count: number, status = 'new', partition = 0) {
  const records = Array.from({ length: count }, (_, at) => {
    const id = (from + at) % 40;
    const after = { id, customer_id: id % 7, total_amount: '1.50', status, created_at: 1e15 };
    const source = { table: 'orders', lsn: 1_000 + from + at, ts_ms: 1_000 + from + at };
    const value = JSON.stringify({ op: 'u', before: null, after, source });
    return kafkaRecord({ topic: TOPIC, partition, offset: from + at, value });
  });
  return { topic: TOPIC, partition, records };
}

/** Dies at the n-th write. */
class DyingTable extends MemoryTable {
  left = Number.POSITIVE_INFINITY;
  override async put(writing: Writing) {
    if (this.left-- <= 0) throw new Error('killed');
    return super.put(writing);
  }
}

const summaryOf = async (orders: ReturnType<typeof ordersOver>) =>
  (await orders.reports()).at(-1)?.replace(/"generated_at": "[^"]*"/, '');

test('a run that dies at any of its writes is taken up: the same reports, and the audit is content', async () => {
  const wanted = new MemoryTable();
  const undisturbed = ordersOver(wanted);
  await undisturbed.aggregate(batch(0, 60));
  await undisturbed.aggregate(batch(60, 60, 'paid'));
  const expected = await summaryOf(undisturbed);
  for (let dies = 0; dies < 14; dies++) {
    const table = new DyingTable();
    const orders = ordersOver(table, { topN: 3 });
    await orders.aggregate(batch(0, 60));
    await orders.reports();
    await orders.aggregate(batch(60, 60, 'paid'));
    table.left = dies;
    await orders.reports().catch((error: Error) => expect(error.message).toBe('killed'));
    table.left = Number.POSITIVE_INFINITY;
    expect((await orders.audit()).differences).toEqual([]);
    expect(await summaryOf(orders)).toBe(expected);
    expect((await orders.audit()).differences).toEqual([]);
  }
});

test('a batch that dies at any of its writes counts once when it comes again in other batches', async () => {
  for (let dies = 0; dies < 12; dies++) {
    const table = new DyingTable();
    const orders = ordersOver(table);
    table.left = dies;
    await orders
      .aggregate(batch(0, 60))
      .catch((error: Error) => expect(error.message).toBe('killed'));
    table.left = Number.POSITIVE_INFINITY;
    for (let from = 0; from < 60; from += 13) {
      await orders.aggregate(batch(from, Math.min(13, 60 - from)));
    }
    expect((await orders.audit()).differences).toEqual([]);
    expect(await summaryOf(orders)).toContain('"total_orders": 40');
  }
});

test('a batch that dies is noted as ended, though its last records come again alone and change nothing', async () => {
  const whole = batch(0, 10);
  const idle = kafkaRecord({ topic: TOPIC, partition: 0, offset: 10, value: null });
  let nowMs = 0;
  for (let dies = 0; dies < 6; dies++) {
    const table = new DyingTable();
    const orders = ordersOver(table, { now: () => nowMs++ });
    table.left = dies;
    await orders
      .aggregate({ ...whole, records: [...whole.records, idle] })
      .catch((error: Error) => expect(error.message).toBe('killed'));
    table.left = Number.POSITIVE_INFINITY;
    await orders.aggregate(whole);
    await orders.aggregate({ ...whole, records: [idle] });
    const { differences } = await rebuild(orders.ports, { isDryRun: false, waitMsMax: 0 });
    expect(differences).toEqual([]);
  }
});

test('a long outage is merged in several plans, and each is whole', async () => {
  const table = new MemoryTable();
  const orders = ordersOver(table);
  for (let from = 0; from < 200; from += 10) await orders.aggregate(batch(from, 10));
  const { plan, segments } = await merge({ ...orders.ports, bytesMax: 500 });
  expect(segments).toBe(20);
  expect(plan.epoch).toBeGreaterThan(3);
  expect((await orders.audit()).differences).toEqual([]);
});

test('a row that came anew once its tombstone was forgotten is in no plan before its delete is', async () => {
  let nowMs = 0;
  const table = new MemoryTable();
  const orders = ordersOver(table, { now: () => nowMs });
  await orders.aggregate(batch(1, 1));
  await orders.reports();
  const before = { id: 1 };
  const value = JSON.stringify({ op: 'd', before, after: null, source: { table: 'orders' } });
  const records = [kafkaRecord({ topic: TOPIC, partition: 0, offset: 2, value })];
  await orders.aggregate({ topic: TOPIC, partition: 0, records });
  // What DynamoDB does after eight days.
  for (const [name, { key }] of table.items) if (isPage(key)) table.items.delete(name);
  nowMs = 9 * 24 * 60 * 60 * 1000;
  await orders.aggregate(batch(1, 1, 'paid', 1));
  const plans: Plan[] = [];
  const replace: PlanStore['replace'] = (read, plan) => {
    plans.push(plan);
    return orders.ports.plans.replace(read, plan);
  };
  await merge({ ...orders.ports, plans: { ...orders.ports.plans, replace }, bytesMax: 1 });
  const [withDelete, anew] = [`0:${TOPIC}:0`, `0:${TOPIC}:1`].map((stream, at) =>
    plans.findIndex(({ ranges }) => ranges.get(stream)?.to === 2 - at),
  );
  expect(withDelete).toBeGreaterThanOrEqual(0);
  expect(anew).toBeGreaterThan(withDelete ?? 0);
});

test('old segments go behind the fence, but never a stream’s newest', async () => {
  let nowMs = 0;
  const table = new MemoryTable();
  const orders = ordersOver(table, { now: () => nowMs });
  for (let from = 0; from < 30; from += 10) await orders.aggregate(batch(from, 10));
  nowMs = 3 * 86_400_000;
  for (let plan = 0; plan < 12; plan++) await orders.reports();
  const chain = await Array.fromAsync(table.query(itemKeys.chain(`0:${TOPIC}:0`)));
  expect(chain.map(({ key }) => key.sk)).toEqual(['000000000003', 'ended']);
  await orders.aggregate(batch(20, 20));
  expect((await orders.audit()).differences).toEqual([]);
});

test('a rebuild mends pages, counters and rankings while batches go on', async () => {
  const table = new MemoryTable();
  const orders = ordersOver(table);
  await orders.aggregate(batch(0, 40));
  const before = await orders.reports();
  const seen = await table.get(itemKeys.base('customer', '0'));
  await table.put({
    ...{ key: itemKeys.base('customer', '0'), seen },
    text: seen?.text.replace('"3":[6', '"3":[9') ?? '',
  });
  const counters = await table.get(itemKeys.counters);
  await table.put({
    ...{ key: itemKeys.counters, seen: counters },
    text: counters?.text.replace('"customer":7', '"customer":5') ?? '',
  });
  const { differences } = await rebuild(orders.ports, { isDryRun: false, waitMsMax: 0 });
  expect(differences).toEqual([
    { aggregate: 'customer 3', attribute: 'count', expected: '6', actual: '9' },
    { aggregate: 'distinct customers', attribute: 'count', expected: '7', actual: '5' },
  ]);
  expect((await orders.audit()).differences).toEqual([]);
  expect(await orders.reports()).toEqual(before);
  const again = await rebuild(orders.ports, { isDryRun: true, waitMsMax: 0 });
  expect(again.differences).toEqual([]);
});

test('a later plan is not written over: who is late is refused', async () => {
  const table = new MemoryTable();
  const orders = ordersOver(table);
  await orders.aggregate(batch(0, 10));
  const late = await orders.ports.plans.read();
  await orders.reports();
  expect(await orders.ports.plans.replace(late, { ...late.plan, epoch: 1 })).toBe(REFUSED);
});

const sums = fc
  .tuple(fc.integer({ min: -1, max: 2 }), fc.integer({ min: -3, max: 3 }))
  .map(([count, amount]): Sums => {
    return { count: BigInt(count), quantity: 0n, amount: Decimal.ofInteger(amount) };
  });

test('the ranking is the sort of all who are there, through ties, leavers and trims', () => {
  const changes = fc.array(fc.dictionary(fc.integer({ min: 1, max: 90 }).map(String), sums), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(changes, fc.integer({ min: 1, max: 4 }), (rounds, topN) => {
      const all = new Map<string, Sums>();
      let ranking: Ranking = NO_RANKING;
      for (const [epoch, touched] of rounds.entries()) {
        for (const [name, one] of Object.entries(touched)) all.set(name, one);
        const present = [...all]
          .filter(([, one]) => isPresent(one))
          .map(([name, one]) => ({ id: BigInt(name), sums: one }))
          .sort(byRank);
        ranking = rerank(ranking, epoch, new Map(Object.entries(touched)), topN);
        // Too few above the floor: the pages are read, and all are known again.
        if (isShort(ranking, topN)) ranking = { epoch, best: present, floor: undefined };
        expect(ranking.best.slice(0, topN)).toEqual(present.slice(0, topN));
      }
    }),
  );
});
