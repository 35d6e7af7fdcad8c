// I33, a PostgreSQL that is busy, full or has no place left, for the built record-outcomes and serve-api: they
// wait or fail with a reason, nothing is lost or doubled, and they go on by themselves.
// I133: the runbook's "Database storage", "Database connections" and "API failing".
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { ENV } from '../../functions/contracts.ts';
import { readPartitionBatches } from '../../functions/kafka/records.ts';
import { recordPartition } from '../../functions/outcomes/record/record.ts';
import type { Environment } from '../../functions/platform/settings.ts';
import type { Sql } from '../../functions/platform/sql-client.ts';
import { errorText, FunctionError } from '../../local/shared/function-error.ts';
import { EventSourceMapping } from '../../local/stream/event-source-mapping.ts';
import { OUTCOMES_TOPIC, routeTopics } from '../../local/stream/routes.ts';
import { openApi } from '../support/api.ts';
import { kafkaRecord } from '../support/kafka-record.ts';
import {
  expectRollupsEqualRows,
  MemoryQuarantine,
  recordedPositions,
  recordPorts,
} from '../support/outcomes.ts';
import { useTestPostgres } from '../support/postgres.ts';
import { makeRandom } from '../support/random.ts';
import { mountSmallDisk, noSmallDisk } from './small-disk.ts';

const server = useTestPostgres();
const RECORDS = 60;

/** record-outcomes behind the mapping, which delivers records until all are recorded. */
function makeMapping(sql: Sql, onRetry: (failure: string) => void | Promise<void>) {
  const warnings: string[] = [];
  const ports = {
    ...recordPorts(sql, new MemoryQuarantine()),
    logger: { warn: (...said: unknown[]) => void warnings.push(String(said[0])) },
  };
  const mapping = new EventSourceMapping({
    routes: routeTopics(OUTCOMES_TOPIC),
    batchSize: 20,
    attemptsMax: Number.POSITIVE_INFINITY,
    onRetry: (failure) => void onRetry(failure),
    onDelivered: () => {},
    invoke: async (_name, event) => {
      try {
        const [batch] = readPartitionBatches(JSON.parse(event));
        if (!batch) throw new RangeError('There is no batch.');
        const counts = await recordPartition(batch, ports);
        return JSON.stringify({ batchItemFailures: [], ...counts });
      } catch (error) {
        throw new FunctionError(errorText(error));
      }
    },
  });
  return { mapping, warnings };
}

async function deliver(mapping: EventSourceMapping, value = '{"win_price":1.10}'): Promise<void> {
  for (let offset = 0; offset < RECORDS; offset += 1) {
    const { key: _key, headers: _headers, ...record } = kafkaRecord({ offset, value });
    await mapping.push({ ...record, key: null, headers: [] });
  }
  await mapping.flush();
}

async function expectAllRecorded(sql: Sql): Promise<void> {
  const offsets = Array.from({ length: RECORDS }, (_, offset) => `auction_outcomes/0/${offset}`);
  expect((await recordedPositions(sql)).sort()).toEqual(offsets.sort());
  await expectRollupsEqualRows(sql);
}

test('a lock that another session holds: the batch waits, and the log says what for', async () => {
  const { env, sql } = await server.freshDatabase();
  const recorder = server.connect(env, 2);
  const { mapping, warnings } = makeMapping(recorder, () => {});
  let isReleased = false;
  const holder = sql.begin(async (statement) => {
    await statement(['lock table auction_outcomes, auction_outcomes_default, outcome_days']);
    await sleep(2_500);
    isReleased = true;
  });
  await sleep(200);
  const delivering = deliver(mapping);
  await holder;
  await delivering;
  expect(isReleased).toBe(true);
  expect(warnings).toContain('partitions not made: a long query is in the way');
  await expectAllRecorded(sql);
});

test('a disk that PostgreSQL calls full: the batch fails with that reason until there is room', async () => {
  const { env, sql } = await server.freshDatabase();
  await sql.unsafe(`create function disk_is_full() returns trigger language plpgsql as $$
    begin raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$`);
  await sql.unsafe(`create trigger full_disk before insert on outcome_days
    for each row execute function disk_is_full()`);
  const failures: string[] = [];
  const { mapping } = makeMapping(server.connect(env, 2), async (failure) => {
    failures.push(failure);
    expect(await recordedPositions(sql)).toEqual([]);
    if (failures.length === 2) await sql.unsafe('drop trigger full_disk on outcome_days');
  });
  await deliver(mapping);
  expect(failures).toHaveLength(2);
  expect(failures[0]).toMatch(/record-outcomes failed on .*No space left on device/);
  await expectAllRecorded(sql);
});

describe.skipIf(noSmallDisk)(
  `a small disk${noSmallDisk ? ` (skipped: ${noSmallDisk})` : ''}`,
  () => {
    test('a tablespace that runs full under the recorder: it goes on when there is room', async () => {
      const { env, sql } = await server.freshDatabase();
      const disk = mountSmallDisk(1_024);
      execFileSync('chown', ['postgres', disk.path]);
      await sql.unsafe(`create tablespace small location '${disk.path}'`);
      onTestFinished(async () => {
        for (const table of await smallTables(sql)) {
          await sql.unsafe(`alter table ${table} set tablespace pg_default`);
        }
        await sql.unsafe('drop tablespace small');
      });
      await sql.unsafe('alter table auction_outcomes_default set tablespace small');
      const failures: string[] = [];
      const { mapping } = makeMapping(server.connect(env, 2), (failure) => {
        failures.push(failure);
        disk.grow(64 * 1_024);
      });
      // Before any partition of its own: such a row goes to the default one. What does not compress needs room.
      const random = makeRandom(1);
      const noise = Array.from({ length: 40_000 }, () => random.below(36).toString(36)).join('');
      await deliver(mapping, JSON.stringify({ timestamp: '1990-01-01', win_price: 1.1, noise }));
      expect(failures.length).toBeGreaterThan(0);
      expect(failures[0]).toMatch(/No space left on device/);
      await expectAllRecorded(sql);
    });
  },
);

async function smallTables(sql: Sql): Promise<string[]> {
  const rows = await sql<{ name: string }>`
    select tablename as name from pg_tables where tablespace = 'small'`;
  return rows.map(({ name }) => name);
}

describe('no connection is left', () => {
  let [env, admin]: [Environment, Sql | undefined] = [{}, undefined];

  beforeAll(async () => {
    const database = await server.freshDatabase();
    admin = database.sql;
    await admin.unsafe(`create role guest login password 'guest' connection limit 1`);
    await admin.unsafe(`grant all on all tables in schema public to guest`);
    await admin.unsafe(`grant all on schema public to guest`);
    env = { ...database.env, [ENV.dbUser]: 'guest', [ENV.dbPassword]: 'guest' };
  });

  afterAll(async () => {
    await admin?.unsafe('alter role guest connection limit -1');
  });

  test('the API answers 503 and when to come back, then 200 by itself', async () => {
    const holder = server.connect(env, 1);
    const client = server.connect(env, 1);
    const ask = openApi(client);
    await holder`select`;
    const refused = await ask('/api/outcomes/stats/');
    expect(refused.status).toBe(503);
    expect(refused.headers['retry-after']).toBe('5');
    expect(refused.json()).toEqual({ detail: 'The database is not available.' });
    expect(String(refused.error)).toMatch(/too many connections/);
    await holder.end();
    await expect.poll(async () => (await ask('/api/outcomes/stats/')).status).toBe(200);
    await client.end();
  });

  test('the recorder tries again until there is a place', async () => {
    const holder = server.connect(env, 1);
    await expect.poll(() => holder`select`.catch(String)).toEqual([{}]);
    const failures: string[] = [];
    const { mapping } = makeMapping(server.connect(env, 1), async (failure) => {
      failures.push(failure);
      if (failures.length === 2) await holder.end();
    });
    await admin?.unsafe('alter table auction_outcomes owner to guest');
    await deliver(mapping);
    expect(failures[0]).toMatch(/No connection to PostgreSQL at .*: too many connections/);
    if (admin) await expectAllRecorded(admin);
  });
});
