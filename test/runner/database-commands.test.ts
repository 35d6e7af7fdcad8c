// npm run migrate -- --plan and --status only look; npm run dbshell is psql with the database's place and password in
// its environment, or one line where there is no psql.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { openStores } from '../../local/stores/open-stores.ts';
import { connectTo } from '../support/data-directory-sql.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const COMMANDS = join(import.meta.dirname, '..', '..', 'local', 'commands');

async function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const script = join(COMMANDS, `${command}.ts`);
  const child = spawn(process.execPath, [script, ...args], { env: { ...process.env, ...env } });
  onTestFinished(() => void child.kill('SIGKILL'));
  const outputs = Promise.all([text(child.stdout), text(child.stderr)]);
  const [status] = await once(child, 'exit');
  const [stdout, stderr] = await outputs;
  return { status, stdout, stderr };
}

/** A directory as `npm start` holds it, whose commands go through its stores. */
const stores = await openStores(mkdtempSync(join(tmpdir(), 'runner-')), {
  command: 'start',
  env: {},
});
const database = await stores.openDatabase();
const args = ['--data-dir', stores.paths.root];
afterAll(async () => {
  await stores.close();
  rmSync(stores.paths.root, { recursive: true, force: true });
});

test('a plan lists what would be applied, and applies nothing', async () => {
  const plan = await run('migrate', ['--plan', ...args]);
  expect(plan).toMatchObject({ status: 0, stderr: '' });
  expect(plan.stdout).toMatch(/^Would be applied, in this order:\n {2}0001-\S+\n/);
  const names = (plan.stdout.match(/^ {2}\S+$/gm) ?? []).map((name) => name.trim());
  const sql = await connectTo(stores);
  onTestFinished(() => sql.end());
  expect(await sql`select from pg_tables where tablename = 'auction_outcomes'`).toHaveLength(0);

  const applied = await run('migrate', args);
  expect(applied.stdout).toContain(`Migrations applied: ${names.join(', ')}\n`);
  expect(await run('migrate', ['--plan', ...args])).toMatchObject({
    status: 0,
    stdout: 'Nothing to apply: the schema is up to date.\n',
  });
  const after = await run('migrate', ['--status', ...args]);
  expect(after.stdout.match(/^\[X\] \S+ {2}\d{4}-/gm)).toHaveLength(names.length);
  expect(await run('migrate', ['--plan', '--status', ...args])).toMatchObject({
    status: 1,
    stderr: 'migrate: --status and --plan: choose one.\n',
  });
});

test('psql gets place and password by its environment, the rest as it was typed; its failure is ours', async () => {
  const folder = temporaryDirectory();
  const psql = join(folder, 'psql');
  writeFileSync(
    psql,
    `#!/bin/sh
    printf "%s\\n" "$PGHOST" "$PGPORT" "$PGDATABASE" "$PGUSER" "$PGPASSWORD" "$@"
    test "$#" -lt 3`,
  );
  chmodSync(psql, 0o755);
  const env = { PATH: `${folder}:${process.env.PATH}` };
  const { DB_HOST, DB_PORT, DB_NAME, DB_USER, DB_PASSWORD } = database;
  const place = [DB_HOST, DB_PORT, DB_NAME, DB_USER, DB_PASSWORD];
  const asked = await run('dbshell', [...args, '--', '-c', 'select 1'], env);
  const lines = [...place, '-c', 'select 1', ''];
  expect(asked).toEqual({ status: 0, stdout: lines.join('\n'), stderr: '' });
  const own = { ...env, ...database, DB_HOST: 'db.example' };
  const failed = await run('dbshell', ['--', 'a', 'b', 'c'], own);
  expect(failed).toMatchObject({ status: 1, stdout: expect.stringMatching(/^db\.example\n/) });
});

test('without psql it says what brings it, and where the database is', async () => {
  const asked = await run('dbshell', args, { PATH: temporaryDirectory() });
  expect(asked).toEqual({
    status: 1,
    stdout: '',
    stderr:
      "dbshell: psql is not installed: it comes with PostgreSQL's client (postgresql-client, libpq). " +
      `The database is at ${database.DB_HOST}:${database.DB_PORT}, ${database.DB_NAME}.\n`,
  });
});
