// I28, I29, I31: the operator's commands as processes, over the stores of a data directory: what was refused
// for a wrong setting is looked at, sent again, counted once; what was damaged is found and mended.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { itemKeys } from '../../functions/orders/table/items.ts';
import { makeTable } from '../../functions/orders/table/table-store.ts';
import { openStores } from '../../local/stores/open-stores.ts';
import { findFreePorts } from '../platform/free-ports.ts';
import { temporaryDirectory } from '../runner/temporary-directory.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const [PORT = 0] = await findFreePorts(4);
const TOPIC = 'dbserver1.public.orders';

async function run(script: string, args: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [join(ROOT, script), ...args], {
    env: { ...process.env, ...env },
  });
  const outputs = Promise.all([text(child.stdout), text(child.stderr)]);
  const [status] = await once(child, 'exit');
  const [stdout, stderr] = await outputs;
  return { status, stdout, stderr };
}

/** 17 digits: with no digit after the point more than an amount may have, with two just so many. */
const LARGE = Buffer.from(12_345_678_901_234_567n.toString(16).padStart(14, '0'), 'hex');

function captureLine(offset: number, id: number, amount: string, timestamp = Date.now()): string {
  const after = {
    id,
    customer_id: id,
    total_amount: amount,
    status: 'paid',
    created_at: timestamp,
  };
  const value = JSON.stringify({
    op: 'c',
    after,
    source: { table: 'orders', lsn: 1_000 + offset, ts_ms: timestamp },
  });
  return JSON.stringify({
    topic: TOPIC,
    partition: 0,
    offset,
    timestamp,
    key: `{"id":${id}}`,
    value,
    headers: [],
  });
}

async function replayed(lines: readonly string[], env: Record<string, string>) {
  const dataDir = temporaryDirectory();
  const file = join(dataDir, 'orders.ndjson');
  writeFileSync(file, `${lines.join('\n')}\n`);
  const replay = async (more: Record<string, string> = {}) => {
    const { stdout, stderr } = await run(
      'local/commands/replay.ts',
      [file, '--data-dir', dataDir, '--json'],
      more,
    );
    expect(stderr).not.toContain('replay:');
    return JSON.parse(stdout);
  };
  return { dataDir, replay, result: await replay(env) };
}

/** Consumes what waits in the runner's topics. */
async function startUntilConsumed(dataDir: string): Promise<void> {
  const args = ['--no-sample', '--port', String(PORT), '--data-dir', dataDir];
  const child = spawn(process.execPath, [join(ROOT, 'local/commands/start.ts'), ...args], {
    env: { ...process.env, FLUSH_INTERVAL: '1' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const applied = async () => {
    const answer = await fetch(`http://127.0.0.1:${PORT}/api/pipeline/`).catch(() => undefined);
    return answer?.ok ? answer.text() : '';
  };
  await expect.poll(applied, { timeout: 90_000, interval: 300 }).toMatch(/"applied": ?1\b/);
  child.kill('SIGINT');
  await once(child, 'exit');
}

test('refused for a wrong DECIMAL_SCALE, looked at, redriven, counted once', async () => {
  const lines = [captureLine(0, 1, 'BNI='), captureLine(1, 2, LARGE.toString('base64'))];
  const { dataDir, replay, result } = await replayed(lines, { DECIMAL_SCALE: '0' });
  expect(result).toMatchObject({ records: 2, applied: 1, quarantined: 1 });

  const at = ['--data-dir', dataDir];
  const listed = await run('operate/quarantine.ts', ['list', ...at]);
  expect(listed.stdout).toMatch(
    /quarantine\/dbserver1.public.orders\/0\/1.json {2}column total_amount is/,
  );
  const json = await run('operate/quarantine.ts', [
    'list',
    '--json',
    '--reason',
    'total_amount',
    ...at,
  ]);
  expect(JSON.parse(json.stdout)).toMatchObject({
    topic: TOPIC,
    partition: 0,
    offset: 1,
    records: 1,
  });
  expect((await run('operate/quarantine.ts', ['list', '--topic', 'other', ...at])).stdout).toBe('');
  const shown = await run('operate/quarantine.ts', ['show', `${TOPIC}/0/1`, ...at]);
  expect(shown.stdout).toMatch(/^reason: column total_amount[\s\S]*"customer_id": 2/m);

  const dry = await run('operate/quarantine.ts', ['redrive', '--all', '--dry-run', ...at]);
  expect(dry.stdout).toMatch(/1 records of 1 objects would be sent again/);
  const sent = await run('operate/quarantine.ts', ['redrive', `${TOPIC}/0/1`, ...at]);
  expect(sent).toMatchObject({ status: 0, stdout: '1 records of 1 objects sent again.\n' });
  expect((await run('operate/quarantine.ts', ['list', ...at])).stdout).toBe('');
  const moved = `redriven/quarantine/${TOPIC}/0/1.json`;
  await run('operate/quarantine.ts', ['redrive', moved, ...at]);

  await startUntilConsumed(dataDir);
  const { reports } = await replay();
  expect(reports.summary.metrics.total_orders).toBe(2);
  expect(JSON.stringify(reports.customer_metrics)).toContain('123456789012345.67');
  const audit = await run('operate/audit.ts', ['--json', ...at]);
  expect(JSON.parse(audit.stdout)).toMatchObject({
    ...{ rows: 2, isQuiet: true, differences: [] },
    outcomes: { rows: 0, differences: [] },
  });
});

test('damage is found, measured, mended; each difference is a line', async () => {
  const { dataDir } = await replayed([captureLine(0, 1, 'BNI='), captureLine(1, 2, 'BNI=')], {});
  const at = ['--data-dir', dataDir];
  const stores = await openStores(dataDir, { command: 'test', env: {} });
  const table = makeTable(stores.dynamodb, stores.table);
  const key = itemKeys.base('customer', '0');
  const seen = await table.get(key);
  await table.put({ key, seen, text: seen?.text.replace('12.34', '12.84') ?? '' });
  await stores.close();

  const line = '  customer 1 amount: 12.84, by the rows 12.34\n';
  const found = await run('operate/audit.ts', at);
  expect(found).toMatchObject({ status: 3, stdout: expect.stringContaining(line) });
  const dry = await run('operate/rebuild.ts', ['--dry-run', ...at]);
  expect(dry).toMatchObject({ status: 3, stdout: `${line}2 rows: 1 differences to mend.\n` });
  const mended = await run('operate/rebuild.ts', at);
  expect(mended).toMatchObject({ status: 0, stdout: `${line}2 rows: 1 differences mended.\n` });
  const sound = '2 rows: the aggregates equal the row images.\n';
  expect(await run('operate/rebuild.ts', at)).toMatchObject({ status: 0, stdout: sound });
  expect(await run('operate/audit.ts', at)).toMatchObject({ status: 0 });
});

test.concurrent.each([
  ['quarantine', [], /Say what to do: list, show or redrive/],
  ['quarantine', ['list', '--data-dir', '/no/such'], /\/no\/such is no data directory/],
  ['quarantine', ['redrive', '--all', '--data-dir', ROOT, '--bucket', 'b'], /choose one/],
  ['quarantine', ['redrive', '--bucket', 'b', '--all'], /--bucket needs --brokers/],
  ['quarantine', ['list', '--since', 'soon', '--bucket', 'b'], /--since must be a date or time/],
  ['rebuild', ['--data-dir', '/no/such'], /\/no\/such is no data directory/],
  ['rebuild', ['--outcomes', '--table', 't'], /There is no database of outcomes/],
  ['audit', ['now'], /Too many arguments/],
  ['audit', ['--table', 't', '--data-dir', ROOT], /--table and --data-dir: choose one/],
] as const)('%s %j is an error of one line', async (command, args, reason) => {
  const env = { AWS_REGION: 'us-east-1', DB_HOST: '' };
  const { status, stdout, stderr } = await run(`operate/${command}.ts`, [...args], env);
  expect(stderr).toMatch(reason);
  expect(stderr.trimEnd()).not.toContain('\n');
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
});

test('a login to Kafka that does not fit its protocol is an error of one line, and stays secret', async () => {
  const args = ['redrive', '--all', '--bucket', 'b', '--brokers', 'x:1'];
  const env = { AWS_REGION: 'us-east-1', KAFKA_SASL_PASSWORD: 'hush-hush' };
  const { status, stdout, stderr } = await run('operate/quarantine.ts', args, env);
  expect(stderr).toMatch(/^quarantine: KAFKA_SASL_PASSWORD belongs to .*, not to PLAINTEXT\.\n$/);
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
});
