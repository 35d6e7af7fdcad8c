// I29: npm run quarantine -- redrive against a real Kafka: the record that comes back is the one that was
// refused, bytes, headers and time, in its partition, with its first place. Needs Java.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { Admin } from '@platformatic/kafka';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { quarantineKey, REDRIVEN_HEADER } from '../../functions/contracts.ts';
import { renderQuarantineDocument } from '../../functions/kafka/quarantine.ts';
import { readPartitionBatches } from '../../functions/kafka/records.ts';
import { openStores } from '../../local/stores/open-stores.ts';
import { EventSourceMapping } from '../../local/stream/event-source-mapping.ts';
import { KafkaSource } from '../../local/stream/kafka-source.ts';
import { ReadBounds } from '../../local/stream/read-bounds.ts';
import { routeTopics } from '../../local/stream/routes.ts';
import { resolveClasspath } from '../platform/classpath.ts';
import { findFreePorts } from '../platform/free-ports.ts';
import { createKafka, type Kafka } from '../platform/kafka.ts';
import { temporaryDirectory } from '../runner/temporary-directory.ts';

const TOPIC = 'shop.public.orders';
const ROOT = join(import.meta.dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'redrive-'));
const TIME_MS = Date.now() - 3_600_000;
let kafka: Kafka;

beforeAll(async () => {
  const [brokerPort = 0, controllerPort = 0] = await findFreePorts(2);
  kafka = createKafka({ dir: folder, classpath: resolveClasspath(), brokerPort, controllerPort });
  await kafka.process.start();
  const admin = new Admin({ clientId: 'test', bootstrapBrokers: [kafka.bootstrap] });
  await admin.createTopics({ topics: [TOPIC], partitions: 3, replicas: 1 });
  await admin.close();
}, 180_000);

afterAll(async () => {
  await kafka.process.stop();
  await rm(folder, { recursive: true });
});

const REFUSED = [
  { offset: 7n, key: Buffer.from('{"id":1}'), value: Buffer.from([0xff, 0x00]) },
  { offset: 8n, key: Buffer.from('{"id":1}'), value: null },
  { offset: 9n, key: null, value: Buffer.from('{}') },
].map((bytes) => {
  const headers = [
    { name: 'trace', value: Buffer.from('a') },
    { name: 'trace', value: Buffer.from([0xc3]) },
  ];
  return { topic: TOPIC, partition: 2, timestamp: TIME_MS, headers, ...bytes };
});

async function consumed(): Promise<
  ReturnType<typeof readPartitionBatches>[number]['records'][number][]
> {
  const events: string[] = [];
  const controller = new AbortController();
  const source = await KafkaSource.join({
    connection: { bootstrapBrokers: [kafka.bootstrap] },
    groupId: 'redrive',
    sessionTimeoutMs: 6_000,
    topic: TOPIC,
  });
  const mapping = new EventSourceMapping({
    routes: routeTopics('auction_outcomes'),
    invoke: async (_name, event) => {
      events.push(event);
      return '{"batchItemFailures":[],"records":1,"applied":1,"skipped":0,"quarantined":0,"write_units":0}';
    },
    batchSize: 100,
    attemptsMax: 1,
    signal: controller.signal,
    onRetry: () => {},
    onDelivered: () => {},
  });
  await source.pump(
    mapping,
    new ReadBounds({ messagesMax: 3, idleMsMax: 30_000, signal: controller.signal }),
  );
  await source.leave();
  return events
    .flatMap((event) => readPartitionBatches(JSON.parse(event)))
    .flatMap(({ records }) => records)
    .map((record) => ({
      ...record,
      headers: record.headers.map(({ name, value }) => ({ name, value })),
    }));
}

test('bytes, headers, time and partition come back as they were, with the first place', async () => {
  const dataDir = temporaryDirectory();
  const stores = await openStores(dataDir, { command: 'test', env: {} });
  for (const record of REFUSED) {
    const Key = quarantineKey(TOPIC, 2, record.offset);
    const Body = renderQuarantineDocument({ record, reason: 'because', streamEpoch: '4' });
    await stores.s3.send(new PutObjectCommand({ Bucket: stores.bucket, Key, Body }));
  }
  await stores.close();
  const script = join(ROOT, 'operate', 'quarantine.ts');
  const args = ['redrive', '--all', '--brokers', kafka.bootstrap, '--data-dir', dataDir];
  const child = spawn(process.execPath, [script, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const output = text(child.stdout);
  await once(child, 'exit');
  expect(await output).toBe('3 records of 3 objects sent again.\n');
  expect(await consumed()).toEqual(
    REFUSED.map((record, offset) => ({
      ...record,
      offset: BigInt(offset),
      headers: [
        ...record.headers,
        { name: REDRIVEN_HEADER, value: Buffer.from(`4:${TOPIC}:2/${record.offset}@${TIME_MS}`) },
      ],
    })),
  );
});
