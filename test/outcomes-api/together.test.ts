// I125: statements that are sent at once are of one moment, and one that fails leaves nothing behind on its connection.
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { type Query, sql as query } from '../../functions/outcomes/query/sql.ts';
import { makeOutcomesStore } from '../../functions/outcomes/store/outcomes-store.ts';
import { ConnectionError, ServerError } from '../../functions/platform/database-errors.ts';
import type { Environment } from '../../functions/platform/settings.ts';
import type { Sql, Statement } from '../../functions/platform/sql-client.ts';
import { useTestPostgres } from '../support/postgres.ts';

const server = useTestPostgres();
const READING = 'isolation level repeatable read read only';
let env: Environment;
let other: Sql;

beforeAll(async () => {
  ({ env, sql: other } = await server.freshDatabase());
});

const plain = (text: string) => ({ texts: [text], values: [] });
const ADVISORY = 'select pg_advisory_xact_lock(7)';

/** Does the work, and commits it, when somebody waits for the lock; `done` is of its end. */
async function whenWaitedFor(lock: string, work: (statement: Statement) => Promise<unknown>) {
  const { promise: isHeld, resolve: hold } = Promise.withResolvers<void>();
  const done = other.begin(async (statement) => {
    await statement([lock]);
    hold();
    while ((await statement`select from pg_locks where not granted`).length === 0) await sleep(5);
    await work(statement);
  });
  await isHeld;
  return { done };
}

async function stateOf(sql: Sql): Promise<unknown> {
  const [row] = await sql`select pg_backend_pid() as pid, pg_current_xact_id_if_assigned() as xact`;
  return row;
}

test('both see one moment, whatever is committed between them', async () => {
  await other`create table counted (n integer)`;
  const sql = server.connect(env, 1);
  const count = plain('select count(*)::int as n from counted');
  const { done } = await whenWaitedFor(
    ADVISORY,
    (statement) => statement`insert into counted values (1)`,
  );
  const answers = sql.together<{ n?: number }>([count, plain(ADVISORY), count], READING);
  const [before, , after] = await answers;
  await done;
  expect([before, after]).toEqual([[{ n: 0 }], [{ n: 0 }]]);
  expect(await sql.together([count], READING)).toEqual([[{ n: 1 }]]);
});

test('parameters of each are its own', async () => {
  const sql = server.connect(env, 1);
  const echo = (value: string) => ({ texts: ['select ', '::text as said'], values: [value] });
  expect(await sql.together([echo('a'), echo(`'; drop`)], READING)).toEqual([
    [{ said: 'a' }],
    [{ said: `'; drop` }],
  ]);
});

test('the first that fails is the one that is told; the connection goes on, outside of any transaction', async () => {
  const sql = server.connect(env, 1);
  const before = await stateOf(sql);
  const failing = sql.together([plain('select 1 / 0'), plain('select 1')], READING);
  await expect(failing).rejects.toThrow('division by zero');
  await expect(failing).rejects.toBeInstanceOf(ServerError);
  expect(await stateOf(sql)).toEqual(before);
  await expect(sql.together([plain('create table t ()')], READING)).rejects.toThrow('read-only');
  expect(await stateOf(sql)).toEqual(before);
});

test('lost under way: all fail, and the next have a new connection', async () => {
  const sql = server.connect(env, 1);
  await sql`select 1`;
  const { done } = await whenWaitedFor(
    ADVISORY,
    (statement) => statement`select pg_terminate_backend(pid) from pg_locks where not granted`,
  );
  const doomed = sql.together([plain(ADVISORY), plain('select 1')], READING);
  await expect(doomed).rejects.toThrow(ConnectionError);
  await done;
  expect(await sql.together([plain('select 2 as two')], READING)).toEqual([[{ two: 2 }]]);
});

test('a page waits for whoever alters the months, and is of the moment after it', async () => {
  const store = makeOutcomesStore(server.connect(env, 1));
  const { done } = await whenWaitedFor(
    'lock table only auction_outcomes in access exclusive mode',
    (statement) => statement`insert into counted values (2)`,
  );
  const count: Query<{ n: number }> = query`select count(*)::int as n from counted`;
  const [[first]] = await store.together(count, count);
  await done;
  expect(first).toEqual({ n: 2 });
});
