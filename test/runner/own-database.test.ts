// I106: npm start over a database of one's own. Its schema changes only when that is said, no sample is written to it,
// and nothing of PostgreSQL is made in the data directory.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { openStores } from '../../local/stores/open-stores.ts';
import { findFreePorts } from '../platform/free-ports.ts';
import { connectTo } from '../support/data-directory-sql.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const START = join(import.meta.dirname, '..', '..', 'local', 'commands', 'start.ts');

test('the API serves the database that DB_HOST names, once its schema is there', async () => {
  const elsewhere = await openStores(temporaryDirectory(), { command: 'test', env: {} });
  onTestFinished(() => elsewhere.close());
  const own = await elsewhere.openDatabase();
  const dataDir = temporaryDirectory();
  const [port = 0] = await findFreePorts(4);
  const start = (...more: string[]) => {
    const args = [START, '--port', String(port), '--data-dir', dataDir, ...more];
    const child = spawn(process.execPath, args, { env: { ...process.env, ...own } });
    onTestFinished(() => void child.kill('SIGKILL'));
    return { child, outputs: Promise.all([text(child.stdout), text(child.stderr)]) };
  };

  const refused = start();
  expect(await once(refused.child, 'exit')).toEqual([1, null]);
  const [, reason] = await refused.outputs;
  expect(reason).toMatch(
    /^start: The database that DB_HOST names lacks \d+ of \d+ migrations\..*\n$/,
  );

  const served = start('--migrate');
  const stats = async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/api/outcomes/`).catch(() => undefined);
    return answer?.ok ? ((await answer.json()) as { count: number }).count : undefined;
  };
  await expect.poll(stats, { timeout: 90_000, interval: 200 }).toBe(0);
  const sql = await connectTo(elsewhere);
  const [tables] =
    await sql`select count(*)::int as found from pg_tables where tablename = 'auction_outcomes'`;
  await sql.end();
  expect(tables).toEqual({ found: 1 });
  served.child.kill('SIGTERM');
  expect(await once(served.child, 'exit')).toEqual([0, null]);
  const [lines] = await served.outputs;
  expect(lines).toMatch(/Postgres {2}127\.0\.0\.1:\d+ {2}your own/);
  expect(lines).toMatch(/traffic {3}none/);
  expect(existsSync(join(dataDir, 'postgres'))).toBe(false);
  expect(existsSync(join(dataDir, 'auctions.json'))).toBe(false);
}, 240_000);
