// The outcomes' half as processes: PostgreSQL in a data directory, migrations, replay, and the service
// with every curl line of the original's README.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { openStores } from '../../local/stores/open-stores.ts';
import { findFreePorts } from '../platform/free-ports.ts';
import { connectTo } from '../support/data-directory-sql.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const [PORT = 0] = await findFreePorts(4);
const FRONT = `http://127.0.0.1:${PORT}`;
const ROOT = join(import.meta.dirname, '..', '..');
const CAPTURE = join(ROOT, 'test/fixtures/api/outcomes.ndjson');
const START_TIMEOUT_MS = 90_000;

function spawnCommand(command: string, ...args: string[]) {
  const child = spawn(process.execPath, [
    join(ROOT, 'local', 'commands', `${command}.ts`),
    ...args,
  ]);
  onTestFinished(() => void child.kill('SIGKILL'));
  return { child, outputs: Promise.all([text(child.stdout), text(child.stderr)]) };
}

async function run(command: string, ...args: string[]) {
  const { child, outputs } = spawnCommand(command, ...args);
  const [status] = await once(child, 'exit');
  const [stdout, stderr] = await outputs;
  return { status, stdout, stderr };
}

async function countRows(dataDir: string): Promise<number | undefined> {
  const stores = await openStores(dataDir, { command: 'test', env: {} });
  const sql = await connectTo(stores);
  try {
    const [row] = await sql<{ rows: number }>`select count(*)::int as rows from auction_outcomes`;
    return row?.rows;
  } finally {
    await sql.end();
    await stores.close();
  }
}

test('migrate --status tells what is pending, migrate applies it once', async () => {
  const dataDir = temporaryDirectory();
  const migrate = (...args: string[]) => run('migrate', ...args, '--data-dir', dataDir);
  const pending = await migrate('--status');
  expect(pending).toMatchObject({ status: 0, stderr: '' });
  expect(pending.stdout).toMatch(/^(\[ \] \d{4}-[\w-]+\n){4,}$/);
  expect((await migrate()).stdout).toMatch(/^Migrations applied: 0001-outcomes, /);
  expect((await migrate('--status')).stdout).toMatch(/^(\[X\] \d{4}-[\w-]+ {2}\d{4}-.*Z\n){4,}$/);
  expect((await migrate()).stdout).toMatch(/^No migrations to apply: the schema is up to date/);
  expect(statSync(join(dataDir, 'pgpass')).mode & 0o777).toBe(0o600);
});

test('a replay of outcomes gives a row for each, and again none', async () => {
  const dataDir = temporaryDirectory();
  const replay = async () => {
    const { status, stdout, stderr } = await run(
      'replay',
      CAPTURE,
      '--data-dir',
      dataDir,
      '--json',
    );
    expect(status, stderr).toBe(0);
    return JSON.parse(stdout);
  };
  const records = 1949;
  expect(await replay()).toMatchObject({ records, applied: records, quarantined: 0 });
  expect(await replay()).toMatchObject({ records, applied: 0, skipped: records });
  expect(await countRows(dataDir)).toBe(records);
});

test('orders alone start no PostgreSQL', async () => {
  const dataDir = temporaryDirectory();
  const { status } = await run('report', '--data-dir', dataDir);
  expect(status).toBe(0);
  expect(statSync(join(dataDir, 'postgres'), { throwIfNoEntry: false })).toBeUndefined();
});

test('what is wrong with the files of PostgreSQL is told by its cause, in one line', async () => {
  const dataDir = temporaryDirectory();
  await run('migrate', '--data-dir', dataDir);
  const files = join(dataDir, 'postgres');
  const migrate = async () => {
    const { status, stdout, stderr } = await run('migrate', '--data-dir', dataDir);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    return stderr;
  };
  const version = readFileSync(join(files, 'PG_VERSION'), 'utf8');
  writeFileSync(join(files, 'PG_VERSION'), '17\n');
  expect(await migrate()).toMatch(
    /^migrate: PostgreSQL in .* has files of version 17, .* brings PostgreSQL 18, .*nothing is lost: dump .*\n$/,
  );
  writeFileSync(join(files, 'PG_VERSION'), version);
  renameSync(join(files, 'global', 'pg_control'), join(files, 'pg_control'));
  expect(await migrate()).toMatch(
    /^migrate: The files of PostgreSQL in .* are damaged \(.*\)\..*\n$/,
  );
  renameSync(join(files, 'pg_control'), join(files, 'global', 'pg_control'));
  expect((await run('migrate', '--data-dir', dataDir)).status).toBe(0);
  renameSync(files, join(dataDir, 'moved'));
  expect(await migrate()).toMatch(/^migrate: PostgreSQL was in .* and is gone: .*\n$/);
});

interface Health {
  readonly newest_outcome: { readonly id: number } | null;
}

async function newestId(): Promise<number> {
  const answer = await fetch(`${FRONT}/api/health/`).catch(() => undefined);
  if (!answer?.ok) return 0;
  return ((await answer.json()) as Health).newest_outcome?.id ?? 0;
}

const untilNewest = (id: number) =>
  expect.poll(newestId, { timeout: START_TIMEOUT_MS, interval: 250 }).toBeGreaterThanOrEqual(id);

const start = (dataDir: string) =>
  spawnCommand('start', '--port', String(PORT), '--data-dir', dataDir);

test('the service serves outcomes, outlives a kill, and stops its database on a signal', async () => {
  const dataDir = temporaryDirectory();
  const first = start(dataDir);
  await untilNewest(150);
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');
  const left = serverPid(dataDir);
  expect(isAlive(left)).toBe(true);

  const second = start(dataDir);
  await untilNewest(200);
  expect(serverPid(dataDir)).not.toBe(left);
  await expectCurlLines();
  await expectHttp();

  second.child.kill('SIGTERM');
  expect(await once(second.child, 'exit')).toEqual([0, null]);
  const [stdout, stderr] = await second.outputs;
  expect(stdout).toMatch(/Stopping: .*\n.*report: /);
  expect(stderr).toBe('');
  const log = readFileSync(join(dataDir, 'logs', 'postgres.log'), 'utf8');
  expect(log).toMatch(/database system is shut down\n$/);
}, 300_000);

/** As they stand in the original's README, but for the port. */
async function expectCurlLines(): Promise<void> {
  const page = { count: expect.any(Number), results: expect.any(Array) };
  const stats = { total_outcomes: expect.any(Number), win_rate: expect.any(Number) };
  const expected: [string, object][] = [
    ['/api/outcomes/', page],
    ['/api/outcomes/1/', { id: 1, currency: expect.any(String) }],
    ['/api/outcomes/?user_id=user-123', page],
    ['/api/outcomes/winners/', page],
    ['/api/outcomes/stats/', stats],
    ['/api/outcomes/?min_price=0.50&max_price=1.00', page],
    ['/api/outcomes/?page=2&page_size=50', page],
  ];
  for (const [path, body] of expected) {
    const answer = await fetch(`${FRONT}${path}`);
    expect([answer.status, await answer.json()]).toEqual([200, expect.objectContaining(body)]);
  }
  const days = await (await fetch(`${FRONT}/api/outcomes/daily_stats/`)).json();
  expect(days).toContainEqual(expect.objectContaining({ date: expect.any(String) }));
}

async function expectHttp(): Promise<void> {
  const list = `${FRONT}/api/outcomes/`;
  const head = await fetch(list, { method: 'HEAD' });
  expect([head.status, head.headers.get('allow')]).toEqual([200, 'GET, HEAD, OPTIONS']);
  const post = await fetch(list, { method: 'POST', body: 'a=1' });
  expect([post.status, await post.json()]).toEqual([405, { detail: 'Method "POST" not allowed.' }]);
  const bare = await fetch(`${FRONT}/api/outcomes?page=1`, { redirect: 'manual' });
  expect([bare.status, bare.headers.get('location')]).toEqual([301, '/api/outcomes/?page=1']);
  const linked = (await (await fetch(`${list}?page_size=1`)).json()) as { next: string };
  expect(linked.next).toBe(`${list}?page=2&page_size=1`);
  const state = async () => (await fetch(`${FRONT}/api/pipeline/`)).json();
  await expect
    .poll(state, { timeout: 20_000 })
    .toMatchObject({ host: { quarantined: 0, outcomes: expect.any(Number) } });
}

function serverPid(dataDir: string): number {
  return Number(readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
