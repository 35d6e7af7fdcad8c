import { expect, test } from 'vitest';
import { renderQuarantineDocument } from '../../../functions/kafka/quarantine.ts';
import { readPartitionBatches } from '../../../functions/kafka/records.ts';

const record = {
  topic: 'dbserver1.public.orders',
  partition: 3,
  offset: 15,
  timestamp: 1_545_084_650_987,
  timestampType: 'CREATE_TIME',
  key: 'eyJpZCI6N30=',
  value: 'e30=',
  headers: [{ name: [104, -61, -87] }],
};

test('keys and values are bytes, headers signed bytes', () => {
  const [batch] = readPartitionBatches({ records: { 'dbserver1.public.orders-3': [record] } });
  const { headers, ...first } = batch?.records[0] ?? {};
  expect(batch).toMatchObject({ topic: 'dbserver1.public.orders', partition: 3 });
  expect(batch?.records).toHaveLength(1);
  expect(first).toEqual({
    topic: 'dbserver1.public.orders',
    partition: 3,
    offset: 15n,
    timestamp: 1_545_084_650_987,
    key: Buffer.from('{"id":7}'),
    value: Buffer.from('{}'),
  });
  expect(headers?.map(({ name, value }) => [name, value])).toEqual([['name', Buffer.from('hé')]]);
});

test.each([[null], [undefined]])('a tombstone’s value may be %s, as may a key', (nothing) => {
  const event = {
    records: { x: [{ ...record, key: nothing, value: nothing, headers: undefined }] },
  };
  const [batch] = readPartitionBatches(event);
  expect(batch?.records[0]).toMatchObject({ key: null, value: null, headers: [] });
});

test('partitions are told apart by the records, since a topic may hold a dash', () => {
  const dashed = { ...record, topic: 'a-1', partition: 1 };
  const other = { ...record, topic: 'a', partition: 11 };
  const batches = readPartitionBatches({ records: { 'a-1-1': [dashed], 'a-11': [other] } });
  expect(batches.map(({ topic, partition }) => [topic, partition])).toEqual([
    ['a-1', 1],
    ['a', 11],
  ]);
});

test('offsets are exact integers of any size, in ascending order', () => {
  const offsets = ['9007199254740993', 7, '9007199254740992'];
  const event = { records: { x: offsets.map((offset) => ({ ...record, offset })) } };
  const [batch] = readPartitionBatches(event);
  expect(batch?.records.map(({ offset }) => offset)).toEqual([
    7n,
    9007199254740992n,
    9007199254740993n,
  ]);
});

test.each([
  ['no event', null],
  ['another event', { Records: [] }],
  ['records that are no lists', { records: { x: 1 } }],
  ['a rounded offset', { records: { x: [{ ...record, offset: 2 ** 60 }] } }],
  ['a negative partition', { records: { x: [{ ...record, partition: -1 }] } }],
  ['no topic', { records: { x: [{ ...record, topic: undefined }] } }],
])('the batch fails on a wiring mistake: %s', (_case, event) => {
  expect(() => readPartitionBatches(event)).toThrow(TypeError);
});

test('a quarantine document keeps position, reason and all the record carried', () => {
  const [batch] = readPartitionBatches({
    records: { x: [{ ...record, offset: '9007199254740993' }] },
  });
  const [first] = batch?.records ?? [];
  if (!first) throw new Error('no record');
  const text = renderQuarantineDocument({ record: first, reason: 'because', streamEpoch: '0' });
  expect(text).toContain('"offset": 9007199254740993');
  expect(JSON.parse(text)).toMatchObject({
    topic: 'dbserver1.public.orders',
    partition: 3,
    timestamp: 1_545_084_650_987,
    reason: 'because',
    stream_epoch: '0',
    key: '{"id":7}',
    value: '{}',
    headers: [{ name: 'name', value: 'hé' }],
  });
});

test('bytes that are not text are kept as base64', () => {
  const bytes = Buffer.from([0xff, 0x00]);
  const event = { records: { x: [{ ...record, key: null, value: bytes.toString('base64') }] } };
  const [first] = readPartitionBatches(event)[0]?.records ?? [];
  if (!first) throw new Error('no record');
  const document = JSON.parse(
    renderQuarantineDocument({ record: first, reason: 'x', streamEpoch: '0' }),
  );
  expect(document).toMatchObject({ key: null, value_base64: bytes.toString('base64') });
  expect(document).not.toHaveProperty('value');
});
