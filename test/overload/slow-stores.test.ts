// I33, stores that cannot keep up: the built aggregate-orders behind the event source mapping, DynamoDB and S3
// behind a proxy that throttles them or answers late. Batches fail or wait and come again, the reason is told,
// and in the end every record counted once.

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { ENV } from '../../functions/contracts.ts';
import { makeTable, type Table } from '../../functions/orders/table/table-store.ts';
import { LambdaHost } from '../../local/lambda/host.ts';
import { openStores, type Stores } from '../../local/stores/open-stores.ts';
import { EventSourceMapping } from '../../local/stream/event-source-mapping.ts';
import { OUTCOMES_TOPIC, routeTopics } from '../../local/stream/routes.ts';
import type { LocalTopics } from '../../local/stream/topics.ts';
import { buildFunctions } from '../../scripts/bundle.ts';
import { temporaryDirectory } from '../runner/temporary-directory.ts';
import { MemoryTable } from '../support/memory-table.ts';
import { seeds } from '../support/random.ts';
import { type FaultyProxy, SLOW_DOWN, startFaultyProxy, THROTTLED } from './faulty-proxy.ts';
import { fillTopics, openTopics, reportsOf, undisturbed } from './order-stream.ts';

const BUNDLE = join(import.meta.dirname, '..', '..', 'dist', 'aggregate-orders', 'index.mjs');
/** The SDK asks six times, and for each of the three partitions of an event: one of them gives up. */
const MORE_THAN_RETRIES = 3 * 5 + 1;
/** S3 is asked for one object alone. */
const MORE_THAN_ONE_RETRIES = 6;
/** The SDK's pauses after a throttle take a minute in all. */
const isLive = process.env.TEST_LIVE !== undefined;
const [seed = 0] = seeds(1);

beforeAll(buildFunctions);

interface Bench {
  readonly stores: Stores;
  readonly table: Table;
  readonly dynamodb: FaultyProxy;
  readonly s3: FaultyProxy;
  readonly topics: LocalTopics;
  /** Delivers all that the topics hold; answers what was told on the way. */
  drain(): Promise<{ retries: string[]; records: number; quarantined: number }>;
}

async function openBench(records: number): Promise<Bench> {
  const folder = temporaryDirectory();
  const stores = await openStores(folder, { command: 'test', env: {} });
  const [dynamodb, s3] = (await Promise.all(
    [stores.endpoints.dynamodb, stores.endpoints.s3].map(startFaultyProxy),
  )) as [FaultyProxy, FaultyProxy];
  const host = new LambdaHost({
    ...{ name: 'aggregate-orders', bundle: BUNDLE, timeoutMs: 120_000, log: () => {} },
    env: {
      ...{ AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' },
      ...{ AWS_ENDPOINT_URL_DYNAMODB: dynamodb.endpoint, AWS_ENDPOINT_URL_S3: s3.endpoint },
      ...{ [ENV.aggregatesTable]: stores.table, [ENV.bucket]: stores.bucket },
    },
  });
  onTestFinished(async () => {
    await host.close();
    dynamodb.close();
    s3.close();
    await stores.close();
  });
  const topics = await openTopics(folder);
  fillTopics(topics, records, seed);
  const table = makeTable(stores.dynamodb, stores.table);
  return { stores, table, dynamodb, s3, topics, drain: () => drain(topics, host) };
}

async function drain(topics: LocalTopics, host: LambdaHost) {
  const retries: string[] = [];
  let [records, quarantined] = [0, 0];
  const mapping = new EventSourceMapping({
    routes: routeTopics(OUTCOMES_TOPIC),
    batchSize: 100,
    attemptsMax: Number.POSITIVE_INFINITY,
    invoke: (_name, event) => host.invoke(event),
    onRetry: (failure) => void retries.push(failure),
    onDelivered: async ({ topic, lastOffsets, counts }) => {
      await topics.commit(topic, lastOffsets);
      records += counts.records;
      quarantined += counts.quarantined;
    },
  });
  for (const log of topics.logs) {
    for (const record of log.read(0n, Number.MAX_SAFE_INTEGER)) await mapping.push(record);
  }
  await mapping.flush();
  return { retries, records, quarantined };
}

async function expectExact({ topics, table }: Bench, work: () => Promise<unknown>): Promise<void> {
  const expected = new MemoryTable();
  await undisturbed(topics, expected);
  await work();
  expect(await reportsOf(table)).toEqual(await reportsOf(expected));
}

test(`DynamoDB throttles for a moment: the batch gets through, seed ${seed}`, async () => {
  const bench = await openBench(100);
  await expectExact(bench, async () => {
    bench.dynamodb.refuse(6, THROTTLED);
    expect((await bench.drain()).records).toBeGreaterThanOrEqual(100);
    expect(bench.dynamodb.toRefuse).toBe(0);
  });
});

test.runIf(isLive)(
  `DynamoDB throttles for a while: the batch comes again, seed ${seed}`,
  async () => {
    const bench = await openBench(300);
    await expectExact(bench, async () => {
      bench.dynamodb.refuse(MORE_THAN_RETRIES, THROTTLED);
      const { retries, records } = await bench.drain();
      expect(records).toBeGreaterThanOrEqual(300);
      expect(retries.length).toBeGreaterThan(0);
      expect(retries[0]).toMatch(/aggregate-orders failed on .*ProvisionedThroughputExceeded/);
      expect(bench.dynamodb.toRefuse).toBe(0);
    });
  },
);

test.runIf(isLive)(
  `DynamoDB throttles in the middle of a batch's writes, seed ${seed}`,
  async () => {
    const bench = await openBench(300);
    await expectExact(bench, async () => {
      const draining = bench.drain();
      // Again and again, so that it meets whatever is under way.
      for (let turn = 0; turn < 4; turn += 1) {
        await sleep(60);
        bench.dynamodb.refuse(8, THROTTLED);
      }
      expect((await draining).records).toBeGreaterThanOrEqual(300);
    });
  },
);

test(`DynamoDB answers late: the batch waits, seed ${seed}`, async () => {
  const bench = await openBench(30);
  await expectExact(bench, async () => {
    bench.dynamodb.delay(300);
    expect((await bench.drain()).retries).toEqual([]);
  });
});

test.runIf(isLive)(
  `S3 says SlowDown: what is refused is kept before anything is applied, seed ${seed}`,
  async () => {
    const bench = await openBench(30);
    const garbage = { timestamp: 1, key: 'x', value: 'no JSON', headers: [] };
    const [{ topic } = { topic: '' }] = bench.topics.logs;
    bench.topics.append(topic, 'x', [garbage]);
    await expectExact(bench, async () => {
      bench.s3.refuse(MORE_THAN_ONE_RETRIES, SLOW_DOWN);
      const { retries, quarantined } = await bench.drain();
      expect(retries[0]).toMatch(/SlowDown/);
      expect(quarantined).toBe(1);
    });
  },
);
