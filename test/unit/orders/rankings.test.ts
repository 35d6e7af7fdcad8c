// I8 by example.
import { expect, test } from 'vitest';
import { Decimal } from '../../../functions/orders/decimal.ts';
import { itemKeys } from '../../../functions/orders/items.ts';
import { makeAggregateStore } from '../../../functions/orders/store/aggregate-store.ts';
import { moveFloor } from '../../../functions/orders/store/ranking-floor.ts';
import { RankingReader } from '../../../functions/orders/store/ranking-reader.ts';
import { makeRankings } from '../../../functions/orders/store/rankings.ts';
import { number, text } from '../../../functions/orders/store/update-request.ts';
import { MemoryTable } from '../../support/memory-table.ts';

const now = () => 0;
const limits = { indexMax: 5, indexKept: 3, leavesMax: 100 };

class CountingTable extends MemoryTable {
  scans = 0;
  override scan() {
    this.scans += 1;
    return super.scan();
  }
}

function putCustomer(table: MemoryTable, id: bigint, score: number, isRanked = true): void {
  const { pk, sk } = itemKeys.entity('customer', id);
  table.items.set(`${pk} ${sk}`, {
    pk: text(pk),
    sk: text(sk),
    n: number(1),
    a: number(score),
    'w:0:0': number(7),
    ...(isRanked && { rk: text('customer') }),
  });
}

test('of a tie across the cut the smaller ids are shown, however many tie', async () => {
  const table = new MemoryTable();
  for (let id = 30n; id > 0n; id--) putCustomer(table, id, 10);
  const top = await new RankingReader(table, now, limits).readTop('customer', 3);
  expect(top.map(({ id }) => id)).toEqual([1n, 2n, 3n]);
});

test('ids are ranked as numbers, not as text', async () => {
  const table = new MemoryTable();
  for (const id of [10n, 9n, 100n]) putCustomer(table, id, 10);
  const top = await new RankingReader(table, now, limits).readTop('customer', 3);
  expect(top.map(({ id }) => id)).toEqual([9n, 10n, 100n]);
});

test('a retry after a crash between the sums and the index key sets the key', async () => {
  const table = new MemoryTable();
  await moveFloor(table, 'customer', {}, { score: Decimal.ofInteger(5) });
  putCustomer(table, 1n, 10, false);
  const store = makeAggregateStore({ table, rankings: makeRankings(table, now), now });
  const aggregate = { key: itemKeys.entity('customer', 1n), entity: 'customer' as const };
  const delta = new Map([['a', Decimal.ofInteger(10)]]);
  const aggregates = [{ aggregate, steps: [{ offset: 7n, delta }] }];
  const fold = { aggregates, images: [], applied: 1, skipped: 0, unresolved: [] };
  const stretch = { firstOffset: 7n, lastOffset: 7n };
  await store.apply(fold, { name: '0:0', partition: 0 }, stretch);
  expect(await table.get(aggregate.key)).toMatchObject({ rk: text('customer'), a: number(10) });
});

test('after a refill the index is trusted again, and normal runs never scan', async () => {
  const table = new CountingTable();
  let nowMs = 0;
  const reader = new RankingReader(table, () => nowMs, limits);
  for (let id = 1n; id <= 20n; id++) putCustomer(table, id, Number(id));
  const readIds = async () => (await reader.readTop('customer', 2)).map(({ id }) => id);
  expect(await readIds()).toEqual([20n, 19n]);
  expect(await readIds()).toEqual([20n, 19n]);
  expect(table.scans).toBe(0);
  for (let id = 18n; id <= 20n; id++) table.items.delete(`customer#${id} sum`);
  expect(await readIds()).toEqual([17n, 16n]);
  expect(table.scans).toBe(1);
  nowMs += 3_600_000;
  expect(await readIds()).toEqual([17n, 16n]);
  expect(table.scans).toBe(2);
  expect(await readIds()).toEqual([17n, 16n]);
  expect(table.scans).toBe(2);
});
