// The whole service and the replay, as processes, on the built bundles.
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { toDebeziumRecords } from '../../local/sample/debezium-event.ts';
import { nextTransaction, openShop } from '../../local/sample/shop.ts';
import { findFreePorts } from '../platform/free-ports.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const [PORT = 0] = await findFreePorts(4);
const FRONT = `http://127.0.0.1:${PORT}`;
const COMMANDS = join(import.meta.dirname, '..', '..', 'local', 'commands');

function start(dataDir: string): ChildProcessByStdio<null, Readable, null> {
  const args = [join(COMMANDS, 'start.ts'), '--port', String(PORT), '--data-dir', dataDir];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, FLUSH_INTERVAL: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** Undefined while the service is not up, or has no such document yet. */
async function fetchJson<T>(path: string): Promise<T | undefined> {
  const answer = await fetch(`${FRONT}${path}`).catch(() => undefined);
  return answer?.ok ? ((await answer.json()) as T) : undefined;
}

interface Pipeline {
  readonly host: Readonly<Record<string, unknown>> | null;
  readonly streams: readonly { readonly lag: string | null }[];
  readonly problems: readonly object[];
}

interface Summary {
  readonly metrics: { readonly total_orders: number };
}

async function untilOrders(count: number): Promise<number> {
  let orders = 0;
  const read = async () => {
    const summary = await fetchJson<Summary>('/analytics/summary/latest.json');
    orders = summary?.metrics.total_orders ?? 0;
    return orders;
  };
  await expect.poll(read, { timeout: 40_000, interval: 200 }).toBeGreaterThanOrEqual(count);
  return orders;
}

test('the service reports while it runs, survives a kill and ends on a signal', async () => {
  const dataDir = temporaryDirectory();
  const first = start(dataDir);
  const before = await untilOrders(3);
  first.kill('SIGKILL');
  await once(first, 'exit');

  const second = start(dataDir);
  const output = text(second.stdout);
  await untilOrders(before + 1);
  const isTold = async () => (await fetchJson<Pipeline>('/api/pipeline/'))?.host?.bucket;
  await expect.poll(isTold, { timeout: 20_000 }).toBe('analytics-local');
  // On a busy machine a run may be late for once.
  const problemsNow = async () => (await fetchJson<Pipeline>('/api/pipeline/'))?.problems;
  await expect.poll(problemsNow, { timeout: 60_000, interval: 500 }).toEqual([]);
  const { host, streams } = (await fetchJson<Pipeline>('/api/pipeline/')) as Pipeline;
  expect(host).toMatchObject({ quarantined: 0, data_directory: dataDir });
  expect(streams.length).toBe(9);
  expect(streams.every(({ lag }) => lag !== null && Number(lag) >= 0)).toBe(true);
  const page = await fetch(FRONT);
  expect(page.headers.get('content-type')).toContain('text/html');
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
  const latest = await fetch(`${FRONT}/analytics/summary/latest.json`);
  expect(latest.headers.get('content-type')).toBe('application/json');
  const refusals = [fetch(`${FRONT}/analytics/none.json`), fetch(FRONT, { method: 'POST' })];
  expect((await Promise.all(refusals)).map(({ status }) => status)).toEqual([404, 405]);
  const stranger = fetch(`${FRONT}/api/outcomes/`, { headers: { origin: 'https://evil.example' } });
  // I101: API Gateway takes 10 MB, and Lambda an event of 6.
  const tooLong = [7, 11].map((megabytes) => {
    const body = Buffer.alloc(megabytes * 1024 * 1024);
    return fetch(`${FRONT}/api/outcomes/`, { method: 'POST', body });
  });
  const refused = await Promise.all([stranger, ...tooLong]);
  expect(refused.map(({ status }) => status)).toEqual([403, 413, 413]);

  // Twice at once, as npm passes a terminal's Ctrl-C on.
  second.kill('SIGTERM');
  second.kill('SIGTERM');
  expect(await once(second, 'exit')).toEqual([0, null]);
  expect(await output).toMatch(/Stopping: .*\n.*report: \d+ orders for [\d,.]+\n$/);
  expect(existsSync(join(dataDir, 'positions.json'))).toBe(true);
  expect(existsSync(join(dataDir, 'runner.json'))).toBe(false);
  await expect(fetch(FRONT)).rejects.toThrow();
});

async function replay(...args: string[]) {
  const child = spawn(process.execPath, [join(COMMANDS, 'replay.ts'), ...args, '--json']);
  const outputs = Promise.all([text(child.stdout), text(child.stderr)]);
  const [status] = await once(child, 'exit');
  const [stdout, stderr] = await outputs;
  expect(status, stderr).toBe(0);
  expect(stdout.trimEnd()).not.toContain('\n');
  return JSON.parse(stdout);
}

test('a replay prints one JSON document, quarantines garbage, and repeats without effect', async () => {
  const dataDir = temporaryDirectory();
  const capture = join(dataDir, 'capture.ndjson');
  const lines = captureOf(30);
  writeFileSync(capture, [...lines, 'garbage', ''].join('\n'));
  const first = await replay(capture, '--data-dir', dataDir, '--batch-size', '7');
  expect(first).toMatchObject({ records: lines.length + 1, quarantined: 1 });
  expect(first.applied + first.skipped).toBe(lines.length);
  expect(Object.keys(first.reports)).toEqual([
    'daily_sales',
    'product_sales',
    'customer_metrics',
    'order_status',
    'summary',
  ]);
  const quarantined = join(dataDir, 's3/analytics-local/quarantine/capture.ndjson/0');
  const document = readFileSync(join(quarantined, `${lines.length + 1}.json`), 'utf8');
  expect(JSON.parse(document)).toMatchObject({ value: 'garbage' });

  const second = await replay(capture, '--data-dir', dataDir);
  expect(second).toMatchObject({ applied: 0, skipped: lines.length, quarantined: 1 });
  expect(second.reports.summary.metrics).toEqual(first.reports.summary.metrics);
});

function captureOf(transactions: number): string[] {
  const shop = openShop(1);
  const offsets = new Map<string, number>();
  const changes = Array.from({ length: transactions }, () => nextTransaction(shop, 1e15)).flat();
  return changes.flatMap((change, index) => {
    const lsn = 1000 + index;
    const commit = {
      txId: 1,
      lsn,
      previousLsn: 999,
      committedUs: 1e15 + index,
      sentUs: 1e15 + index,
    };
    const { topic, records } = toDebeziumRecords(change, commit);
    return records.map((record) => {
      const offset = offsets.get(topic) ?? 0;
      offsets.set(topic, offset + 1);
      return JSON.stringify({ topic, partition: 0, offset, ...record });
    });
  });
}
