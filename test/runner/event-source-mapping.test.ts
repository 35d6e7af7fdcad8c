import { expect, test } from 'vitest';
import { FunctionError } from '../../local/shared/function-error.ts';
import {
  type Delivery,
  EventSourceMapping,
  type MappingOptions,
} from '../../local/stream/event-source-mapping.ts';
import type { StreamRecord } from '../../local/stream/record.ts';
import { OUTCOMES_TOPIC, routeTopics } from '../../local/stream/routes.ts';

function record(table: string, offset: number): StreamRecord {
  const topic = `dbserver1.public.${table}`;
  return {
    topic,
    partition: 0,
    offset: BigInt(offset),
    timestamp: 1,
    key: null,
    value: '{}',
    headers: [],
  };
}

const COUNTS = { records: 1, applied: 1, skipped: 0, ignored: 0, quarantined: 0, write_units: 2.5 };
const ANSWER = JSON.stringify({ batchItemFailures: [], ...COUNTS });
const FAILURE = new FunctionError({ name: 'ThrottlingException', message: 'slow down', stack: '' });

function makeMapping(options: Partial<MappingOptions>) {
  const batches: string[] = [];
  const delivered: Delivery[] = [];
  const retries: string[] = [];
  const { invoke = async () => ANSWER, ...others } = options;
  const mapping = new EventSourceMapping({
    routes: routeTopics(OUTCOMES_TOPIC),
    batchSize: 2,
    attemptsMax: 3,
    onDelivered: (delivery) => void delivered.push(delivery),
    onRetry: (failure) => void retries.push(failure),
    ...others,
    invoke: async (name, event) => {
      const records = Object.values<{ topic: string; offset: number }[]>(JSON.parse(event).records);
      batches.push(
        records
          .flat()
          .map(({ topic, offset }) => `${topic.split('.').at(-1)}@${offset}`)
          .join(),
      );
      return invoke(name, event);
    },
  });
  return { mapping, batches, delivered, retries };
}

test('one topic an event, delivered when full and what is left at the end', async () => {
  const { mapping, batches, delivered } = makeMapping({});
  for (const [table, offset] of [
    ['orders', 1],
    ['order_items', 1],
    ['orders', 2],
    ['orders', 3],
  ] as const) {
    await mapping.push(record(table, offset));
  }
  expect(batches).toEqual(['orders@1,orders@2']);
  await mapping.flush();
  expect(batches.slice(1).sort()).toEqual(['order_items@1', 'orders@3']);
  expect(delivered.map(({ lastOffsets }) => [...lastOffsets])).toEqual([
    [[0, 2n]],
    [[0, 1n]],
    [[0, 3n]],
  ]);
  expect(delivered[0]?.counts).toEqual(COUNTS);
});

test('a failed batch comes again as it was, and only then counts as delivered', async () => {
  let failures = 2;
  const { mapping, batches, delivered, retries } = makeMapping({
    invoke: async () => {
      if (failures-- > 0) throw FAILURE;
      return ANSWER;
    },
  });
  await mapping.push(record('orders', 7));
  await mapping.push(record('orders', 8));
  expect(batches).toEqual(['orders@7,orders@8', 'orders@7,orders@8', 'orders@7,orders@8']);
  expect(delivered).toHaveLength(1);
  expect(retries[0]).toContain('ThrottlingException: slow down');
});

test('a bound on the attempts ends in an error that names the batch', async () => {
  const { mapping, delivered } = makeMapping({
    invoke: () => Promise.reject(FAILURE),
    attemptsMax: 2,
  });
  await mapping.push(record('orders', 7));
  await expect(mapping.flush()).rejects.toThrow(
    /aggregate-orders failed on 1 records of dbserver1\.public\.orders \(partition 0 to offset 7\).*2 attempts/,
  );
  expect(delivered).toEqual([]);
});

test('a stop ends the waiting, and the batch is not consumed', async () => {
  const stop = new AbortController();
  const { mapping, delivered } = makeMapping({
    invoke: () => Promise.reject(FAILURE),
    attemptsMax: Number.POSITIVE_INFINITY,
    signal: stop.signal,
  });
  await mapping.push(record('orders', 7));
  const flushed = mapping.flush();
  stop.abort();
  await expect(flushed).rejects.toHaveProperty('name', 'AbortError');
  expect(delivered).toEqual([]);
});

test.each([
  [
    '{"batchItemFailures":[{"itemIdentifier":{}}],"records":1,"applied":0,"skipped":0,"quarantined":0,"write_units":0}',
  ],
  ['{"batchItemFailures":[],"records":1}'],
  ['null'],
])('the answer %s is a failure, not a success', async (answer) => {
  const { mapping, delivered } = makeMapping({ invoke: async () => answer, attemptsMax: 1 });
  await mapping.push(record('orders', 7));
  await expect(mapping.flush()).rejects.toThrow('UnexpectedAnswer');
  expect(delivered).toEqual([]);
});
