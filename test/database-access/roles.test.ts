// I35, I113: the functions have no more rights in the database than they use. Each runs as its own role.
import { expect, test, vi } from 'vitest';
import { ENV } from '../../functions/contracts.ts';
import { MIGRATIONS } from '../../functions/outcomes/migrate/migrations.ts';
import { filterParameters } from '../../functions/outcomes/query/parameters.ts';
import {
  DeletionNotGrantedError,
  makeDeletionStore,
} from '../../functions/outcomes/store/deletion-store.ts';
import type { Sql } from '../../functions/platform/sql-client.ts';
import { kafkaEvent } from '../support/kafka-record.ts';
import {
  expectRollupsEqualRows,
  MemoryQuarantine,
  recordMessages,
  recordPorts,
} from '../support/outcomes.ts';
import { admit } from '../support/postgres-access.ts';
import { proxyEvent } from '../support/proxy-event.ts';
import { coldStart, freshDeployment, SECRET, secrets, server } from './deployment.ts';

/** As if an older release had made them. */
const makeOutOfDate = (superuser: Sql) =>
  superuser.unsafe(`comment on table schema_migrations is 'of an older release'`);

/** What of the schema does not belong to the writer. */
const strangersIn = (sql: Sql, writer: string) => sql<{ name: string }>`
  select relname as name from pg_class
  where relnamespace = 'public'::regnamespace and relowner <> ${writer}::regrole
  union all
  select proname from pg_proc where pronamespace = 'public'::regnamespace and proowner <> ${writer}::regrole`;

const outcome = (offset: number, timestamp = '2026-01-15T10:00:00Z') => ({
  offset,
  value: JSON.stringify({ bid_id: `b${offset}`, timestamp, win_status: true, win_price: '1.10' }),
});

test('a first deployment: roles, migrations, rows, answers; the next ones leave the administrator alone', async () => {
  const { invoke, superuser, asWriter, writer } = await freshDeployment();
  expect(await invoke('migrate-database', {})).toMatchObject({
    applied: Object.keys(MIGRATIONS),
  });
  expect(await invoke('migrate-database', {})).toMatchObject({ applied: [], partitions_made: [] });
  expect(secrets.asked).toEqual([SECRET]);
  await makeOutOfDate(superuser);
  expect(await invoke('migrate-database', {})).toMatchObject({ applied: [], partitions_made: [] });
  expect(secrets.asked).toEqual([SECRET, SECRET]);
  expect(await strangersIn(superuser, writer)).toEqual([]);

  const month = new Date(Date.now() - 60 * 86_400_000).toISOString();
  const event = kafkaEvent([outcome(0), outcome(1), outcome(2, month)]);
  expect(await invoke('record-outcomes', event)).toMatchObject({ applied: 3, quarantined: 0 });
  // Made and attached by the recorder.
  const name = `auction_outcomes_${month.slice(0, 7).replace('-', '_')}`;
  expect(await asWriter`select name from outcome_partitions where name = ${name}`).toHaveLength(1);

  for (const [path, expected] of [
    ['/api/outcomes/', '"count":3'],
    ['/api/outcomes/1/', '"bid_id":"b0"'],
    ['/api/outcomes/stats/', '"total_outcomes":3'],
    ['/api/outcomes/daily_stats/', '2026-01-15'],
    ['/api/outcomes/winners/?format=csv', 'b1'],
    ['/api/health/', '"database":"ok"'],
  ] as const) {
    const answer = await invoke('serve-api', proxyEvent(path));
    expect(answer, path).toMatchObject({
      statusCode: 200,
      body: expect.stringContaining(expected),
    });
  }
});

test('the reader reads what there is and what will be, and nothing else', async () => {
  const { invoke, asReader, asWriter } = await freshDeployment();
  await invoke('migrate-database', {});
  await asWriter.unsafe('create table of_a_later_migration as select 7 as seven');
  expect(await asReader`select seven from of_a_later_migration`).toEqual([{ seven: 7 }]);
  const wanted = [
    `insert into stream_positions values ('0', 't', 0, 1)`,
    'update outcome_days set outcomes = 0',
    'delete from outcome_site_days',
    'delete from auction_outcomes',
    'insert into deleted_outcomes select from auction_outcomes',
    'truncate schema_migrations',
    'create table mine ()',
    'drop table auction_outcomes',
    `select drop_outcomes_before('2030-01-01')`,
    `select make_outcome_partitions(array[(now() - interval '50 months')::date])`,
    'alter role current_user createrole',
  ];
  // The role's setting is a guard rail; the rights are the wall.
  await expect(asReader.unsafe('create table mine ()')).rejects.toThrow(/read-only transaction/);
  await asReader.unsafe('set default_transaction_read_only = off');
  for (const text of wanted) {
    await expect(asReader.unsafe(text), text).rejects.toThrow(/permission denied|must be owner/);
  }
});

test('where deletion is allowed the reader deletes outcomes, whose rollups follow, until it is not any more', async () => {
  const { environments, asReader, asWriter, writer } = await freshDeployment();
  const migrate = (allowed: string) =>
    coldStart(
      'migrate-database',
      { ...environments['migrate-database'], [ENV.allowDelete]: allowed },
      {},
    );
  await migrate('true');
  await recordMessages(
    [1, 2, 3].map((offset) => outcome(offset)),
    recordPorts(asWriter, new MemoryQuarantine()),
  );
  const deletion = makeDeletionStore(asReader);
  expect(await deletion.lastId()).toBe('3');
  expect(await deletion.deleteOne(1n, filterParameters.parse({}))).toBe(true);
  await expectRollupsEqualRows(asReader);
  expect(await strangersIn(asWriter, writer)).toEqual([]);
  await asReader.unsafe('set default_transaction_read_only = off');
  for (const text of [
    'update auction_outcomes set win_price = 0',
    'update outcome_days set outcomes = 0',
    'delete from deleted_outcomes',
    'truncate auction_outcomes',
    'delete from auction_outcomes_default',
  ]) {
    await expect(asReader.unsafe(text), text).rejects.toThrow(/permission denied/);
  }
  await migrate('false');
  await expect(deletion.deleteOne(2n, filterParameters.parse({}))).rejects.toThrow(
    DeletionNotGrantedError,
  );
  expect((await asReader`select from auction_outcomes`).length).toBe(2);
});

test('nobody else may make tables; the writer makes no roles; the administrator is no member of either', async () => {
  const { invoke, master, writer, superuser, asWriter } = await freshDeployment();
  await superuser.unsafe('grant create on schema public to public');
  await invoke('migrate-database', {});
  await expect(asWriter.unsafe('create role another')).rejects.toThrow(/permission denied/);
  expect(
    await superuser`
    select has_schema_privilege('pg_monitor', 'public', 'create') as anybody,
      pg_has_role(${master}, ${writer}, 'set') as as_writer,
      pg_has_role(${master}, ${writer}, 'usage') as like_writer`,
  ).toEqual([{ anybody: false, as_writer: false, like_writer: false }]);
});

test('a database that was migrated by its one user before: the writer becomes the owner', async () => {
  const { invoke, master, writer, superuser, as, environments } = await freshDeployment();
  const before = { ...environments['record-outcomes'], [ENV.dbIamAuth]: '' };
  const alone = { ...before, [ENV.dbUser]: master, [ENV.dbPassword]: 'rds' };
  await coldStart('migrate-database', alone, {});
  await coldStart('record-outcomes', alone, kafkaEvent([outcome(0)]));
  await as(master).unsafe('create table of_another_application ()');

  vi.stubEnv(ENV.dbPassword, '');
  expect(await invoke('migrate-database', {})).toMatchObject({ applied: [] });
  expect(await strangersIn(superuser, writer)).toEqual([{ name: 'of_another_application' }]);
  expect(await superuser`select pg_has_role(${master}, ${writer}, 'set') as is`).toEqual([
    { is: false },
  ]);
  const events = kafkaEvent([outcome(0), outcome(1, '2026-03-01T00:00:00Z')]);
  expect(await invoke('record-outcomes', events)).toMatchObject({ applied: 1, skipped: 1 });
  const { body } = (await invoke('serve-api', proxyEvent('/api/outcomes/'))) as { body: string };
  expect(body).toContain('"count":2');
});

test('tables of somebody for whom the administrator may not act: the error names both', async () => {
  const { invoke, superuser, master } = await freshDeployment();
  await superuser.unsafe('create table auction_outcomes ()');
  await expect(invoke('migrate-database', {})).rejects.toThrow(
    new RegExp(`auction_outcomes belongs to source, for whom ${master} may not act`),
  );
});

test('roles that somebody else made, over whom the administrator has no say: one line', async () => {
  const { invoke, superuser, reader } = await freshDeployment();
  await superuser.unsafe(`create role ${reader}`);
  await expect(invoke('migrate-database', {})).rejects.toThrow(
    /^The database's roles could not be made: .* is not as it must be, and .* may not alter it; log on as .* \(see docs\/database-access.md\)$/,
  );
});

test('RDS wants a token from all members of the roles: the administrator is none, and its password goes on', async () => {
  const { invoke, superuser, as, master, writer, reader } = await freshDeployment();
  await superuser.unsafe('create role rds_iam');
  try {
    // RDS lets its master grant it without being a member; PostgreSQL itself does not.
    await superuser.unsafe(`grant rds_iam to ${master} with admin true, inherit false, set false`);
    await invoke('migrate-database', {});
    expect(
      await superuser`
      select pg_has_role(${writer}, 'rds_iam', 'member') as writer,
        pg_has_role(${reader}, 'rds_iam', 'member') as reader`,
    ).toEqual([{ writer: true, reader: true }]);
    // As RDS's pg_hba.conf has it, `+` for members of any kind and at any depth.
    await admit(
      superuser,
      `hostssl all ${writer},${reader} 127.0.0.1/32 trust`,
      `host all +${writer},+${reader} 127.0.0.1/32 reject`,
    );
    expect(await as(master)`select 1 as one`).toEqual([{ one: 1 }]);
    await makeOutOfDate(superuser);
    expect(await invoke('migrate-database', {})).toMatchObject({ applied: [] });
    expect(secrets.asked).toEqual([SECRET, SECRET]);
    expect(await superuser`select rolname from pg_roles where rolname like '%role_maker'`).toEqual(
      [],
    );
  } finally {
    await superuser.unsafe('drop role rds_iam');
  }
});

test('a limit of a role that an older release made: who may alter it, and how, is said', async () => {
  const { invoke, superuser, master, reader } = await freshDeployment();
  await invoke('migrate-database', {});
  await superuser.unsafe(`alter role ${reader} set statement_timeout = '5s'`);
  await makeOutOfDate(superuser);
  const cure = `alter role ${reader} set statement_timeout = '20s'`;
  await expect(invoke('migrate-database', {})).rejects.toThrow(
    `${reader} is not as it must be, and ${master} may not alter it; log on as ${reader} and run: ${cure}`,
  );
  await superuser.unsafe(cure);
  expect(await invoke('migrate-database', {})).toMatchObject({ applied: [] });
});

test('the time limits are the same, whether the connection brings them or the role', async () => {
  const { invoke, environments } = await freshDeployment();
  await invoke('migrate-database', {});
  const limitsOf = async (name: 'record-outcomes' | 'serve-api', settings: string) => {
    const env = { ...environments[name], [ENV.dbSessionSettings]: settings };
    return server.connect(env, 1)`
      select name, setting from pg_settings where name in ('statement_timeout', 'lock_timeout',
        'idle_in_transaction_session_timeout', 'cursor_tuple_fraction', 'TimeZone', 'DateStyle')
      order by name`;
  };
  const ofRecorder = await limitsOf('record-outcomes', 'connection');
  expect(await limitsOf('record-outcomes', 'role')).toEqual(ofRecorder);
  const ofApi = ofRecorder.map(({ name, setting }) => ({
    name,
    setting: name === 'statement_timeout' ? '20000' : setting,
  }));
  expect(await limitsOf('serve-api', 'role')).toEqual(ofApi);
});
