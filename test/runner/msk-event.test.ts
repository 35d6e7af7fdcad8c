import { expect, test } from 'vitest';
import { EVENT_BYTES_MAX, EventBatch } from '../../local/stream/msk-event.ts';
import type { StreamRecord } from '../../local/stream/record.ts';

const TOPIC = 'dbserver1.public.orders';

function record(fields: Partial<StreamRecord>): StreamRecord {
  const common = { topic: TOPIC, partition: 0, offset: 0n, timestamp: 1736900000000 };
  return { ...common, key: null, value: '{}', headers: [], ...fields };
}

function eventOf(...records: StreamRecord[]) {
  const batch = new EventBatch(TOPIC);
  for (const one of records) batch.tryAdd(one);
  return JSON.parse(batch.toEvent());
}

test('an event is what Lambda sends for MSK', () => {
  const event = eventOf(record({ key: '{"id":1}', value: 'é' }));
  expect(event).toEqual({
    eventSource: 'aws:kafka',
    eventSourceArn: expect.stringMatching(/^arn:aws:kafka:/),
    bootstrapServers: expect.any(String),
    records: {
      [`${TOPIC}-0`]: [
        {
          topic: TOPIC,
          partition: 0,
          offset: 0,
          timestamp: 1736900000000,
          timestampType: 'CREATE_TIME',
          key: Buffer.from('{"id":1}').toString('base64'),
          value: Buffer.from('é').toString('base64'),
          headers: [],
        },
      ],
    },
  });
});

test('a tombstone has no value, a record without a key no key', () => {
  const [first] = eventOf(record({ key: null, value: null })).records[`${TOPIC}-0`];
  expect(first).toMatchObject({ key: null, value: null });
});

test('header bytes are signed, repeated names are kept, a null header is empty', () => {
  const headers = [
    ['h', 'é'],
    ['h', 'a'],
    ['n', null],
  ] as const;
  const [first] = eventOf(record({ headers })).records[`${TOPIC}-0`];
  expect(first.headers).toEqual([{ h: [-61, -87] }, { h: [97] }, { n: [] }]);
});

test('partitions stand apart, each in its order', () => {
  const event = eventOf(
    record({ partition: 1, offset: 5n }),
    record({ partition: 0, offset: 9n }),
    record({ partition: 1, offset: 6n }),
  );
  const offsets = Object.entries<{ offset: number }[]>(event.records).map(
    ([name, records]) => [name, records.map(({ offset }) => offset)] as const,
  );
  expect(Object.fromEntries(offsets)).toEqual({ [`${TOPIC}-1`]: [5, 6], [`${TOPIC}-0`]: [9] });
});

test('an offset beyond a double keeps all its digits', () => {
  const offsets = [2n ** 53n - 1n, 2n ** 53n + 1n];
  const sent = eventOf(...offsets.map((offset) => record({ offset }))).records[`${TOPIC}-0`];
  expect(sent.map(({ offset }: { offset: unknown }) => offset)).toEqual([
    9007199254740991,
    '9007199254740993',
  ]);
});

test('an event never grows beyond its limit, but for a record that is bigger alone', () => {
  const batch = new EventBatch(TOPIC);
  const value = 'x'.repeat(1000);
  let offset = 0n;
  while (batch.tryAdd(record({ offset, value, partition: Number(offset % 3n) }))) offset += 1n;
  expect(batch.count).toBe(Number(offset));
  const bytes = Buffer.byteLength(batch.toEvent());
  expect(bytes).toBeLessThanOrEqual(EVENT_BYTES_MAX);
  expect(bytes).toBeGreaterThan(EVENT_BYTES_MAX - 2000);

  const big = new EventBatch(TOPIC);
  expect(big.tryAdd(record({ value: 'x'.repeat(5_000_000) }))).toBe(true);
  expect(big.tryAdd(record({ offset: 1n }))).toBe(false);
});
