// I31: of a table that is written to, the audit reports what is broken and not what is under way.
import { expect, test } from 'vitest';
import { integerKey } from '../../../functions/orders/change.ts';
import { Decimal } from '../../../functions/orders/decimal.ts';
import type { RowImage } from '../../../functions/orders/image.ts';
import { auditSteadily } from '../../../functions/orders/steady-audit.ts';
import { imageToItem } from '../../../functions/orders/store/image-item.ts';
import type { Table } from '../../../functions/orders/store/table-store.ts';
import { number } from '../../../functions/orders/store/update-request.ts';
import { deliver } from '../../support/deliver.ts';
import { MemoryTable } from '../../support/memory-table.ts';
import { makeRandom } from '../../support/random.ts';
import { makeHistory } from '../../support/shop-history.ts';

async function soundTable(): Promise<MemoryTable> {
  const table = new MemoryTable();
  await deliver(table, makeHistory(makeRandom(7), 200), () => 10);
  return table;
}

const KEY = { pk: 'stream', sk: 'shop 0:9' };
const DAY = '2025-01-01';

/** A batch of one order, until its sums are written. */
async function beginBatch(table: Table, id: number, amount = 0): Promise<void> {
  await table.update({ key: KEY, set: new Map([['b', number(id)]]), conditions: [] });
  const add = new Map([
    ['n', Decimal.ofInteger(1)],
    ['s:paid', Decimal.ofInteger(1)],
    ['a', Decimal.ofInteger(amount)],
  ]);
  await table.update({ key: { pk: 'day#0', sk: DAY }, add, conditions: [] });
}

/** Its image, and that it has ended. */
async function endBatch(table: Table, id: number, amount = 0): Promise<void> {
  const value = Decimal.ofInteger(amount);
  const row = { customer: null, amount: value, status: 'paid', day: DAY };
  const position = { key: integerKey(BigInt(1_000 + id)), stream: '0:9', offset: BigInt(id) };
  const image: RowImage = { table: 'orders', row, ...position };
  await table.put(imageToItem(image, 0), []);
  await table.update({ key: KEY, set: new Map([['e', number(id)]]), conditions: [] });
}

async function damage(table: MemoryTable): Promise<void> {
  const [name, item] = [...table.items].find(([key]) => key.startsWith('product#')) ?? [];
  if (name && item) table.items.set(name, { ...item, q: number(12_345) });
}

test('at quiet one look is enough, and says so', async () => {
  const table = await soundTable();
  const never = () => Promise.reject(new Error('looked twice'));
  expect(await auditSteadily(table, never)).toMatchObject({ isQuiet: true, differences: [] });
  await damage(table);
  const { isQuiet, differences } = await auditSteadily(table, never);
  expect({ isQuiet, found: differences.map(({ attribute }) => attribute) }).toEqual({
    isQuiet: true,
    found: ['q'],
  });
});

test('a batch under way is no difference once it has ended', async () => {
  const table = await soundTable();
  await beginBatch(table, 1);
  let looks = 1;
  const result = await auditSteadily(table, async () => {
    looks += 1;
    await endBatch(table, 1);
    await beginBatch(table, 2);
    await endBatch(table, 2);
  });
  expect({ looks, ...result }).toMatchObject({ looks: 2, isQuiet: true, differences: [] });
});

test('what a batch under way changes differs from look to look', async () => {
  const table = await soundTable();
  await beginBatch(table, 1);
  let id = 1;
  const result = await auditSteadily(table, async () => {
    // Never at rest, and each time more of them at once.
    for (const last = 2 * id; id < last; ) await beginBatch(table, ++id);
  });
  expect(result).toMatchObject({ isQuiet: false, differences: [] });
});

test('what is broken is found although its sums grow from look to look', async () => {
  const table = await soundTable();
  await table.update({
    key: { pk: 'day#0', sk: DAY },
    add: new Map([['a', Decimal.of('0.07')]]),
    conditions: [],
  });
  await beginBatch(table, 1);
  let id = 1;
  const result = await auditSteadily(table, async () => {
    await endBatch(table, id);
    await beginBatch(table, ++id, 5);
    await endBatch(table, id, 5);
    await beginBatch(table, ++id);
    await beginBatch(table, ++id);
  });
  expect(result.isQuiet).toBe(false);
  expect(result.differences).toMatchObject([{ aggregate: `day ${DAY}`, attribute: 'a' }]);
});
