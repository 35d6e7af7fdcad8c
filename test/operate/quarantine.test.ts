// I29: what was kept is read back as it was, and an object is moved away only when its records are safe in
// their topic.
import { ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { expect, onTestFinished, test } from 'vitest';
import { quarantineKey, REDRIVEN_HEADER } from '../../functions/contracts.ts';
import { renderQuarantineDocument } from '../../functions/kafka/quarantine.ts';
import { readQuarantined } from '../../functions/kafka/quarantined.ts';
import type { KafkaRecord } from '../../functions/kafka/records.ts';
import { KeptObjects } from '../../functions/operate/quarantine/kept-objects-store.ts';
import { type OutgoingRecord, redrive } from '../../functions/operate/quarantine/redrive.ts';
import { named, selectObjects } from '../../functions/operate/quarantine/selection.ts';
import { openStores, type Stores } from '../../local/stores/open-stores.ts';
import { temporaryDirectory } from '../runner/temporary-directory.ts';

const TOPIC = 'shop.public.orders';
const NOW_MS = Date.UTC(2026, 0, 20);
const NO_FILTERS = { topic: undefined, since: undefined, reason: undefined };

function recordAt(offset: number, partition = 0, topic = TOPIC): KafkaRecord {
  const position = { topic, partition, offset: BigInt(offset), timestamp: NOW_MS };
  return {
    ...position,
    key: Buffer.from(`k${offset}`),
    value: Buffer.from('{"id":1}'),
    headers: [],
  };
}

test('a quarantine document is read back as the record that it was', () => {
  const record: KafkaRecord = {
    ...recordAt(1),
    offset: 9_007_199_254_740_993n,
    key: null,
    value: Buffer.from([0xff, 0x00, 0xfe]),
    headers: [
      { name: 'text', value: Buffer.from('ü') },
      { name: 'text', value: Buffer.from([0xc3]) },
    ],
  };
  const text = renderQuarantineDocument({ record, reason: 'because', streamEpoch: '7' });
  expect(readQuarantined(text)).toEqual({ reason: 'because', streamEpoch: '7', records: [record] });
});

const EVENT =
  '{"eventSource":"aws:kafka","records":{"shop.public.orders-0":[' +
  '{"topic":"shop.public.orders","partition":0,"offset":9007199254740993,"timestamp":5,"key":null,"value":"YQ==","headers":[]},' +
  '{"topic":"shop.public.orders","partition":0,"offset":7,"timestamp":4,"key":"aw==","value":null,"headers":[{"h":[-61,-68]}]}]}}';

test.for([
  ['as text, as in S3', JSON.stringify(EVENT)],
  ['as it is', EVENT],
])('a batch that Lambda gave up, its event %s', ([, payload]) => {
  const text = `{"requestContext":{"condition":"RetryAttemptsExhausted","approximateInvokeCount":11},
    "responseContext":{"statusCode":200,"functionError":"Unhandled"},"KafkaBatchInfo":{},"payload":${payload}}`;
  const { reason, records, streamEpoch } = readQuarantined(text);
  expect(reason).toBe('given up by Lambda after 11 tries: RetryAttemptsExhausted (Unhandled)');
  expect(streamEpoch).toBeUndefined();
  expect(records).toMatchObject([
    { offset: 7n, value: null, headers: [{ name: 'h', value: Buffer.from('ü') }] },
    { offset: 9_007_199_254_740_993n, value: Buffer.from('a') },
  ]);
});

test.for([
  ['[]', /no JSON object/],
  ['{"topic":"t"}', /no quarantine document/],
  ['{"requestContext":{}}', /no payload/],
] as const)('%s is neither', ([text, reason]) => {
  expect(() => readQuarantined(text)).toThrow(reason);
});

async function openBucket(): Promise<{ stores: Stores; kept: KeptObjects }> {
  const stores = await openStores(temporaryDirectory(), { command: 'test', env: {} });
  onTestFinished(() => stores.close());
  return { stores, kept: new KeptObjects(stores.s3, stores.bucket) };
}

async function put({ s3, bucket }: Stores, record: KafkaRecord, reason = 'because') {
  const Key = quarantineKey(record.topic, record.partition, record.offset);
  const Body = renderQuarantineDocument({ record, reason, streamEpoch: '0' });
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
}

async function keysIn({ s3, bucket }: Stores): Promise<string[]> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
  return Contents.map(({ Key = '' }) => Key);
}

async function keys(objects: AsyncIterable<{ key: string }>): Promise<string[]> {
  return (await Array.fromAsync(objects)).map(({ key }) => key);
}

test('listed by partition in the order of offsets, over more than one page, and filtered', async () => {
  const { stores, kept } = await openBucket();
  for (let offset = 0; offset < 1_005; offset += 1) await put(stores, recordAt(offset));
  await put(stores, recordAt(3, 1), 'column status is missing');
  await put(stores, recordAt(5, 0, 'auction_outcomes'));
  const all = await keys(selectObjects(kept, NO_FILTERS));
  expect(all).toEqual([
    quarantineKey('auction_outcomes', 0, 5n),
    ...Array.from({ length: 1_005 }, (_, offset) => quarantineKey(TOPIC, 0, BigInt(offset))),
    quarantineKey(TOPIC, 1, 3n),
  ]);
  expect(await keys(selectObjects(kept, { ...NO_FILTERS, reason: 'status' }))).toEqual([
    quarantineKey(TOPIC, 1, 3n),
  ]);
  expect(await keys(selectObjects(kept, { ...NO_FILTERS, topic: 'auction_outcomes' }))).toEqual([
    quarantineKey('auction_outcomes', 0, 5n),
  ]);
  const tomorrow = new Date(Date.now() + 86_400_000);
  expect(await keys(selectObjects(kept, { ...NO_FILTERS, since: tomorrow }))).toEqual([]);
});

const OPTIONS = { streamEpoch: '0', isDryRun: false, oldestMs: 0, isOutcome: () => false };

/** A topic that fails once, before or after it took the records. */
function makeTarget(failure?: 'before' | 'after') {
  const sent: OutgoingRecord[] = [];
  let fails = failure;
  const send = async (records: readonly OutgoingRecord[]) => {
    if (fails === 'before') throw new Error('no broker');
    sent.push(...records);
    if (fails === 'after') throw new Error('no answer');
  };
  const mend = () => {
    fails = undefined;
  };
  return { sent, mend, send, close: async () => {} };
}

test('sent to its partition with the place where it stood first, then moved away', async () => {
  const { stores, kept } = await openBucket();
  const before = { ...recordAt(12, 2), headers: [{ name: 'trace', value: Buffer.from('x') }] };
  await put(stores, before);
  const target = makeTarget();
  const objects = selectObjects(kept, NO_FILTERS);
  expect(await redrive(objects, kept, target, OPTIONS)).toEqual({
    objects: 1,
    records: 1,
    tooOld: [],
    failed: [],
  });
  const header = { name: REDRIVEN_HEADER, value: Buffer.from(`0:${TOPIC}:2/12@${NOW_MS}`) };
  const { offset: _offset, ...outgoing } = before;
  expect(target.sent).toEqual([{ ...outgoing, headers: [...before.headers, header] }]);
  expect(await keysIn(stores)).toEqual([`redriven/${quarantineKey(TOPIC, 2, 12n)}`]);
});

test('one that failed again and is redriven again keeps its first place', async () => {
  const { stores, kept } = await openBucket();
  const header = { name: REDRIVEN_HEADER, value: Buffer.from(`0:0/3@${NOW_MS - 5}`) };
  await put(stores, { ...recordAt(40), headers: [header] });
  const target = makeTarget();
  await redrive(selectObjects(kept, NO_FILTERS), kept, target, OPTIONS);
  expect(target.sent).toMatchObject([{ timestamp: NOW_MS - 5, headers: [header] }]);
});

test.for(['before', 'after'] as const)(
  'a topic that fails %s it took them: nothing is moved',
  async (when) => {
    const { stores, kept } = await openBucket();
    await put(stores, recordAt(1));
    const target = makeTarget(when);
    await expect(redrive(selectObjects(kept, NO_FILTERS), kept, target, OPTIONS)).rejects.toThrow();
    expect(await keysIn(stores)).toEqual([quarantineKey(TOPIC, 0, 1n)]);
    target.mend();
    await redrive(selectObjects(kept, NO_FILTERS), kept, target, OPTIONS);
    expect(await keysIn(stores)).toEqual([`redriven/${quarantineKey(TOPIC, 0, 1n)}`]);
  },
);

test('what is too old stays; of outcomes nothing is; a dry run changes nothing', async () => {
  const { stores, kept } = await openBucket();
  await put(stores, recordAt(1));
  const target = makeTarget();
  const old = { ...OPTIONS, oldestMs: NOW_MS + 1 };
  const done = await redrive(selectObjects(kept, NO_FILTERS), kept, target, old);
  expect(done).toEqual({
    objects: 0,
    records: 0,
    tooOld: [quarantineKey(TOPIC, 0, 1n)],
    failed: [],
  });
  const dry = { ...OPTIONS, isDryRun: true };
  expect(await redrive(selectObjects(kept, NO_FILTERS), kept, target, dry)).toMatchObject({
    records: 1,
  });
  expect(target.sent).toEqual([]);
  const outcomes = { ...old, isOutcome: () => true };
  await redrive(selectObjects(kept, NO_FILTERS), kept, target, outcomes);
  expect(target.sent).toHaveLength(1);
});

test('an object is named by its key or by its position', () => {
  const key = quarantineKey(TOPIC, 2, 12n);
  expect(named(`${TOPIC}/2/12`).key).toBe(key);
  expect(named(key).key).toBe(key);
  expect(named('aws/lambda/1/2').key).toBe('aws/lambda/1/2');
});
