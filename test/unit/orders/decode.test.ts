// I10: every record is a change, one of Debezium's own, or a rejection with its reason. I62: its key is the
// row's identity, its topic says the table.
import { expect, test } from 'vitest';
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

test.each([
  ['envelope, create', { op: 'c', before: null, after: order, source }],
  ['envelope, update', { op: 'u', before: { ...order, status: 'x' }, after: order, source }],
  ['envelope in a wrapper', { schema: null, payload: { op: 'c', after: order, source } }],
  ['flattened', { ...order, __op: 'u', __deleted: 'false', __lsn: 1234, __source_ts_ms: 99 }],
  ['flattened, renamed', { ...order, __op: 'c', __source_lsn: 1234, __source_ts_ms: 99 }],
])('%s: the row with its source position', (_case, value) => {
  expect(shown(decode(record(ORDERS, value)))).toEqual({
    table: 'orders',
    key: { text: '7', id: 7n },
    offset: 5n,
    row: { ...expectedOrder, amount: '119.98' },
    source: { lsn: 1234n, committedAtMs: 99n },
  });
});

test.each([
  ['a snapshot read', { op: 'r', after: order, source }],
  ['flattened without add.fields', order],
  ['flattened with the commit time alone', { ...order, __op: 'u', __source_ts_ms: 99 }],
  ['an incremental snapshot’s read', { ...order, __op: 'r', __lsn: 1234, __source_ts_ms: 99 }],
])('%s has no source position to compare', (_case, value) => {
  const decoded = decode(record(ORDERS, value));
  expect(decoded).toMatchObject({
    kind: 'change',
    change: { key: { id: 7n }, row: expectedOrder },
  });
  expect(decoded.kind === 'change' && 'source' in decoded.change).toBe(false);
});

test.each([
  ['envelope with before', { op: 'd', before: order, after: null, source }],
  [
    'envelope with the key alone',
    { op: 'd', before: { id: 7, status: null }, after: null, source },
  ],
  ['envelope without before', { op: 'd', before: null, after: null, source }],
  ['flattened, rewritten', { ...order, __deleted: 'true', __op: 'd' }],
  ['flattened, deleted as a boolean', { ...order, __deleted: true }],
  ['flattened, key columns alone', { id: 7, total_amount: null, __deleted: 'true' }],
  ['tombstone', null],
  ['tombstone in a wrapper', { schema: null, payload: null }],
])('delete: %s', (_case, value) => {
  const decoded = decode(record(ORDERS, value));
  expect(decoded).toMatchObject({
    kind: 'change',
    change: { table: 'orders', key: { id: 7n }, row: null },
  });
});

test('the key may come with its schema', () => {
  const decoded = decode(record(ORDERS, null, { schema: { fields: [] }, payload: { id: 8 } }));
  expect(decoded).toMatchObject({
    kind: 'change',
    change: { key: { text: '8', id: 8n }, row: null },
  });
});

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
  expect(decode(record(ORDERS, { ...cloud, data: 'AAEC' }))).toMatchObject({
    reason: expect.stringMatching(/^value is a CloudEvent whose data is "AAEC"/),
  });
});

test('numbers that a double would change are read again, digit by digit', () => {
  const text = JSON.stringify(order).replace('42', '9007199254740993');
  expect(decode(record(ORDERS, text))).toMatchObject({
    change: { row: { customer: 9007199254740993n } },
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
  });
});

test('NULL columns are null, and columns that were not sent are left out', () => {
  const nulls = { id: 7, customer_id: null, total_amount: null, status: null, created_at: null };
  expect(decode(record(ORDERS, nulls))).toMatchObject({
    change: { row: { customer: null, amount: null, status: null, day: null } },
  });
  const kept = { ...order, status: '__debezium_unavailable_value' };
  const decoded = decode(record(ORDERS, kept));
  expect(decoded.kind === 'change' && Object.keys(decoded.change.row ?? {})).toEqual([
    'customer',
    'amount',
    'day',
  ]);
});

test.each([
  ['not JSON', 'garbage', /^value is not JSON/],
  ['megabytes of text', 'x'.repeat(5_000_000), /^value is not JSON/],
  ['a number', '42', /^value is not a Debezium event/],
  ['an array', '[]', /^value is not a Debezium event/],
  ['an empty object', {}, 'column customer_id is missing'],
  ['a missing column', { ...order, total_amount: undefined }, 'column total_amount is missing'],
  [
    'a wrong type',
    { ...order, customer_id: 'abc' },
    'column customer_id is "abc", not a 64-bit integer',
  ],
  ['an object for text', { ...order, status: {} }, 'column status is an object, not text'],
  ['an absurd amount', { ...order, total_amount: 1e30 }, /^column total_amount is 1e\+30: at most/],
  [
    'an absurd time',
    { ...order, created_at: 1e30 },
    /^column created_at is 1e\+30, not a timestamp/,
  ],
  ['no row', { op: 'u', before: order, after: null, source }, 'op u has no row'],
  ['an unknown op', { op: 'x', after: order, source }, 'op "x" is not one of c, u, d, r, t, m'],
  ['a truncate', { op: 't', source }, /^op t \(TRUNCATE\) has no key/],
])('rejected with a reason: %s', (_case, value, reason) => {
  const decoded = decode(record(ORDERS, value));
  expect(decoded).toEqual({ kind: 'reject', reason: expect.stringMatching(reason) });
});

test.each([
  ['999999999999999.99', 1000, 'change'],
  ['999999999999999.99', -1000, 'change'],
  ['999999999999999.99', 1001, 'reject'],
  ['999999999.9999999999', 2_147_483_647, 'reject'],
  [null, 2_147_483_647, 'change'],
])('a revenue must be one whose sums stay exact: %s × %s', (price, quantity, kind) => {
  const decoded = decode(record(ITEMS, { op: 'c', after: { ...item, price, quantity } }));
  expect(decoded.kind).toBe(kind);
  if (decoded.kind === 'reject') expect(decoded.reason).toMatch(/^columns quantity and price make/);
});

test('a literal too large for a double is rejected, not read as infinity', () => {
  const text = JSON.stringify(order).replace('"119.98"', '1e400');
  expect(decode(record(ORDERS, text)).kind).toBe('reject');
});

test.each([
  ['no key', null, 'the record has no key, and its row no id'],
  ['a key of bytes', '\u0000\u0000\u0007', 'key is neither JSON nor plain text'],
  ['an empty key', {}, 'key is an object: it names no row'],
  ['a key of nulls', { id: null }, 'key is an object: it names no row'],
  ['megabytes of a key', { id: 'x'.repeat(1_000_000) }, 'key has more than 1024 characters'],
])('a tombstone is rejected: %s', (_case, key, reason) => {
  expect(decode(record(ORDERS, null, key))).toEqual({ kind: 'reject', reason });
});

test('a delete without a key is of the row’s own id, or rejected', () => {
  expect(decode(record(ORDERS, { op: 'd', before: order, source }, null))).toMatchObject({
    change: { key: { text: '7' }, row: null },
  });
  expect(decode(record(ORDERS, { op: 'd', before: null, source }, null))).toMatchObject({
    kind: 'reject',
  });
});
