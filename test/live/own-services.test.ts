// I106: npm start over a real Kafka and a PostgreSQL of one's own: both topics are read, each for itself, and the API
// serves what they brought; consume reads beside it in the same directory. Needs Java.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync } from 'node:fs';
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

const COMMANDS = join(import.meta.dirname, '..', '..', 'local', 'commands');
const ORDERS = 'dbserver1.public.orders';
const OUTCOMES = 'auction_outcomes';
const PATIENCE = { timeout: 240_000, interval: 250 };
const folder = mkdtempSync(join(tmpdir(), 'own-services-'));

let kafka: Kafka;
let producer: Producer<Buffer, Buffer, Buffer, Buffer>;

beforeAll(async () => {
  const [brokerPort = 0, controllerPort = 0] = await findFreePorts(2);
  kafka = createKafka({ dir: folder, classpath: resolveClasspath(), brokerPort, controllerPort });
  await kafka.process.start();
  const client = { clientId: 'test', bootstrapBrokers: [kafka.bootstrap], retries: true };
  producer = new Producer({ ...client, idempotent: true });
  const admin = new Admin(client);
  await admin.createTopics({ topics: [ORDERS, OUTCOMES], partitions: 3, replicas: 1 });
  await admin.close();
}, 180_000);

afterAll(async () => {
  await producer.close();
  await kafka.process.stop();
  await rm(folder, { recursive: true });
});

const auctions = openAuctions(1);

async function produceOutcomes(count: number): Promise<void> {
  const messages = Array.from({ length: count }, () => {
    const outcome = nextOutcome(auctions, 1_760_000_000_000);
    const key = Buffer.from(outcome.bid_request_id);
    return { topic: OUTCOMES, key, value: Buffer.from(JSON.stringify(outcome)) };
  });
  await producer.send({ messages, acks: -1 });
}

async function produceOrders(count: number): Promise<void> {
  const messages = Array.from({ length: count }, (_, id) => {
    const after = { id, customer_id: id, total_amount: '1.50', status: 'paid', created_at: 1e12 };
    const source = { table: 'orders', lsn: 1_000 + id, ts_ms: 1e12 };
    const value = Buffer.from(JSON.stringify({ op: 'c', after, source }));
    return { topic: ORDERS, key: Buffer.from(`{"id":${id}}`), value };
  });
  await producer.send({ messages, acks: -1 });
}

test('your own Kafka and database, one command; consume beside it', async () => {
  const elsewhere = await openStores(temporaryDirectory(), { command: 'test', env: {} });
  onTestFinished(() => elsewhere.close());
  const own = await elsewhere.openDatabase();
  const dataDir = temporaryDirectory();
  const [port = 0] = await findFreePorts(4);
  const env = { ...process.env, ...own, KAFKA_BROKERS: kafka.bootstrap, FLUSH_INTERVAL: '2' };
  const run = (command: string, ...args: string[]) => {
    const all = [join(COMMANDS, `${command}.ts`), '--data-dir', dataDir, ...args];
    const child = spawn(process.execPath, all, { env, stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    return child;
  };
  const ask = async <T>(path: string): Promise<T | undefined> => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`).catch(() => undefined);
    return answer?.ok ? ((await answer.json()) as T) : undefined;
  };
  const outcomes = async () => (await ask<{ count: number }>('/api/outcomes/'))?.count;
  const orders = async () =>
    (await ask<{ metrics: { total_orders: number } }>('/analytics/summary/latest.json'))?.metrics
      .total_orders;

  await produceOutcomes(1_500);
  await produceOrders(40);
  const service = run('start', '--port', String(port), '--migrate');
  const output = text(service.stdout);
  await expect.poll(outcomes, PATIENCE).toBe(1_500);
  await expect.poll(orders, PATIENCE).toBe(40);

  const beside = run('consume', '--topics', OUTCOMES, '--timeout', '15000');
  const closing = text(beside.stdout);
  await produceOutcomes(300);
  expect(await once(beside, 'exit')).toEqual([0, null]);
  expect(JSON.parse(await closing)).toMatchObject({ error_count: 0 });
  await expect.poll(outcomes, PATIENCE).toBe(1_800);
  service.kill('SIGTERM');
  expect(await once(service, 'exit')).toEqual([0, null]);
  expect(await output).toMatch(/traffic {3}Kafka at .*: .*orders, auction_outcomes/);
  for (const name of ['postgres', 'shop.json', 'topics']) {
    expect(existsSync(join(dataDir, name))).toBe(false);
  }
}, 600_000);
