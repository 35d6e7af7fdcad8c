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
  [
    'integers as text, as Protobuf’s JSON has them',
    {
      ...{ ...order, customer_id: '42', created_at: '1736899200000000' },
      ...{ __op: 'c', __lsn: '1234', __source_ts_ms: '99' },
    },
  ],
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
  ['flattened with fields of an empty prefix', { ...order, op: 'u', source }],
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
  ['flattened, deleted in a union of Avro', { ...order, __deleted: { string: 'true' } }],
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
  [
    'framed by Confluent',
    '\0\0\0\0\u0005{}',
    /begins as a schema registry.*JsonConverter.*schemaReg/,
  ],
  [
    'a schema of megabytes, which is kept with the row',
    { op: 'c', after: order, source: { ...source, schema: 'x'.repeat(1_000_000) } },
    'the table’s schema is text of 1000000 characters, no name of at most 255 characters',
  ],
  [
    'half a surrogate pair in a schema',
    { op: 'c', after: order, source: { ...source, schema: '\ud800' } },
    /^the table’s schema is /,
  ],
  ['megabytes of text', 'x'.repeat(5_000_000), /^value is not JSON/],
  ['a number', '42', /^value is not a Debezium event/],
  ['an array', '[]', /^value is not a Debezium event/],
  ['an empty object', {}, 'column customer_id is missing'],
  [
    'a missing column',
    { ...order, total_amount: undefined },
    'column total_amount is missing: one of another name must be in ORDERS_COLUMNS or',
  ],
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
  expect(decoded).toMatchObject({ kind: 'reject', reason: expect.stringMatching(reason) });
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
