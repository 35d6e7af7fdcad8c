// I32, one by one: what the fuzzer found. Each of these once ended a batch, and so stopped its partition for
// ever, or was taken for something that it is not.
import { expect, test } from 'vitest';
import { readPartitionBatches } from '../../functions/kafka/records.ts';
import { makeDecode } from '../../functions/orders/debezium/decode.ts';
import { readDecodeOptions } from '../../functions/orders/debezium/options.ts';
import { readRequest } from '../../functions/outcomes/query/api-request.ts';
import { decodeOutcome } from '../../functions/outcomes/record/row.ts';
import { kafkaRecord } from '../support/kafka-record.ts';
import { proxyEvent } from '../support/proxy-event.ts';
import { runOrders } from './stream-run.ts';

const ORDERS = 'dbserver1.public.orders';
const decode = makeDecode(readDecodeOptions({}));
const order = { id: 1, customer_id: 1, total_amount: 1, status: 'new', created_at: 1e15 };

function decodeText(value: string) {
  return decode(kafkaRecord({ topic: ORDERS, offset: 1, value }));
}

const withAmount = (amount: unknown) => JSON.stringify({ ...order, total_amount: amount });
const withSchema = (field: object, row: object) =>
  JSON.stringify({ schema: { fields: [field] }, payload: { ...order, ...row } });

test.for<[string, string, RegExp]>([
  [
    'a scale that is no whole number',
    withAmount({ scale: 0.5, value: 'AQ==' }),
    /^column total_amount is an object/,
  ],
  [
    'zero at a scale of a billion',
    withAmount({ scale: 1e9, value: 'AA==' }),
    /^column total_amount is an object/,
  ],
  [
    'a scale below minus a billion',
    withAmount({ scale: -1e9, value: 'AQ==' }),
    /^column total_amount is an object/,
  ],
  [
    'a schema whose scale is no number',
    withSchema(
      { field: 'total_amount', type: 'bytes', parameters: { scale: 'x' } },
      { total_amount: 'AQ==' },
    ),
    /^column total_amount is "AQ=="/,
  ],
  [
    'an op that is an object without a text',
    '{"op":{"toString":1},"after":{}}',
    /^op is an object, not text/,
  ],
  ['an op in a list', '{"op":["c"],"after":{}}', /^op is an array, not text/],
  [
    'nesting beyond the stack beside a number that is read exactly',
    `{"customer_id":12345678901234567890,"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
    /^value is not JSON: it is nested too deeply/,
  ],
  [
    'half a surrogate pair as status',
    JSON.stringify(order).replace('new', '\\ud800'),
    /^column status holds half a surrogate pair/,
  ],
])('a change event with %s is refused with its reason', ([_what, value, reason]) => {
  expect(decodeText(value)).toEqual({ kind: 'reject', reason: expect.stringMatching(reason) });
});

test.for([
  ['a field without a name', withSchema({ field: { toString: 1 }, type: 'int64' }, {})],
  ['a type that every object has', withSchema({ field: 'created_at', name: 'constructor' }, {})],
])('a schema with %s says nothing, and the row counts', ([_what, value = '']) => {
  expect(decodeText(value)).toMatchObject({ kind: 'change', change: { key: { id: 1n } } });
});

test('an LSN beyond 64 bits is no position, which DynamoDB could not hold', () => {
  const event = { op: 'c', after: order, source: { lsn: 1e308, ts_ms: 1 } };
  expect(decodeText(JSON.stringify(event))).not.toHaveProperty('change.source');
});

const record = { topic: ORDERS, partition: 0, offset: 5, timestamp: 1, key: null, value: 'e30=' };
const eventOf = (...records: unknown[]) => ({ records: { [`${ORDERS}-0`]: records } });

test.for<[string, unknown, RegExp]>([
  ['another service’s list', { records: [] }, /^The event is not a Lambda Kafka event/],
  ['no object', eventOf(null), /^A record of the event is no object/],
  [
    'a topic that leaves its folder',
    eventOf({ ...record, topic: '../../analytics' }),
    /^A record has no position/,
  ],
  [
    'a topic longer than a key',
    eventOf({ ...record, topic: 'x'.repeat(250) }),
    /^A record has no position/,
  ],
  ['a topic without a text', eventOf({ ...record, topic: { toString: 1 } }), /topic an object/],
  [
    'a partition beyond 32 bits',
    eventOf({ ...record, partition: 2 ** 31 }),
    /^A record has no position/,
  ],
  ['a negative offset', eventOf({ ...record, offset: -1 }), /^Offset -1 of/],
  ['an offset beyond 64 bits', eventOf({ ...record, offset: '9223372036854775808' }), /^Offset 9/],
  ['an offset in a list', eventOf({ ...record, offset: [5] }), /^Offset an object of/],
  [
    'a number for a value',
    eventOf({ ...record, value: 5 }),
    /at offset 5 has a value that is neither base64 nor null/,
  ],
])('an event with %s fails with a clear error', ([_what, event, message]) => {
  expect(() => readPartitionBatches(event)).toThrow(message);
});

test('text that is no base64 is kept as it came, and refused by both functions', async () => {
  const batches = readPartitionBatches(eventOf({ ...record, value: 'e30=!' }));
  const { counts, quarantine } = await runOrders(batches);
  expect(counts).toMatchObject({ records: 1, quarantined: 1 });
  expect(JSON.parse([...quarantine.values()][0] ?? '')).toMatchObject({
    reason: 'value is not base64; it stands here as it came',
    value: 'e30=!',
  });
  const [first] = batches[0]?.records ?? [];
  expect(first && decodeOutcome(first)).toMatchObject({ kind: 'reject' });
});

test('odd headers refuse nothing, and cost nothing', () => {
  const odd = [
    null,
    5,
    { a: null },
    { b: 'x' },
    { c: { length: 4_294_967_295 } },
    { d: [{ toString: 1 }] },
  ];
  for (const headers of [odd, 'x', {}, null, -0]) {
    const [batch] = readPartitionBatches(eventOf({ ...record, headers }));
    expect(batch?.records).toHaveLength(1);
  }
  const [batch] = readPartitionBatches(
    eventOf({ ...record, headers: [{ a: [-61] }, { b: null }] }),
  );
  expect(batch?.records[0]?.headers.map(({ name, value }) => [name, value])).toEqual([
    ['a', Buffer.from([0xc3])],
    ['b', null],
  ]);
});

test('a position that stands twice in an event is one record', () => {
  const [batch] = readPartitionBatches(eventOf(record, { ...record, value: 'W10=' }));
  expect(batch?.records.map(({ value }) => String(value))).toEqual(['{}']);
});

test.for(['localhost:99999', '1.2.3.999'])(
  'the host %s is none: no link could be made of it',
  (host) => {
    expect(readRequest(proxyEvent('/api/', { headers: { host } }))).toBeUndefined();
  },
);

test('hundreds of statuses in one batch are no update that DynamoDB would refuse, and each counts once', async () => {
  const records = Array.from({ length: 900 }, (_, index) => {
    const value = JSON.stringify({ ...order, id: index, status: `status ${index % 700}` });
    return kafkaRecord({ topic: ORDERS, offset: index, value });
  });
  const whole = { topic: ORDERS, partition: 0, records };
  const once = await runOrders([whole]);
  expect(once.counts).toMatchObject({ applied: 900, quarantined: 0 });
  const statuses = statusesOf(once.contents);
  expect([Object.keys(statuses).length, statuses['status 0'], statuses['status 699']]).toEqual([
    ...[700, 2, 1],
  ]);
  const [first, second] = [records.slice(0, 500), records.slice(300)];
  const again = await runOrders([
    { ...whole, records: first },
    { ...whole, records: second },
  ]);
  expect(statusesOf(again.contents)).toEqual(statuses);
});

function statusesOf(contents: string): Record<string, number> {
  const reports: string[] = JSON.parse(contents).reports;
  const report = reports.find((text) => text.includes('order_status_distribution')) ?? '{}';
  return JSON.parse(report).data;
}
