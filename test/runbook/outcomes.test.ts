// I133: the runbook's remedies for the database, executed: broken as the section says, its steps as written, right
// again. A test's name begins with the headings whose remedy it executes.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ENV } from '../../functions/contracts.ts';
import { makePostgres } from '../../functions/platform/postgres.ts';
import type { Sql } from '../../functions/platform/sql-client.ts';
import { outcomeLine, startStack } from '../support/deployed-stack.ts';

const RUNBOOK = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'runbook.md'), 'utf8');
const DAY = new Date().toISOString().slice(0, 10);

let stack: Awaited<ReturnType<typeof startStack>>;
/** Another session of the database. */
let other: Sql;

beforeAll(async () => {
  stack = await startStack();
  other = await connect();
}, 120_000);

afterAll(async () => {
  await other?.end();
  await stack?.close();
});

async function connect(database?: string): Promise<Sql> {
  const settings = await stack.stores.openDatabase();
  const env = { ...settings, ...(database && { [ENV.dbName]: database }) };
  return makePostgres(env, { functionName: 'operate-stores', connectionsMax: 1 });
}

/** A statement of the runbook, as it stands there. */
function statement(start: string): string {
  const found = RUNBOOK.replaceAll('\n  ', ' ').match(/`(?:select|vacuum) [^`]+`/g) ?? [];
  const one = found.find((text) => text.includes(start));
  return one?.slice(1, -1).replace(/;$/, '') ?? expect.fail(`The runbook says no ${start}.`);
}

const ask = (sql: Sql, text: string) => sql<Record<string, string>>([text] as never);
const migrate = (...args: string[]) => stack.run('local/commands/migrate.ts', ...args);

/** The last month that is there: upkeep makes it again. */
async function dropNewestPartition(): Promise<string> {
  const [{ name = '' } = {}] = await stack.sql<{ name: string }>`
    select inhrelid::regclass::text as name from pg_inherits
    where inhparent = 'auction_outcomes'::regclass and inhrelid::regclass::text like '%20%'
    order by 1 desc limit 1`;
  await ask(stack.sql, `drop table ${name}`);
  return name;
}

test('Upkeep failed: a long transaction holds the table; it is found, ended, and the upkeep run again', async () => {
  const name = await dropNewestPartition();
  const held = Promise.withResolvers<void>();
  const holding = other
    .begin(async (sql) => {
      await sql`lock table auction_outcomes in access share mode`;
      await sql`lock table auction_outcomes in access exclusive mode`;
      held.resolve();
      await sql`select pg_sleep(600)`;
    })
    .catch((error: unknown) => error);
  await held.promise;
  const failed = await migrate();
  expect(failed).toMatchObject({ status: 1, stderr: expect.stringMatching(/lock timeout/) });

  const [found] = await ask(stack.sql, statement('wait_event_type'));
  expect(found?.query).toMatch(/pg_sleep/);
  await stack.sql`select pg_terminate_backend(${Number(found?.pid)})`;
  await holding;
  const done = await migrate();
  expect(done).toMatchObject({ status: 0, stdout: expect.stringContaining(name) });
});

test('Upkeep missed: run by hand, it makes the partitions that are missing', async () => {
  const name = await dropNewestPartition();
  expect(await migrate()).toMatchObject({ status: 0, stdout: expect.stringContaining(name) });
  const status = await migrate('--status');
  expect(status.stdout).not.toContain('[ ]');
});

test('Database connections: who has how many, by function', async () => {
  const rows = await ask(stack.sql, statement('application_name'));
  expect(rows.map((row) => row.application_name)).toContain('operate-stores');
});

/** Ends the transaction of the test. */
let release = () => {};

test('Database transaction ids: what holds vacuum back is found and ended, and the oldest table frozen', async () => {
  const idle = await connect();
  const opened = Promise.withResolvers<void>();
  const holding = idle
    .begin(async (sql) => {
      await sql`set local idle_in_transaction_session_timeout = 0`;
      await sql`select txid_current()`;
      opened.resolve();
      await new Promise<void>((resolve) => {
        release = resolve;
      });
    }, 'isolation level repeatable read')
    .catch((error: unknown) => error);
  await opened.promise;
  for (let one = 0; one < 50; one++)
    await stack.sql`create temporary table t${''} ()`.catch(() => {});
  for (let one = 0; one < 50; one++) await stack.sql`select txid_current()`;
  const age = async () => {
    const [oldest] = await ask(stack.sql, statement('age(relfrozenxid)'));
    return { table: oldest?.relname ?? '', age: Number(oldest?.age) };
  };
  const oldest = await age();
  expect(oldest.age).toBeGreaterThan(50);
  const vacuum = (table: string) => ask(stack.sql, `vacuum (freeze) ${table}`);
  const ageOf = async (table: string) => {
    const [row] = await stack.sql<{ age: number }>`
      select age(relfrozenxid) as age from pg_class where relname = ${table}`;
    return Number(row?.age);
  };
  await vacuum(oldest.table);
  expect(await ageOf(oldest.table)).toBeGreaterThan(50);

  const [holder] = await ask(stack.sql, statement('backend_xmin'));
  await stack.sql`select pg_terminate_backend(${Number(holder?.pid)})`;
  release();
  await holding;
  await idle.end();
  await vacuum(oldest.table);
  expect(await ageOf(oldest.table)).toBeLessThan(50);
});
test('Restore the database: a copy of a moment, and the topic read again from before it', async () => {
  const lines = [0, 1, 2].map((offset) => outcomeLine(offset, DAY));
  await stack.ingest(lines);
  const settings = await stack.stores.openDatabase();
  await copyDatabase(settings[ENV.dbName] ?? '', 'restored');
  const later = [3, 4].map((offset) => outcomeLine(offset, DAY));
  await stack.ingest([...later, outcomeLine(5, DAY, { value: 'garbage' })]);

  const sql = await connect('restored');
  const count = async () =>
    Number((await sql<{ n: string }>`select count(*) as n from auction_outcomes`)[0]?.n);
  expect(await count()).toBe(3);
  const restored = { [ENV.dbName]: 'restored' };
  const garbage = outcomeLine(5, DAY, { value: 'garbage' });
  const again = await stack.ingest([...lines, ...later, garbage], restored);
  expect(again.counts).toMatchObject({ records: 6, applied: 2, quarantined: 1 });
  // With the one in quarantine these are the records of the topic.
  expect(await count()).toBe(5);
  await sql.end();
});

async function copyDatabase(from: string, to: string): Promise<void> {
  const maintenance = await connect('postgres');
  await maintenance`
    select pg_terminate_backend(pid) from pg_stat_activity where datname = ${from}`;
  await ask(maintenance, `create database ${to} template ${from}`);
  await maintenance.end();
}
