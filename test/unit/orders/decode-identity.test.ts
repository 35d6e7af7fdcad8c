// I62: a record's topic says its table, its key says its row, and Debezium's own records are told from rows.
import { expect, test } from 'vitest';
import { REDRIVEN_HEADER } from '../../../functions/contracts.ts';
import type { KafkaRecord } from '../../../functions/kafka/records.ts';
import { type Decoded, makeDecode } from '../../../functions/orders/debezium/decode.ts';
import { readDecodeOptions } from '../../../functions/orders/debezium/options.ts';

const decode = makeDecode(readDecodeOptions({}));
const ORDERS = 'dbserver1.public.orders';
const ITEMS = 'dbserver1.public.order_items';

function record(topic: string, value: unknown, key: unknown = { id: 7 }): KafkaRecord {
  const bytes = (part: unknown) =>
    part === null ? null : Buffer.from(typeof part === 'string' ? part : JSON.stringify(part));
  return {
    topic,
    partition: 1,
    offset: 5n,
    timestamp: 0,
    key: bytes(key),
    value: bytes(value),
    headers: [],
  };
}

const order = {
  id: 7,
  customer_id: 42,
  total_amount: '119.98',
  status: 'pending',
  created_at: 1_736_899_200_000_000,
  updated_at: 1_736_899_200_000_000,
};
const item = { id: 7, order_id: 1, product_id: 3, quantity: 2, price: '10.00', created_at: 0 };
const source = { table: 'orders', lsn: 1234, ts_ms: 99 };
const expectedOrder = { customer: 42n, status: 'pending', day: '2025-01-15' };

function shown(decoded: Decoded) {
  if (decoded.kind !== 'change') return decoded;
  const { change } = decoded;
  const { row } = change;
  return {
    ...change,
    row: row && { ...row, ...('amount' in row && { amount: row.amount?.toText() }) },
  };
}

test('the table is the topic’s, whatever name the event has for it', () => {
  const partition = { op: 'c', after: order, source: { ...source, table: 'orders_2025_07' } };
  expect(decode(record(ORDERS, partition))).toMatchObject({ change: { table: 'orders' } });
  const flattened = decode(record(ITEMS, { ...item, __table: 'items_archive', __schema: 'shop' }));
  expect(flattened).toMatchObject({ change: { table: 'order_items', schema: 'shop' } });
  expect(
    decode(record(ORDERS, { op: 'd', before: { id: 7 }, source: { table: 'order_items' } })),
  ).toEqual({ kind: 'reject', reason: 'the event is of table order_items, its topic of orders' });
});

test('configured topics are the table’s, for upserts, deletes and tombstones alike', () => {
  const configured = makeDecode(readDecodeOptions({ ORDERS_TOPICS: 'eu=a.shop,us=b.shop' }));
  for (const value of [order, { op: 'd', before: null, source }, null]) {
    expect(configured(record('a.shop', value))).toMatchObject({
      change: { table: 'orders', key: { text: 'eu/7', id: 7n } },
    });
    expect(configured(record('b.shop', value))).toMatchObject({
      change: { key: { text: 'us/7' } },
    });
    expect(configured(record(ORDERS, value))).toMatchObject({ kind: 'reject' });
  }
  expect(configured(record(ITEMS, item))).toMatchObject({ change: { table: 'order_items' } });
});

test.each([
  ['the columns in any order', { created_at: 5, id: 7 }, '{"created_at":5,"id":7}', 5n],
  ['the same the other way round', { id: 7, created_at: 5 }, '{"created_at":5,"id":7}', 7n],
  ['one integer of any name', { order_id: 7 }, '7', 7n],
  ['an integer alone', '7', '7', 7n],
  ['a large integer', '{"id":9007199254740993}', '9007199254740993', 9007199254740993n],
  ['a large integer alone', '9007199254740993', '9007199254740993', 9007199254740993n],
  ['large integers in a list', '[9007199254740993,1]', '[9007199254740993,1]', null],
  ['text alone that looks like a number', '12e5', '"12e5"', null],
  ['one beyond all numbers', '1e999', '"1e999"', null],
  ['one with a point', '1.0', '"1.0"', null],
  ['one text', { id: 'a7' }, '{"id":"a7"}', null],
  ['digits as text are no integer', { id: '7' }, '{"id":"7"}', null],
  ['text alone', '"a7"', '"a7"', null],
  ['text that is no JSON', 'Struct{id=7}', '"Struct{id=7}"', null],
  ['a union of Avro', { id: { long: 7 } }, '7', 7n],
  [
    'a partition’s name',
    { id: 7, __dbz__physicalTableIdentifier: 'a.b' },
    '{"__dbz__physicalTableIdentifier":"a.b","id":7}',
    7n,
  ],
  ['a null beside an id', { id: 7, region: null }, '{"id":7,"region":null}', 7n],
  ['a decimal', '{"id":7.10000000000000000001}', '{"id":7.10000000000000000001}', null],
  ['no key: the row’s id', null, '7', 7n],
])('the row is known by its whole key: %s', (_case, key, text, id) => {
  expect(decode(record(ORDERS, order, key))).toMatchObject({ change: { key: { text, id } } });
});

test.each([
  ['another table’s', 'dbserver1.public.products', { id: 1, name: 'x', __op: 'c' }],
  ['another table’s tombstone', 'dbserver1.public.products', null],
])('rejected, as nothing says its topic is of a table: %s', (_case, topic, value) => {
  expect(decode(record(topic, value))).toEqual({
    kind: 'reject',
    reason: expect.stringMatching(/^topic dbserver1.public.products is neither .* ORDERS_TOPICS/),
  });
});

test.each([
  ['a logical message', { op: 'm', source, message: {} }],
  ['a heartbeat', { ts_ms: 1 }],
  ['a newer heartbeat', { schema: null, payload: { ts_ms: 1, ts_us: 2, ts_ns: 3 } }],
  [
    'a transaction’s boundary',
    { status: 'BEGIN', id: '5:1', event_count: null, data_collections: null, ts_ms: 1 },
  ],
  ['a schema change', { source, databaseName: 'shop', ddl: null, tableChanges: [] }],
  ['a signal', { type: 'execute-snapshot', data: {} }],
  [
    'a row of the signalling table',
    { op: 'c', after: { id: '1', type: 'log', data: '{}' }, source },
  ],
  [
    'a notification',
    { id: '1', aggregate_type: 'Initial Snapshot', type: 'STARTED', additional_data: {} },
  ],
])('Debezium’s own, ignored wherever it is: %s', (_case, value) => {
  for (const topic of [ORDERS, 'dbserver1.transaction']) {
    expect(decode(record(topic, value))).toEqual({ kind: 'ignore' });
  }
});

test('an order with columns that a signal has as well is an order', () => {
  const alike = { ...order, type: 'log', data: '{}' };
  for (const value of [alike, { op: 'c', after: alike, source }]) {
    expect(decode(record(ORDERS, value))).toMatchObject({ change: { row: expectedOrder } });
  }
});

test('a CloudEvent is the event in it', () => {
  const attributes = {
    specversion: '1.0',
    type: 'io.debezium.connector.postgresql.DataChangeEvent',
  };
  const cloud = {
    ...attributes,
    source: '/debezium',
    iodebeziumop: 'u',
    iodebeziumtable: 'orders',
  };
  const position = { iodebeziumlsn: '9007199254740993', iodebeziumtsms: '99' };
  const data = { schema: { fields: [] }, payload: { before: null, after: order } };
  expect(decode(record(ORDERS, { ...cloud, ...position, data }))).toMatchObject({
    change: {
      key: { id: 7n },
      row: expectedOrder,
      source: { lsn: 9007199254740993n, committedAtMs: 99n },
    },
  });
  expect(decode(record(ORDERS, { ...cloud, data: order }))).toMatchObject({
    change: { row: expectedOrder },
  });
  const { iodebeziumop: _op, iodebeziumtable: _table, ...plain } = cloud;
  const upsert = { ...plain, data: { before: null, after: order } };
  expect(decode(record(ORDERS, upsert))).toMatchObject({ change: { row: expectedOrder } });
  const removal = { ...plain, data: { before: order, after: null } };
  expect(decode(record(ORDERS, removal))).toMatchObject({ change: { row: null } });
  expect(decode(record(ORDERS, { ...plain, data: { before: null, after: null } }))).toMatchObject({
    reason: 'op is null, not text',
  });
  expect(decode(record(ORDERS, { ...cloud, data: 'AAEC' }))).toMatchObject({
    reason: expect.stringMatching(/^value is a CloudEvent whose data is "AAEC"/),
  });
});

test('numbers that a double would change are read again, digit by digit', () => {
  const text = JSON.stringify(order).replace('42', '9007199254740993');
  expect(decode(record(ORDERS, text))).toMatchObject({
    change: { row: { customer: 9007199254740993n } },
  });
  const whole = JSON.stringify(order).replace('"119.98"', '999999999999999.99');
  expect(shown(decode(record(ORDERS, whole)))).toMatchObject({
    row: { amount: '999999999999999.99' },
  });
  const amount = JSON.stringify(order).replace('"119.98"', '123456789012345.67');
  expect(shown(decode(record(ORDERS, amount)))).toMatchObject({
    row: { amount: '123456789012345.67' },
  });
});

test('a status is as long as the source’s column', () => {
  const bounded = makeDecode(readDecodeOptions({ STATUS_LENGTH_MAX: '5' }));
  expect(bounded(record(ORDERS, { ...order, status: 'fives' }))).toMatchObject({ kind: 'change' });
  expect(bounded(record(ORDERS, { ...order, status: 'longer' }))).toEqual({
    kind: 'reject',
    reason: 'column status has more than 5 characters',
    row: { table: 'orders', key: { text: '7', id: 7n } },
  });
});

test.each([
  ['that is of another table', { table: 'order_items' }, '7', []],
  ['without a key', { lsn: 1 }, null, []],
  [
    'that was sent again',
    { lsn: 1 },
    '7',
    [{ name: REDRIVEN_HEADER, value: Buffer.from('0:1/3@9') }],
  ],
])('a refused record says of no row that it stood there: one %s', (_case, of, key, headers) => {
  const value = { op: 'x', after: order, source: { ...source, ...of } };
  const decoded = decode({ ...record(ORDERS, value, key), headers });
  expect(decoded).toMatchObject({ kind: 'reject' });
  expect(decoded).not.toHaveProperty('row');
});

test.each([
  [
    'no key',
    null,
    'the record has no key, and its row no id: the table needs a primary key, or the connector message.key.columns',
  ],
  [
    'a key of bytes',
    '\u0000\u0000\u0007',
    'key is neither JSON nor plain text: the key.converter must be JsonConverter or StringConverter',
  ],
  ['an empty key', {}, 'key is an object: it names no row'],
  ['a key of nulls', { id: null }, 'key is an object: it names no row'],
  [
    'nesting beyond the stack',
    `{"id":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
    'key is nested too deeply',
  ],
  ['megabytes of a key', { id: 'x'.repeat(1_000_000) }, 'key has more than 1024 characters'],
])('a tombstone is rejected: %s', (_case, key, reason) => {
  expect(decode(record(ORDERS, null, key))).toEqual({ kind: 'reject', reason });
});

test('I150: without a key an update of the row’s own id is rejected, and any other is of that row', () => {
  const update = (before: object | null) =>
    decode(record(ORDERS, { op: 'u', before, after: order, source }, null));
  expect(update({ ...order, id: 8 })).toEqual({
    kind: 'reject',
    reason:
      'the record has no key, and id changed from 8: the table needs a primary key, or the connector message.key.columns',
  });
  for (const before of [null, order, { id: null }]) {
    expect(update(before)).toMatchObject({ change: { key: { text: '7' } } });
  }
});

test('I150: a delete is unsure where its key has a null and nothing else of the row was sent', () => {
  const gone = (before: object, key: object) =>
    decode(record(ORDERS, { op: 'd', before, source }, key));
  const bare = { id: 7, customer_id: null, total_amount: null, status: null, created_at: null };
  const partial = { id: 7, customer_id: null };
  expect(gone(bare, partial)).toMatchObject({ change: { row: null, isUnsure: true } });
  for (const [before, key] of [
    [{ ...order, customer_id: null }, partial],
    [bare, { id: 7 }],
    [bare, { id: 7, customer_id: 3 }],
  ] as const) {
    expect(gone(before, key)).not.toHaveProperty('change.isUnsure');
  }
});

test('a delete without a key is of the row’s own id, or rejected', () => {
  expect(decode(record(ORDERS, { op: 'd', before: order, source }, null))).toMatchObject({
    change: { key: { text: '7' }, row: null },
  });
  expect(decode(record(ORDERS, { op: 'd', before: null, source }, null))).toMatchObject({
    kind: 'reject',
  });
});
