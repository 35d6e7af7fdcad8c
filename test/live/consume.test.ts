// npm run consume against a real Kafka: bounds, restarts of both sides, two members of the group, and
// bytes that are no text. Needs Java.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Admin, Producer } from '@platformatic/kafka';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { nextOutcome, openAuctions } from '../../local/sample/auctions.ts';
import { openStores } from '../../local/stores/open-stores.ts';
import { resolveClasspath } from '../platform/classpath.ts';
import { findFreePorts } from '../platform/free-ports.ts';
import { createKafka, type Kafka } from '../platform/kafka.ts';
import { temporaryDirectory } from '../runner/temporary-directory.ts';
import { connectTo } from '../support/data-directory-sql.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const PARTITIONS = 4;
const folder = mkdtempSync(join(tmpdir(), 'consume-'));

let kafka: Kafka;
let producer: Producer<Buffer, Buffer, Buffer, Buffer>;

beforeAll(async () => {
  const [brokerPort = 0, controllerPort = 0] = await findFreePorts(2);
  kafka = createKafka({ dir: folder, classpath: resolveClasspath(), brokerPort, controllerPort });
  await kafka.process.start();
  const client = { clientId: 'test', bootstrapBrokers: [kafka.bootstrap], retries: true };
  // Idempotent: while a new topic's partitions have no leader yet, all is sent once more.
  producer = new Producer({ ...client, idempotent: true });
}, 180_000);

afterAll(async () => {
  await producer.close();
  await kafka.process.stop();
  await rm(folder, { recursive: true });
});

async function createTopic(topic: string): Promise<void> {
  const admin = new Admin({ clientId: 'test', bootstrapBrokers: [kafka.bootstrap] });
  await admin.createTopics({ topics: [topic], partitions: PARTITIONS, replicas: 1 });
  await admin.close();
}

const auctions = openAuctions(1);

async function produce(topic: string, count: number): Promise<void> {
  const messages = Array.from({ length: count }, () => {
    const outcome = nextOutcome(auctions, 1_760_000_000_000);
    const key = Buffer.from(outcome.bid_request_id);
    return { topic, key, value: Buffer.from(JSON.stringify(outcome)) };
  });
  await producer.send({ messages, acks: -1 });
}

interface Consumer {
  readonly child: ChildProcess;
  /** The closing line. */
  ended(): Promise<{ readonly success_count: number; readonly error_count: number }>;
}

function consume(topic: string, dataDir: string, ...args: string[]): Consumer {
  const script = join(ROOT, 'local', 'commands', 'consume.ts');
  const options = ['--brokers', kafka.bootstrap, '--data-dir', dataDir, ...args];
  const child = spawn(process.execPath, [script, ...options], {
    env: {
      ...process.env,
      KAFKA_TOPIC_AUCTION_OUTCOMES: topic,
      KAFKA_GROUP_ID: topic,
      // What a killed member had is given to another after this time.
      KAFKA_SESSION_TIMEOUT_MS: '6000',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const output = text(child.stdout);
  return {
    child,
    ended: async () => {
      if (child.exitCode === null) await once(child, 'exit');
      expect(child.exitCode).toBe(0);
      const closing = JSON.parse(await output);
      expect(closing.message).toBe('Kafka consumer stopped');
      return closing;
    },
  };
}

/** Rows, and how many records they are of. */
async function countRows(dataDir: string): Promise<{ rows: number; distinct: number }> {
  const stores = await openStores(dataDir, { command: 'test', env: {} });
  const sql = await connectTo(stores);
  try {
    const [counts] = await sql<{ rows: number; distinct: number }>`
      select count(*)::int as rows, count(distinct (kafka_partition, kafka_offset))::int as distinct
      from auction_outcomes`;
    return counts ?? { rows: 0, distinct: 0 };
  } finally {
    await sql.end();
    await stores.close();
  }
}

test('--max-messages takes so many, the next run goes on behind them, --timeout ends it', async () => {
  const topic = 'bounded';
  await createTopic(topic);
  await produce(topic, 250);
  const dataDir = temporaryDirectory();
  const first = await consume(topic, dataDir, '--max-messages', '120').ended();
  expect(first).toMatchObject({ success_count: 120, error_count: 0 });
  const second = await consume(topic, dataDir, '--timeout', '8000').ended();
  // Delivery is at least once: some may come again, but not all, and none is missing.
  expect(second.error_count).toBe(0);
  expect(second.success_count).toBeGreaterThanOrEqual(130);
  expect(second.success_count).toBeLessThan(250);
  expect(await countRows(dataDir)).toEqual({ rows: 250, distinct: 250 });
});

test('bytes that are no text are quarantined as they are', async () => {
  const topic = 'bytes';
  await createTopic(topic);
  const value = Buffer.from([0xff, 0x00, 0xc3]);
  await producer.send({ messages: [{ topic, partition: 0, value }], acks: -1 });
  await produce(topic, 5);
  const dataDir = temporaryDirectory();
  const closing = await consume(topic, dataDir, '--max-messages', '6').ended();
  expect(closing).toMatchObject({ success_count: 5, error_count: 1 });
  const path = join(dataDir, 's3/analytics-local/quarantine', topic, '0', '0.json');
  expect(readFileSync(path, 'utf8')).toContain(value.toString('base64'));
});

test('nothing is lost or doubled by kills, a stopped broker, and a signal', async () => {
  const topic = 'rough';
  await createTopic(topic);
  const dataDir = temporaryDirectory();
  await produce(topic, 2_000);
  const killed = consume(topic, dataDir);
  await expect
    .poll(() => committed(topic), { timeout: 240_000, interval: 100 })
    .toBeGreaterThan(200);
  killed.child.kill('SIGKILL');

  const second = consume(topic, dataDir);
  // Only the second can have these: it reads, and does not wait for its first answer, when the broker goes.
  await produce(topic, 100);
  await expect.poll(() => committed(topic), { timeout: 240_000, interval: 100 }).toBe(2_100);
  await kafka.process.kill();
  await kafka.process.start();
  await produce(topic, 300);
  await expect.poll(() => committed(topic), { timeout: 240_000, interval: 200 }).toBe(2_400);
  second.child.kill('SIGTERM');
  await second.ended();
  expect(await countRows(dataDir)).toEqual({ rows: 2_400, distinct: 2_400 });
}, 800_000);

test('two members share the partitions, one leaves and the other takes over', async () => {
  const topic = 'shared';
  await createTopic(topic);
  const dataDir = temporaryDirectory();
  // Both use the endpoints of the directory's owner.
  const stores = await openStores(dataDir, { command: 'start', env: {} });
  await stores.openDatabase();
  const first = consume(topic, dataDir);
  await produce(topic, 500);
  await expect.poll(() => committed(topic), { timeout: 240_000, interval: 200 }).toBe(500);
  const second = consume(topic, dataDir);
  for (let round = 1; round <= 10; round += 1) await produce(topic, 100);
  await expect.poll(() => committed(topic), { timeout: 240_000, interval: 200 }).toBe(1_500);
  first.child.kill('SIGTERM');
  await produce(topic, 500);
  await first.ended();
  await expect.poll(() => committed(topic), { timeout: 240_000, interval: 200 }).toBe(2_000);
  second.child.kill('SIGTERM');
  await second.ended();
  await stores.close();
  expect(await countRows(dataDir)).toEqual({ rows: 2_000, distinct: 2_000 });
}, 800_000);

/** The sum of the positions that the group has committed. */
async function committed(topic: string): Promise<number> {
  const admin = new Admin({ clientId: 'test', bootstrapBrokers: [kafka.bootstrap] });
  try {
    const groups = await admin.listConsumerGroupOffsets({ groups: [topic] });
    const partitions = groups.flatMap((group) => group.topics.flatMap((one) => one.partitions));
    return partitions.reduce((sum, { committedOffset }) => sum + Number(committedOffset), 0);
  } finally {
    await admin.close();
  }
}
