// I3: the fold's laws, on random histories: the aggregates do not depend on how the stream was cut into
// batches; delivering it again changes nothing; a change and its undo leave what was before.
import { expect, test } from 'vitest';
import { Decimal } from '../../functions/orders/decimal.ts';
import type { ChangeEvent } from '../../functions/orders/fold/change.ts';
import { deliver, deliverTo } from '../support/deliver.ts';
import { MemoryTable } from '../support/memory-table.ts';
import { ordersOver } from '../support/orders.ts';
import { makeRandom, seeds } from '../support/random.ts';
import { integerKey, makeHistory } from '../support/shop-history.ts';

/** What the reports show, once the images agree with it. */
async function reportsOf(table: MemoryTable, seed: number): Promise<string[]> {
  const orders = ordersOver(table);
  const reports = await orders.reports();
  expect((await orders.audit()).differences, `SEED=${seed}`).toEqual([]);
  return reports;
}

test.for(seeds(60))('any cut into batches gives the same reports, seed %i', async (seed) => {
  const random = makeRandom(seed);
  const history = makeHistory(random, 150);
  const whole = new MemoryTable();
  await deliver(whole, history, () => 10_000);
  for (const batchSize of [() => 1, () => 7, () => 1 + random.below(20)]) {
    const cut = new MemoryTable();
    await deliver(cut, history, batchSize);
    expect(await reportsOf(cut, seed), `SEED=${seed}`).toEqual(await reportsOf(whole, seed));
  }
});

test.for(seeds(60))('delivering everything again changes nothing, seed %i', async (seed) => {
  const random = makeRandom(seed);
  const history = makeHistory(random, 150);
  const table = new MemoryTable();
  await deliver(table, history, () => 1 + random.below(20));
  const before = await reportsOf(table, seed);
  expect(await deliver(table, history, () => 1 + random.below(20)), `SEED=${seed}`).toBe(0);
  expect(await reportsOf(table, seed), `SEED=${seed}`).toEqual(before);
});

test.for(seeds(60))('a change and its undo cancel, seed %i', async (seed) => {
  const random = makeRandom(seed);
  const history = makeHistory(random, 80);
  const table = new MemoryTable();
  await deliver(table, history, () => 10_000);
  const before = await reportsOf(table, seed);
  const rows = [
    ...[...history.orders].map(([id, row]) => ({ table: 'orders' as const, id, row })),
    ...[...history.items].map(([id, row]) => ({ table: 'order_items' as const, id, row })),
  ];
  for (const { table: name, id, row } of rows) {
    const partition = Number(id) % history.partitions;
    let offset = (history.logs[name][partition]?.at(-1)?.offset ?? 0n) + 1_000n * (id + 1n);
    const changed =
      name === 'orders'
        ? { ...row, customer: 99n, amount: Decimal.of('123.45'), status: 'odd', day: '1999-01-01' }
        : { ...row, product: 99n, quantity: 5n, price: Decimal.of('9.99') };
    const changes = [changed, null, changed, row].map((next) => {
      offset += 1n;
      return { table: name, key: integerKey(id), offset, row: next } as ChangeEvent;
    });
    for (const change of changes) {
      await deliverTo(table)({ table: name, partition, changes: [change] });
    }
  }
  expect(await reportsOf(table, seed), `SEED=${seed}`).toEqual(before);
});
