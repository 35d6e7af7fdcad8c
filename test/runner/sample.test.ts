import { join } from 'node:path';
import { expect, test } from 'vitest';
import { toDebeziumRecords } from '../../local/sample/debezium-event.ts';
import { nextTransaction, openShop, type RowChange } from '../../local/sample/shop.ts';
import { emitTransaction, readShop } from '../../local/sample/traffic.ts';
import { Positions } from '../../local/stream/positions.ts';
import { LocalTopics } from '../../local/stream/topics.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const NOW_US = 1_736_900_000_000_000;
const TOPICS = ['dbserver1.public.orders', 'dbserver1.public.order_items'];

function trade(shop = openShop(7), transactions = 400): RowChange[] {
  return Array.from({ length: transactions }, (_, n) => nextTransaction(shop, NOW_US + n)).flat();
}

function sendAll(changes: readonly RowChange[]) {
  return changes.flatMap((change, index) => {
    const lsn = 1000 + index;
    const commit = { txId: 1, lsn, previousLsn: 999, committedUs: NOW_US, sentUs: NOW_US + 1 };
    return toDebeziumRecords(change, commit).records;
  });
}

test('the same seed trades the same, another seed does not', () => {
  expect(trade()).toEqual(trade());
  expect(trade(openShop(8))).not.toEqual(trade());
});

test('a restart from the written state goes on as if there had been none', () => {
  const shop = openShop(7);
  const first = trade(shop, 200);
  const restored = JSON.parse(JSON.stringify(shop));
  expect([...first, ...trade(restored, 50)]).toEqual([...first, ...trade(shop, 50)]);
  expect(JSON.stringify(trade(openShop(7), 5000) && shop).length).toBeLessThan(60_000);
});

test('the shop does all that a database does to rows, and each change follows from the last', () => {
  const rows = new Map<string, unknown>();
  const seen = new Set<string>();
  for (const { table, before, after } of trade()) {
    const key = `${table} ${(after ?? before)?.id}`;
    expect(before).toEqual(rows.get(key) ?? null);
    if (after) rows.set(key, after);
    else rows.delete(key);
    seen.add(`${table} ${!before ? 'insert' : !after ? 'delete' : 'update'}`);
    if (after && 'status' in after) seen.add(after.status);
  }
  expect([...seen].toSorted()).toEqual([
    ...['cancelled', 'completed', 'order_items delete', 'order_items insert'],
    ...['order_items update', 'orders delete', 'orders insert', 'orders update'],
    ...['pending', 'processing'],
  ]);
});

test('an order is worth its items', () => {
  const totals = new Map<number, number>();
  const amounts = new Map<number, number>();
  for (const change of trade()) {
    if (change.table === 'orders') {
      if (change.after) totals.set(change.after.id, change.after.total_cents);
      continue;
    }
    const { before, after } = change;
    const worth = (item: typeof after) => (item ? item.quantity * item.price_cents : 0);
    const order = (after ?? before)?.order_id ?? 0;
    // The items of a deleted order go first, its own row keeps the total.
    if (after) amounts.set(order, (amounts.get(order) ?? 0) + worth(after) - worth(before));
  }
  expect(totals.size).toBeGreaterThan(100);
  expect(totals).toEqual(amounts);
});

test('events are the connector’s: envelope, exact decimals, nanoseconds, tombstones', () => {
  const order = {
    ...{ id: 9, customer_id: 1001, status: 'pending' },
    ...{ total_cents: 32_768, created_at_us: NOW_US, updated_at_us: NOW_US },
  };
  const [created] = sendAll([{ table: 'orders', before: null, after: order }]);
  const event = JSON.parse(created?.value ?? '');
  expect(event).toMatchObject({ op: 'c', before: null, transaction: null });
  expect(event.after).toEqual({
    ...{ id: 9, customer_id: 1001, status: 'pending' },
    ...{ total_amount: 'AIAA', created_at: NOW_US, updated_at: NOW_US }, // 0x008000 = 32768
  });
  expect(event.source).toMatchObject({ lsn: 1000, sequence: '["999","1000"]', table: 'orders' });
  expect(created?.value).toContain(`"ts_ns":${NOW_US + 1}000}`);

  const deleted = sendAll([{ table: 'orders', before: order, after: null }]);
  expect(deleted.map(({ key }) => key)).toEqual(['{"id":9}', '{"id":9}']);
  expect(JSON.parse(deleted[0]?.value ?? '')).toMatchObject({
    op: 'd',
    before: { id: 9 },
    after: null,
  });
  expect(deleted[1]?.value).toBeNull();
});

test('every decimal decodes to what it was', () => {
  for (const cents of [0, 1, 127, 128, 255, 256, 32_767, 32_768, 65_535, 8_388_608, 2 ** 40]) {
    const item = {
      id: 1,
      order_id: 1,
      product_id: 1,
      quantity: 1,
      price_cents: cents,
      created_at_us: 1,
    };
    const [record] = sendAll([{ table: 'order_items', before: null, after: item }]);
    const bytes = Buffer.from(JSON.parse(record?.value ?? '').after.price, 'base64');
    expect(BigInt.asIntN(bytes.length * 8, BigInt(`0x${bytes.toString('hex')}`))).toBe(
      BigInt(cents),
    );
  }
});

test('a kill between events and state sends the same rows again under new offsets', async () => {
  const folder = temporaryDirectory();
  const topics = new LocalTopics(folder, TOPICS, await Positions.open(join(folder, 'positions')));
  const shop = await readShop(join(folder, 'shop.json'));
  const sent = emitTransaction(shop, topics, NOW_US);
  const resent = emitTransaction(await readShop(join(folder, 'shop.json')), topics, NOW_US);
  expect(resent).toBe(sent);
  for (const log of topics.logs) {
    const records = log.read(0n, 100).map(({ offset: _, ...record }) => record);
    expect(records.slice(records.length / 2)).toEqual(records.slice(0, records.length / 2));
  }
});
