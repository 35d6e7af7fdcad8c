// I125: statements that are sent at once are of one moment, and one that fails leaves nothing behind on its connection.
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { type Query, sql as query } from '../../functions/outcomes/query/sql.ts';
import { makeOutcomesStore } from '../../functions/outcomes/store/outcomes-store.ts';
import { ConnectionError, ServerError } from '../../functions/platform/database-errors.ts';
import type { Environment } from '../../functions/platform/settings.ts';
import type { Sql } from '../../functions/platform/sql-client.ts';
import { useTestPostgres } from '../support/postgres.ts';

const server = useTestPostgres();
const READING = 'isolation level repeatable read read only';
let env: Environment;
let other: Sql;

beforeAll(async () => {
  ({ env, sql: other } = await server.freshDatabase());
});

const plain = (text: string) => ({ texts: [text], values: [] });
const pause = plain(`select pg_sleep(0.2)`);

async function stateOf(sql: Sql): Promise<unknown> {
  const [row] = await sql`select pg_backend_pid() as pid, pg_current_xact_id_if_assigned() as xact`;
  return row;
}

test('both see one moment, whatever is committed between them', async () => {
  await other`create table counted (n integer)`;
  const sql = server.connect(env, 1);
  const count = plain('select count(*)::int as n from counted');
  const answers = sql.together<{ n?: number }>([count, pause, count], READING);
  await sleep(100);
  await other`insert into counted values (1)`;
  const [before, , after] = await answers;
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
  const doomed = sql.together([pause, plain('select 1')], READING);
  const lost = expect(doomed).rejects.toThrow(ConnectionError);
  await sleep(50);
  await other`select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep%' and pid <> pg_backend_pid()`;
  await lost;
  expect(await sql.together([plain('select 2 as two')], READING)).toEqual([[{ two: 2 }]]);
});

test('a page waits for whoever alters the months, and is of the moment after it', async () => {
  const store = makeOutcomesStore(server.connect(env, 1));
  const { promise: isLocked, resolve: locked } = Promise.withResolvers<void>();
  const altered = other.begin(async (statement) => {
    await statement`lock table only auction_outcomes in access exclusive mode`;
    locked();
    await sleep(200);
    await statement`insert into counted values (2)`;
  });
  await isLocked;
  const count: Query<{ n: number }> = query`select count(*)::int as n from counted`;
  const [[first]] = await store.together(count, count);
  await altered;
  expect(first).toEqual({ n: 2 });
});
