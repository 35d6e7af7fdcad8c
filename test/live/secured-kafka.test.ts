// consume and redrive against a real Kafka with TLS and a login. Needs Java.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { Admin } from '@platformatic/kafka';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { quarantineKey } from '../../functions/contracts.ts';
import { renderQuarantineDocument } from '../../functions/kafka/quarantine.ts';
import { nextOutcome, openAuctions } from '../../local/sample/auctions.ts';
import { openStores } from '../../local/stores/open-stores.ts';
import { EventSourceMapping } from '../../local/stream/event-source-mapping.ts';
import { connectionTo } from '../../local/stream/kafka-connection.ts';
import { readKafkaSecurity } from '../../local/stream/kafka-security.ts';
import { KafkaSource, listTopics } from '../../local/stream/kafka-source.ts';
import { ReadBounds } from '../../local/stream/read-bounds.ts';
import { routeTopics } from '../../local/stream/routes.ts';
import { resolveClasspath } from '../platform/classpath.ts';
import { findFreePorts } from '../platform/free-ports.ts';
import { createKafka, type Kafka } from '../platform/kafka.ts';
import { type SecuredListener, securedListener } from '../platform/secured-listener.ts';
import { temporaryDirectory } from '../runner/temporary-directory.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const TLS = join(ROOT, 'test', 'fixtures', 'tls');
const TOPIC = 'secured_outcomes';
const USER = { name: 'alice', password: 'correct-horse' };
const WRONG = 'battery-staple';
const folder = mkdtempSync(join(tmpdir(), 'secured-'));

let kafka: Kafka;
let secured: SecuredListener;

const settings = {
  KAFKA_SECURITY_PROTOCOL: 'SASL_SSL',
  KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512',
  KAFKA_SASL_USERNAME: USER.name,
  KAFKA_SASL_PASSWORD: USER.password,
  KAFKA_SSL_CA_FILE: join(TLS, 'authority.crt'),
};

beforeAll(async () => {
  const [brokerPort = 0, controllerPort = 0, securedPort = 0] = await findFreePorts(3);
  secured = securedListener(folder, securedPort, USER);
  const classpath = resolveClasspath();
  kafka = createKafka({ dir: folder, classpath, brokerPort, controllerPort, secured });
  await kafka.process.start();
  const admin = new Admin({ clientId: 'test', bootstrapBrokers: [kafka.bootstrap] });
  await admin.createTopics({ topics: [TOPIC], partitions: 1, replicas: 1 });
  await admin.close();
}, 180_000);

afterEach(() => vi.unstubAllEnvs());

afterAll(async () => {
  await kafka.process.stop();
  await rm(folder, { recursive: true });
});

async function run(script: string, args: string[], env: Record<string, string> = {}) {
  const options = [...args, '--brokers', secured.bootstrap];
  const child = spawn(process.execPath, [join(ROOT, script), ...options], {
    env: { ...process.env, ...settings, KAFKA_TOPIC_AUCTION_OUTCOMES: TOPIC, ...env },
  });
  const outputs = Promise.all([text(child.stdout), text(child.stderr)]);
  const [status] = await once(child, 'exit');
  const [stdout, stderr] = await outputs;
  return { status, stdout, stderr };
}

const redrive = (dataDir: string, env?: Record<string, string>) =>
  run('operate/quarantine.ts', ['redrive', '--all', '--data-dir', dataDir], env);

const connect = async (env: Record<string, string>) =>
  connectionTo([secured.bootstrap], readKafkaSecurity({ ...settings, ...env }));

test('redrive writes, consume reads', async () => {
  const dataDir = temporaryDirectory();
  const stores = await openStores(dataDir, { command: 'test', env: {} });
  const outcome = nextOutcome(openAuctions(1), 1_760_000_000_000);
  const place = { topic: TOPIC, partition: 0, offset: 0n, timestamp: 1_760_000_000_000 };
  const record = { ...place, headers: [], key: null, value: Buffer.from(JSON.stringify(outcome)) };
  const Body = renderQuarantineDocument({ record, reason: 'because', streamEpoch: '0' });
  const Key = quarantineKey(TOPIC, 0, 0n);
  await stores.s3.send(new PutObjectCommand({ Bucket: stores.bucket, Key, Body }));
  await stores.close();
  expect(await redrive(dataDir)).toEqual({
    status: 0,
    stdout: '1 records of 1 objects sent again.\n',
    stderr: '',
  });
  const args = ['--data-dir', dataDir, '--max-messages', '1', '--timeout', '60000'];
  const { status, stdout } = await run('local/commands/consume.ts', args);
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ success_count: 1, error_count: 0 });
});

const WRONG_PASSWORD = /refused the login: .*SCRAM-SHA-512\. See .*KAFKA_SASL_PASSWORD\.$/;
const UNKNOWN_AUTHORITY =
  /certificate of Kafka at .* cannot be verified: .*KAFKA_SSL_CA_FILE names/;

test.each([
  ['a wrong password', { KAFKA_SASL_PASSWORD: WRONG }, WRONG_PASSWORD],
  ['an unknown authority', { KAFKA_SSL_CA_FILE: '' }, UNKNOWN_AUTHORITY],
])('%s is one line of both commands', async (_what, env, reason) => {
  const dataDir = temporaryDirectory();
  const consumed = await run('local/commands/consume.ts', ['--data-dir', dataDir], env);
  for (const { status, stdout, stderr } of [consumed, await redrive(dataDir, env)]) {
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr.trimEnd()).toMatch(reason);
    expect(stderr.trimEnd()).not.toContain('\n');
    for (const secret of [WRONG, USER.password]) expect(stderr).not.toContain(secret);
  }
});

test.each(['SCRAM-SHA-512', 'SCRAM-SHA-256', 'PLAIN'])('%s logs on, or not', async (mechanism) => {
  const env = { KAFKA_SASL_MECHANISM: mechanism };
  expect(await listTopics(await connect(env))).toContain(TOPIC);
  const wrong = await connect({ ...env, KAFKA_SASL_PASSWORD: WRONG });
  await expect(listTopics(wrong)).rejects.toThrow('refused the login');
});

/** All its connections stand; none has to log on again yet. */
const CONNECTED_MS = 1_500;

test('a member logs on again when it has to; one that is refused does not try without end', async () => {
  const member = { groupId: 'refused', topic: TOPIC, sessionTimeoutMs: 6_000 };
  const refused = await connect({ KAFKA_SASL_PASSWORD: WRONG });
  await expect(KafkaSource.join({ ...member, connection: refused })).rejects.toThrow(
    WRONG_PASSWORD,
  );

  let { password } = USER;
  let logins = 0;
  const makePassword = () => {
    logins += 1;
    return password;
  };
  const connection = await connect({});
  const mechanism = 'SCRAM-SHA-512' as const;
  const sasl = { ...connection.sasl, mechanism, password: makePassword };
  const source = await KafkaSource.join({ ...member, connection: { ...connection, sasl } });
  const { signal } = new AbortController();
  const mapping = new EventSourceMapping({
    routes: routeTopics(TOPIC),
    invoke: async () =>
      '{"batchItemFailures":[],"records":1,"applied":1,"skipped":0,"quarantined":0}',
    ...{ batchSize: 100, attemptsMax: 1, signal, onRetry: () => {}, onDelivered: () => {} },
  });
  const pumped = source.pump(
    mapping,
    new ReadBounds({ messagesMax: 1_000, idleMsMax: 30_000, signal }),
  );
  await sleep(CONNECTED_MS);
  const first = logins;
  await expect.poll(() => logins, { timeout: 10_000 }).toBeGreaterThan(first);
  await sleep(CONNECTED_MS);
  password = WRONG;
  await expect(pumped).rejects.toThrow(WRONG_PASSWORD);
  await expect(source.commit(TOPIC, new Map([[0, 0n]]))).rejects.toThrow(WRONG_PASSWORD);
  await source.leave();
});

const IAM = {
  KAFKA_SASL_MECHANISM: 'AWS_MSK_IAM',
  KAFKA_SASL_USERNAME: '',
  KAFKA_SASL_PASSWORD: '',
};

test('a token that the broker takes, and AWS_MSK_IAM at one that does not', async () => {
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'key');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  const connection = await connect(IAM);
  await expect(listTopics(connection)).rejects.toThrow(
    /refused the login: .*invalid_token.* must be allowed kafka-cluster:Connect/,
  );
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const nowS = Math.floor(Date.now() / 1_000);
  const token = `${part({ alg: 'none' })}.${part({ sub: 'alice', iat: nowS, exp: nowS + 900 })}.`;
  const sasl = { mechanism: 'OAUTHBEARER' as const, ...connection.sasl, token };
  expect(await listTopics({ ...connection, sasl })).toContain(TOPIC);
});

test.each([
  ['no login', { KAFKA_SECURITY_PROTOCOL: 'SSL' }],
  ['no TLS', { KAFKA_SECURITY_PROTOCOL: 'PLAINTEXT', KAFKA_SSL_CA_FILE: '' }],
])('%s where the broker wants one', async (_what, env) => {
  const none = { KAFKA_SASL_MECHANISM: '', KAFKA_SASL_USERNAME: '', KAFKA_SASL_PASSWORD: '' };
  const protocol = `with KAFKA_SECURITY_PROTOCOL=${env.KAFKA_SECURITY_PROTOCOL}`;
  await expect(listTopics(await connect({ ...none, ...env }))).rejects.toThrow(protocol);
});
