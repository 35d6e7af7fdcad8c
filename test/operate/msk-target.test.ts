// I131: the function sends records to MSK in the operator's name: over TLS, by the token that it was handed, each
// to its own partition with its time and headers; what is refused is one line.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { openMskTarget } from '../../functions/operate/quarantine/msk-target.ts';
import { startBroker } from '../support/kafka-broker.ts';

const TOPIC = 'dbserver1.public.orders';
const AUTHORITY = join(import.meta.dirname, '..', 'fixtures', 'tls', 'authority.crt');
const known = getCACertificates('default');

beforeAll(() => setDefaultCACertificates([...known, readFileSync(AUTHORITY, 'utf8')]));
afterAll(() => setDefaultCACertificates(known));

async function broker(accepts: (token: string) => boolean = () => true) {
  const started = await startBroker({ topics: { [TOPIC]: 3 }, accepts });
  onTestFinished(() => started.close());
  return started;
}

function record(partition: number, value: string | null, topic = TOPIC) {
  const headers = [{ name: 'analytics.redriven-from', value: Buffer.from('0:t:2/5@7') }];
  const bytes = value === null ? null : Buffer.from(value);
  return {
    topic,
    partition,
    timestamp: 1_769_000_000_000,
    key: Buffer.from('k'),
    value: bytes,
    headers,
  };
}

test('records arrive as they were, in the name of whoever signed the token', async () => {
  const { address, sent, tokens } = await broker((token) => token === 'signed');
  const target = await openMskTarget({ brokers: [address], token: 'signed' });
  onTestFinished(() => target.close());
  await target.send([record(2, '{"id":1}'), record(0, null)]);
  const same = { topic: TOPIC, timestamp: 1_769_000_000_000, key: 'k' };
  const headers = { 'analytics.redriven-from': '0:t:2/5@7' };
  expect(sent).toHaveLength(2);
  expect(sent).toContainEqual({ ...same, partition: 2, value: '{"id":1}', headers });
  expect(sent).toContainEqual({ ...same, partition: 0, value: undefined, headers });
  expect([...tokens]).toEqual(['signed']);
});

test('a token that is refused, a topic that is not there and a broker that is silent are a line each', async () => {
  const { address, sent } = await broker((token) => token === 'signed');
  await expect(openMskTarget({ brokers: [address], token: 'stolen' })).rejects.toThrow(
    /^Kafka at localhost:\d+ failed as the function spoke to it: Access denied\. The command's credentials must be/,
  );
  const target = await openMskTarget({ brokers: [address], token: 'signed' });
  onTestFinished(() => target.close());
  await expect(target.send([record(0, 'x', 'nobody')])).rejects.toThrow(
    'The cluster has no topic nobody.',
  );
  expect(sent).toEqual([]);
  const nobody = openMskTarget({ brokers: ['127.0.0.1:1'], token: 'signed' });
  await expect(nobody).rejects.toThrow(/^Kafka at 127\.0\.0\.1:1 failed .*ECONNREFUSED/);
});

test('a broker whose certificate nobody knows gets no token', async () => {
  const { address, tokens } = await broker();
  setDefaultCACertificates(known);
  onTestFinished(() => setDefaultCACertificates([...known, readFileSync(AUTHORITY, 'utf8')]));
  await expect(openMskTarget({ brokers: [address], token: 'signed' })).rejects.toThrow(
    /certificate/,
  );
  expect([...tokens]).toEqual([]);
});
