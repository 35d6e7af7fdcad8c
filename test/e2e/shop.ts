// The source database of the run and its connector.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  baseSettings,
  connectionSettings,
  converters,
  ITEMS_TOPIC,
  ORDERS_TOPIC,
  PRODUCTS_TOPIC,
  signalSettings,
} from '../capture/connector-settings.ts';
import { Source, type SourceShape } from '../capture/source.ts';
import { insertRowsBefore, type WorkloadSize } from '../capture/workload.ts';
import type { Platform } from '../platform/platform.ts';
import { waitUntil } from '../platform/wait-until.ts';
import { existingTopics } from './topics.ts';

export const SHOP_TOPICS = [ORDERS_TOPIC, ITEMS_TOPIC];
export const CONNECTOR = 'orders-source';
const TOPICS_TIMEOUT_MS = 60_000;
const WATCH_INTERVAL_MS = 1_000;

export const SOURCE_SHAPE: SourceShape = {
  amountType: 'decimal(10,2)',
  timeType: 'timestamp',
  replicaIdentity: 'full',
};

/** More customers and products than a report ranks. */
export const SHOP_SIZE: WorkloadSize = {
  ...{ rowsBefore: 150, customers: 140, products: 140 },
  randomChanges: 3,
};

/** A client for one piece of work: none outlives a kill of the database. */
export async function withSource<T>(
  { postgres }: Platform,
  work: (source: Source) => Promise<T>,
  seed = 0,
): Promise<T> {
  const source = new Source(postgres.address, SOURCE_SHAPE, seed);
  try {
    return await work(source);
  } finally {
    await source.close();
  }
}

/** Tables, rows that are there before the snapshot, and the connector, until its topics exist. */
export async function startSource(platform: Platform, seed: number): Promise<void> {
  await withSource(
    platform,
    async (source) => {
      await source.createTables();
      await insertRowsBefore(source, SHOP_SIZE);
    },
    seed,
  );
  await platform.connect.createConnector(CONNECTOR, {
    ...baseSettings,
    ...converters(false),
    ...signalSettings,
    ...connectionSettings(platform.postgres.address),
    'incremental.snapshot.chunk.size': '60',
    // A database that was killed is back soon: the defaults wait 10 seconds.
    'retriable.restart.connector.wait.ms': '1000',
    'slot.retry.delay.ms': '1000',
    'slot.max.retries': '30',
  });
  const wanted = [...SHOP_TOPICS, PRODUCTS_TOPIC];
  const existAll = async () => {
    const existing = await existingTopics(platform.kafka.bootstrap);
    return wanted.every((topic) => existing.has(topic));
  };
  await waitUntil(`the topics ${wanted.join(', ')}`, existAll, TOPICS_TIMEOUT_MS);
}

/** All rows are read again while they change. */
export function signalSnapshot(platform: Platform): Promise<void> {
  return withSource(platform, async ({ sql }) => {
    const data = JSON.stringify({
      'data-collections': ['public.orders', 'public.order_items'],
      type: 'incremental',
    });
    await sql`
      insert into debezium_signal (id, type, data)
      values (${randomUUID()}, 'execute-snapshot', ${data})`;
  });
}

/** Debezium gives up on some failures; then a person, or this, restarts its task. Answers how often. */
export async function watchConnector({ connect }: Platform, signal: AbortSignal): Promise<number> {
  let restarts = 0;
  while (!signal.aborted) {
    // A worker that is down cannot be asked.
    restarts += await connect.restartFailedTasks(CONNECTOR).catch(() => 0);
    await sleep(WATCH_INTERVAL_MS, undefined, { signal }).catch(() => {});
  }
  return restarts;
}
