// I3: the fold's laws, on random histories: the aggregates do not depend on how the stream was cut into
// batches; delivering it again changes nothing; a change and its undo leave what was before.
import { expect, test } from 'vitest';
import type { ChangeEvent } from '../../functions/orders/change.ts';
import { integerKey } from '../../functions/orders/change.ts';
import { Decimal } from '../../functions/orders/decimal.ts';
import { deliver, deliverBatch } from '../support/deliver.ts';
import { MemoryTable } from '../support/memory-table.ts';
import { makeRandom, seeds } from '../support/random.ts';
import { makeHistory } from '../support/shop-history.ts';

/** What the table says, less the marks, which only remember how the batches were cut. */
function contents(table: MemoryTable): object {
  const items = [...table.items].map(([name, item]) => [
    name,
    Object.fromEntries(Object.entries(item).filter(([attribute]) => !attribute.startsWith('x:'))),
  ]);
  return Object.fromEntries(items);
}

/** The sums alone: what a report could show. */
function sums(table: MemoryTable): string[] {
  return [...table.items]
    .flatMap(([name, item]) =>
      Object.entries(item).flatMap(([attribute, value]) =>
        'N' in value && /^([navq]|s:.*)$/.test(attribute) && !/#\d+ row$/.test(name)
          ? [`${name} ${attribute} ${value.N}`]
          : [],
      ),
    )
    .filter((line) => !line.endsWith(' 0'))
    .sort();
}

test.for(seeds(60))('any cut into batches gives the same table, seed %i', async (seed) => {
  const random = makeRandom(seed);
  const history = makeHistory(random, 150);
  const whole = new MemoryTable();
  await deliver(whole, history, () => 10_000);
  for (const batchSize of [() => 1, () => 7, () => 1 + random.below(20)]) {
    const cut = new MemoryTable();
    await deliver(cut, history, batchSize);
    expect(sums(cut), `SEED=${seed}`).toEqual(sums(whole));
  }
});

test.for(seeds(60))('delivering everything again changes nothing, seed %i', async (seed) => {
  const random = makeRandom(seed);
  const history = makeHistory(random, 150);
  const table = new MemoryTable();
  await deliver(table, history, () => 1 + random.below(20));
  const before = contents(table);
  expect(await deliver(table, history, () => 1 + random.below(20)), `SEED=${seed}`).toBe(0);
  expect(contents(table), `SEED=${seed}`).toEqual(before);
});

test.for(seeds(60))('a change and its undo cancel, seed %i', async (seed) => {
  const random = makeRandom(seed);
  const history = makeHistory(random, 80);
  const table = new MemoryTable();
  await deliver(table, history, () => 10_000);
  const before = sums(table);
  const { partitions } = history;
  const rows = [
    ...[...history.orders].map(([id, row]) => ({ table: 'orders' as const, id, row })),
    ...[...history.items].map(([id, row]) => ({ table: 'order_items' as const, id, row })),
  ];
  for (const { table: name, id, row } of rows) {
    const log = history.logs[name][Number(id) % partitions] ?? [];
    let offset = (log.at(-1)?.offset ?? 0n) + 1_000n * (id + 1n);
    const changed =
      name === 'orders'
        ? { ...row, customer: 99n, amount: Decimal.of('123.45'), status: 'odd', day: '1999-01-01' }
        : { ...row, product: 99n, quantity: 5n, price: Decimal.of('9.99') };
    for (const next of [changed, null, changed, row]) {
      const change = {
        table: name,
        key: integerKey(id),
        offset: ++offset,
        row: next,
      } as ChangeEvent;
      await deliverBatch(table, [change], partitions);
    }
  }
  expect(sums(table), `SEED=${seed}`).toEqual(before);
});
