// Drives the built functions through all they can do, over the local stores, and answers what they asked
// of AWS. Those with a database run twice: with tokens of IAM, and with secrets.
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { DATABASE_ROLES, ENV, type FunctionName } from '../../../functions/contracts.ts';
import { SumsByName } from '../../../functions/orders/fold/sums.ts';
import { DELETE_EVERY } from '../../../functions/orders/merge/merge.ts';
import { makePlanStore } from '../../../functions/orders/merge/plan-store.ts';
import { packSegment } from '../../../functions/orders/segments/segment.ts';
import { makeSegmentStore } from '../../../functions/orders/segments/segment-store.ts';
import { ENDED } from '../../../functions/orders/table/items.ts';
import { makeTable, type Table } from '../../../functions/orders/table/table-store.ts';
import { LambdaHost } from '../../../local/lambda/host.ts';
import { openCaptures, readCaptures } from '../../../local/replay/captures.ts';
import { openStores, type Stores } from '../../../local/stores/open-stores.ts';
import { EventBatch } from '../../../local/stream/msk-event.ts';
import { kafkaEvent } from '../../support/kafka-record.ts';
import type { TestPostgres } from '../../support/postgres.ts';
import { administeredDatabase, admit, serveTls } from '../../support/postgres-access.ts';
import { proxyEvent } from '../../support/proxy-event.ts';
import { startSecretsServer } from '../../support/secrets-server.ts';
import { driveOperator, driveRedrive } from './drive-operator.ts';
import { type Call, Recorder } from './recorder.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const CAPTURE = join(ROOT, 'test', 'fixtures', 'captures', 'platform.ndjson');
const TIMEOUT_MS = 100_000;
const SECRETS = {
  admin: 'secret-of-admin',
  writer: 'secret-of-writer',
  reader: 'secret-of-reader',
};

/** What stands for each variable that names something in AWS. */
export const NAMES: Readonly<Record<string, readonly string[]>> = {
  [ENV.aggregatesTable]: ['recorded-table'],
  [ENV.bucket]: ['recorded-bucket'],
  [ENV.dbSecretArn]: [SECRETS.writer, SECRETS.reader],
  [ENV.dbAdminSecretArn]: [SECRETS.admin],
};
const [TABLE = '', BUCKET = ''] = [ENV.aggregatesTable, ENV.bucket].map((name) => NAMES[name]?.[0]);

type Environment = Readonly<Record<string, string | undefined>>;
type Invoke = (name: FunctionName, event: unknown, env?: Environment) => Promise<Answer>;
type Answer = Readonly<Record<string, unknown>>;

export async function recordCalls(
  server: Pick<TestPostgres, 'freshDatabase' | 'connect'>,
): Promise<readonly Call[]> {
  const folder = await mkdtemp(join(tmpdir(), 'privileges-'));
  await chmod(folder, 0o755);
  const names = { [ENV.aggregatesTable]: TABLE, [ENV.bucket]: BUCKET };
  const stores = await openStores(folder, { command: 'test', env: names });
  const secrets = await startSecretsServer();
  const { endpoints } = stores;
  const recorder = new Recorder({
    ...{ DYNAMODB: endpoints.dynamodb, S3: endpoints.s3, SECRETS_MANAGER: secrets.url },
  });
  const hosts = new Map<string, LambdaHost>();
  const invoke: Invoke = async (name, event, env = {}) => {
    const key = `${name} ${JSON.stringify(env)}`;
    const host = hosts.get(key) ?? startHost(name, { ...(await recorder.endpoints(name)), ...env });
    hosts.set(key, host);
    return JSON.parse(await host.invoke(JSON.stringify(event)));
  };
  try {
    const database = await makeDatabase(server, secrets.secrets);
    const logons = [database.tokens, database.secrets];
    for (const logon of logons) await driveOutcomes(invoke, logon);
    for (const { reader } of logons) await driveApiWithoutReports(invoke, reader);
    await driveOrders(invoke);
    await driveReports(invoke, stores);
    for (const { reader } of logons) await driveApi(invoke, reader);
    await makeSegmentsOld(makeTable(stores.dynamodb, TABLE));
    for (const { writer } of logons) {
      await driveOperator((request) => invoke('operate-stores', request, writer) as never);
    }
    await driveRedrive(stores, await recorder.endpoints('operate-stores'));
    return recorder.calls;
  } finally {
    await Promise.all([...hosts.values()].map((host) => host.close()));
    await recorder.close();
    await secrets.close();
    await stores.close();
    await rm(folder, { recursive: true });
  }
}

function startHost(name: FunctionName, env: Environment): LambdaHost {
  const all = {
    ...{ AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' },
    ...{ [ENV.aggregatesTable]: TABLE, [ENV.bucket]: BUCKET, [ENV.topN]: '1' },
    [ENV.outcomesTopic]: 'auction_outcomes',
    ...{ [ENV.logLevel]: 'SILENT', POWERTOOLS_METRICS_DISABLED: 'true' },
    ...(env as Record<string, string>),
  };
  const bundle = join(ROOT, 'dist', name, 'index.mjs');
  return new LambdaHost({ name, bundle, timeoutMs: TIMEOUT_MS, env: all, log: () => {} });
}

/** As on RDS: an administrator who is no superuser, TLS for all, and whoever has a token comes in. */
async function makeDatabase(
  server: Pick<TestPostgres, 'freshDatabase' | 'connect'>,
  secrets: Map<string, string | null>,
) {
  const { env, superuser } = await administeredDatabase(server, 'administrator');
  await serveTls(superuser, 'server');
  await admit(superuser, 'hostssl all /^analytics_ 127.0.0.1/32 trust');
  const secret = (username: unknown, password: unknown) => JSON.stringify({ username, password });
  secrets.set(SECRETS.admin, secret('administrator', 'rds'));
  // The way in is what matters here: as superuser there is nothing that they may not.
  for (const user of [SECRETS.writer, SECRETS.reader]) {
    secrets.set(user, secret(env[ENV.dbUser], env[ENV.dbPassword]));
  }
  const { [ENV.dbUser]: _user, [ENV.dbPassword]: _password, ...address } = env;
  const place = { ...address, [ENV.dbSsl]: 'require' };
  const token = (user: string) => ({ ...place, [ENV.dbIamAuth]: 'true', [ENV.dbUser]: user });
  const writer = token(DATABASE_ROLES.writer);
  return {
    tokens: {
      writer,
      reader: token(DATABASE_ROLES.reader),
      migration: {
        ...writer,
        [ENV.dbAdminSecretArn]: SECRETS.admin,
        [ENV.dbReaderUser]: DATABASE_ROLES.reader,
      },
    },
    secrets: {
      writer: { ...place, [ENV.dbSecretArn]: SECRETS.writer },
      reader: { ...place, [ENV.dbSecretArn]: SECRETS.reader },
      migration: { ...place, [ENV.dbSecretArn]: SECRETS.writer },
    },
  };
}

async function driveOutcomes(
  invoke: Invoke,
  logon: { writer: Environment; migration: Environment },
) {
  for (const event of [{}, { status: true }]) {
    const done = await invoke('migrate-database', event, {
      ...logon.migration,
      [ENV.retentionDays]: '90',
    });
    expect(Object.keys(done).length).toBeGreaterThan(0);
  }
  const timestamp = new Date().toISOString();
  const value = JSON.stringify({ bid_id: 'b', timestamp, win_status: true, win_price: '1.10' });
  const offset = ENV.dbSecretArn in logon.writer ? 10 : 0;
  const event = kafkaEvent([
    { offset, value },
    { offset: offset + 1, value: 'garbage' },
  ]);
  const counts = { applied: 1, quarantined: 1 };
  expect(await invoke('record-outcomes', event, logon.writer)).toMatchObject(counts);
}

async function driveOrders(invoke: Invoke): Promise<void> {
  const topics = new Map<string, EventBatch>();
  for await (const line of readCaptures(await openCaptures([CAPTURE]))) {
    if (line.kind === 'refused') throw new TypeError(line.refused.reason);
    const { topic } = line.record;
    const batch = topics.get(topic) ?? new EventBatch(topic);
    topics.set(topic, batch);
    expect(batch.tryAdd(line.record)).toBe(true);
  }
  expect(topics.size).toBe(2);
  for (const batch of topics.values()) {
    const event = JSON.parse(batch.toEvent());
    expect(await invoke('aggregate-orders', event)).toMatchObject({ quarantined: 0 });
    expect(await invoke('aggregate-orders', event)).toMatchObject({ applied: 0 });
  }
  for (const topic of topics.keys()) {
    const garbage = kafkaEvent([{ offset: 10_000, topic, value: 'garbage' }]);
    expect(await invoke('aggregate-orders', garbage)).toMatchObject({ quarantined: 1 });
  }
}

/** A merge, a ranking that is read anew from every page, and old segments that are taken away. */
async function driveReports(invoke: Invoke, { dynamodb }: Stores): Promise<void> {
  const report = (env?: Environment) => invoke('materialize-reports', {}, env);
  expect(await report({ [ENV.topN]: '1' })).toMatchObject({ keys: { length: 10 } });
  expect(await report({ [ENV.topN]: '1000' })).toMatchObject({ keys: { length: 10 } });
  await makeSegmentsOld(makeTable(dynamodb, TABLE));
  expect(await report()).toMatchObject({ keys: { length: 10 } });
}

async function makeSegmentsOld(table: Table): Promise<void> {
  const segments = makeSegmentStore(table);
  for (const stream of (await segments.streams()).keys()) {
    const { number, to } = await segments.tail(stream);
    const head = { to, atMs: 0, newestMs: 0, after: new Map(), sums: new SumsByName() };
    for (const next of [1, 2]) await segments.append(stream, number + next, packSegment(head));
  }
  const plans = makePlanStore(table);
  const read = await plans.read();
  // Old segments are looked for in one plan of so many.
  await plans.replace(read, { ...read.plan, epoch: DELETE_EVERY - 1 });
  const pages = await Array.fromAsync(table.scan());
  for (const stored of pages) {
    if (!stored.key.pk.startsWith('segment#') || stored.key.sk === ENDED) continue;
    const text = stored.text.replace(/"at":\d+/, '"at":0');
    await table.put({ key: stored.key, text, seen: stored });
  }
}

/** Before the first report run: S3 says that there is none. */
async function driveApiWithoutReports(invoke: Invoke, reader: Environment): Promise<void> {
  await ask(invoke, reader, '/api/reports/', 200);
  await ask(invoke, reader, '/api/reports/summary/', 404);
  await ask(invoke, reader, '/api/reports/summary/?at=20200101_000000', 404);
}

async function driveApi(invoke: Invoke, reader: Environment): Promise<void> {
  await ask(invoke, reader, '/api/reports/', 200);
  const newest = await ask(invoke, reader, '/api/reports/summary/', 200);
  await ask(invoke, reader, `/api/reports/summary/?at=${JSON.parse(newest).generated_at}`, 200);
  await ask(invoke, reader, '/api/reports/summary/runs/', 200);
  await ask(invoke, reader, '/api/outcomes/', 200);
  await ask(invoke, reader, '/api/metrics/', 200);
  const refused = JSON.parse(await ask(invoke, reader, '/api/pipeline/quarantine/', 200));
  expect(refused.results.length).toBe(4);
  for (const { url } of refused.results) await ask(invoke, reader, new URL(url).pathname, 200);
  const none = '/api/pipeline/quarantine/auction_outcomes/0/999/';
  await ask(invoke, reader, none, 404);
  await ask(invoke, reader, '/api/health/', 200);
}

async function ask(invoke: Invoke, reader: Environment, path: string, status: number) {
  const answer = await invoke('serve-api', proxyEvent(path), reader);
  expect(answer, path).toMatchObject({ statusCode: status });
  return String(answer.body);
}
