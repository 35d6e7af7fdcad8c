// The two doors as Lambda opens them: configured by the environment alone, S3 and PostgreSQL behind.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ENV } from '../../functions/contracts.ts';
import type { Login } from '../../functions/platform/database-login.ts';
import { makePostgres } from '../../functions/platform/postgres.ts';
import type { Environment } from '../../functions/platform/settings.ts';
import { ObjectFiles } from '../../local/stores/object-files.ts';
import { createS3Server } from '../../local/stores/s3-server.ts';
import { findFreePorts } from '../platform/free-ports.ts';
import { kafkaEvent, type Message } from '../support/kafka-record.ts';
import { recordedPositions } from '../support/outcomes.ts';
import { useTestPostgres } from '../support/postgres.ts';

const server = useTestPostgres();
const BUCKET = 'outcomes-test';
const MIGRATIONS = [
  ...['0001-outcomes', '0002-positions-and-rollups', '0003-partitions', '0004-retention'],
  ...['0005-newest-event', '0006-deletion'],
  '0007-bounded-reads',
  '0008-outcome-by-id',
  '0009-covering-indexes',
  '0010-site-days-by-site',
  '0011-outcome-by-one-plan',
];

let folder: string;
let files: ObjectFiles;
let s3: ReturnType<typeof createS3Server>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'outcomes-s3-'));
  files = new ObjectFiles(folder);
  await files.prepare();
  await files.createBucket(BUCKET);
  const [port = 0] = await findFreePorts(1);
  s3 = createS3Server(files, 'test', () => {});
  await new Promise<void>((resolve) => s3.listen(port, '127.0.0.1', resolve));
  vi.stubEnv('AWS_ENDPOINT_URL_S3', `http://127.0.0.1:${port}`);
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  vi.stubEnv('POWERTOOLS_DEV', 'false');
  vi.stubEnv(ENV.logLevel, 'SILENT');
  vi.stubEnv(ENV.bucket, BUCKET);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  s3.closeAllConnections();
  s3.close();
  await rm(folder, { recursive: true, force: true });
});

type Handler = (event: unknown) => Promise<unknown>;

/** A fresh sandbox: the module is evaluated again, with this environment. */
async function coldStart(name: 'record-outcomes' | 'migrate-database', env: Environment) {
  vi.resetModules();
  for (const [variable, value] of Object.entries(env)) vi.stubEnv(variable, value);
  const { handler } = (await import(`../../functions/handlers/${name}.ts`)) as { handler: unknown };
  return (event: unknown) =>
    (handler as (event: unknown, context: object) => unknown)(event, {}) as ReturnType<Handler>;
}

const message = (offset: number, partition: number, value: string): Message => ({
  ...{ offset, partition, value },
});

describe('record-outcomes', () => {
  test('several partitions of an event, one poison record; delivered again', async () => {
    const { env, sql } = await server.freshDatabase();
    const handler = await coldStart('record-outcomes', env);
    const event = kafkaEvent([
      message(0, 0, '{"win_price":1.10}'),
      message(1, 0, '{"win_price":"NaN"}'),
      message(5, 1, '{"enriched":false}'),
      message(6, 1, '{"enriched":false}'),
    ]);
    expect(await handler(event)).toEqual({
      batchItemFailures: [],
      ...{ records: 4, applied: 3, skipped: 0, ignored: 0, quarantined: 1 },
    });
    expect(await handler(event)).toEqual({
      batchItemFailures: [],
      ...{ records: 4, applied: 0, skipped: 4, ignored: 0, quarantined: 0 },
    });
    expect(await recordedPositions(sql)).toEqual(
      ['0/0', '1/5', '1/6'].map((position) => `auction_outcomes/${position}`),
    );
    const object = await files.read(BUCKET, 'quarantine/auction_outcomes/0/1.json');
    expect(JSON.parse(String(object?.body))).toMatchObject({
      ...{ topic: 'auction_outcomes', partition: 0, offset: 1, value: '{"win_price":"NaN"}' },
      reason: expect.stringMatching(/^win_price: must be a finite decimal number/),
    });
  });

  test('one partition that fails does not stop the others, and the batch fails', async () => {
    const { env, sql } = await server.freshDatabase();
    const handler = await coldStart('record-outcomes', env);
    vi.stubEnv(ENV.bucket, 'no-such-bucket');
    const poisoned = await coldStart('record-outcomes', env);
    const event = kafkaEvent([message(0, 0, '[]'), message(0, 1, '{"enriched":false}')]);
    await expect(poisoned(event)).rejects.toThrow();
    expect(await recordedPositions(sql)).toEqual(['auction_outcomes/1/0']);
    expect(await handler(event)).toMatchObject({ applied: 0, skipped: 1, quarantined: 1 });
  });

  test('no schema, no server, no Kafka event: one line that says what to do', async () => {
    const { env } = await server.freshDatabase('template1');
    const event = kafkaEvent([message(0, 0, '{"enriched":false}')]);
    const unmigrated = await coldStart('record-outcomes', env);
    await expect(unmigrated(event)).rejects.toThrow(/^DatabaseError: .*run migrate-database\.$/);
    await expect(unmigrated({})).rejects.toThrow(/not a Lambda Kafka event/);
    const [port = 0] = await findFreePorts(1);
    const unreachable = await coldStart('record-outcomes', { ...env, [ENV.dbPort]: String(port) });
    await expect(unreachable(event)).rejects.toThrow(
      `ConnectionError: No connection to PostgreSQL at 127.0.0.1:${port}/`,
    );
  });
});

describe('migrate-database', () => {
  const partitions = [expect.any(String), expect.any(String), expect.any(String)];

  test('status, the first run, a second one', async () => {
    const { env } = await server.freshDatabase('template1');
    const handler = await coldStart('migrate-database', env);
    expect(await handler({ status: true })).toEqual({
      migrations: MIGRATIONS.map((name) => ({ name, applied_at: null })),
    });
    const first = { applied: MIGRATIONS, partitions_made: partitions, partitions_dropped: [] };
    expect(await handler({})).toEqual(first);
    expect(await handler({})).toEqual({ applied: [], partitions_made: [], partitions_dropped: [] });
    expect(await handler({ status: true })).toEqual({
      migrations: MIGRATIONS.map((name) => ({
        name,
        applied_at: expect.stringMatching(/^2\d{3}-/),
      })),
    });
  });

  test('drops nothing unless RETENTION_DAYS says so', async () => {
    const { env } = await server.freshDatabase();
    const recorder = await coldStart('record-outcomes', env);
    const { stringify } = JSON;
    const old = new Date(Date.now() - 400 * 86_400_000).toISOString();
    await recorder(kafkaEvent([message(0, 0, stringify({ timestamp: old, win_status: true }))]));
    const keeping = await coldStart('migrate-database', env);
    expect(await keeping({})).toMatchObject({ partitions_dropped: [] });
    const dropping = await coldStart('migrate-database', { ...env, [ENV.retentionDays]: '90' });
    const name = `auction_outcomes_${old.slice(0, 7).replace('-', '_')}`;
    expect(await dropping({})).toMatchObject({ partitions_dropped: [name] });
    await expect(
      coldStart('migrate-database', { ...env, [ENV.retentionDays]: '90 days' }),
    ).rejects.toThrow('RETENTION_DAYS is "90 days": it must be a whole number from 0 to 36500.');
  });

  test('no server, another password: one line that says where', async () => {
    const { env } = await server.freshDatabase();
    const [port = 0] = await findFreePorts(1);
    const nowhere = { ...env, [ENV.dbHost]: 'localhost', [ENV.dbPort]: String(port) };
    const unreachable = await coldStart('migrate-database', nowhere);
    await expect(unreachable({})).rejects.toThrow(
      /^No connection to PostgreSQL at localhost:\d+\/test_\d+: .*ECONNREFUSED/,
    );
    const stranger = await coldStart('migrate-database', { ...env, [ENV.dbPassword]: 'wrong' });
    await expect(stranger({ status: true })).rejects.toThrow(
      /^No connection to PostgreSQL at .*: password authentication failed/,
    );
  });

  test('I147: put back behind a newer version, it leaves the schema alone and keeps up the months', async () => {
    const { env, sql } = await server.freshDatabase();
    const appliedAt = new Date().toISOString();
    await sql`insert into schema_migrations values ('9998-of-the-future', ${appliedAt}), ('9999-later', ${appliedAt})`;
    const handler = await coldStart('migrate-database', env);
    const done = { applied: [], partitions_made: partitions, partitions_dropped: [] };
    expect(await handler({})).toEqual(done);
    expect(await handler({ status: true })).toEqual({
      migrations: [...MIGRATIONS, '9998-of-the-future', '9999-later'].map((name) => ({
        ...{ name, applied_at: expect.stringMatching(/^2\d{3}-/) },
      })),
    });
  });

  test('I147: one that no version before the newest known has is refused by name', async () => {
    const { env, sql } = await server.freshDatabase();
    await sql`insert into schema_migrations values ('0003-of-a-fork', ${new Date().toISOString()})`;
    const handler = await coldStart('migrate-database', env);
    await expect(handler({})).rejects.toThrow(/0003-of-a-fork is missing/);
  });
});

describe('the client', () => {
  test('asks for the password at each connection, so that a token may stand for it', async () => {
    const { env } = await server.freshDatabase();
    let asked = 0;
    const login: Login = {
      setting: ENV.dbPassword,
      renewed: async () => undefined,
      async credentials() {
        asked += 1;
        return { user: String(env[ENV.dbUser]), password: String(env[ENV.dbPassword]) };
      },
    };
    const options = { functionName: 'record-outcomes', connectionsMax: 2, login } as const;
    const sql = makePostgres({ ...env, [ENV.dbPassword]: 'stale' }, options);
    await Promise.all([sql`select pg_sleep(0.1)`, sql`select pg_sleep(0.1)`]);
    await sql.end();
    expect(asked).toBe(2);
  });

  test('never falls back to an unencrypted connection', async () => {
    const { env } = await server.freshDatabase();
    for (const mode of ['require', 'verify-full']) {
      const sql = server.connect({ ...env, [ENV.dbSsl]: mode }, 1);
      await expect(sql`select 1`).rejects.toThrow(
        /the server offers no TLS, which DB_SSL asks for$/,
      );
    }
    expect(() => server.connect({ ...env, [ENV.dbSsl]: 'maybe' })).toThrow(/DB_SSL is "maybe"/);
  });

  test('a statement that failed and was swallowed cannot be committed as if it had worked', async () => {
    const { sql } = await server.freshDatabase();
    const swallowing = sql.begin((statement) => statement`select 1 / 0`.catch(() => 'fine'));
    await expect(swallowing).rejects.toThrow('Rolled back, as a statement had failed.');
  });
});
