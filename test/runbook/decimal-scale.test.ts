// I133: the runbook's remedy for a wrong DECIMAL_SCALE, executed: amounts ten times off, the steps as written,
// right again. The capture has a snapshot, changes, and a second snapshot.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ENV } from '../../functions/contracts.ts';
import { audit } from '../../functions/orders/repair/audit.ts';
import { openCaptures } from '../../local/replay/captures.ts';
import { type ReplayResult, replayCaptures } from '../../local/replay/replay-captures.ts';
import { hostFunctions, surroundingsOf } from '../../local/service/functions.ts';
import { openStores, type Stores } from '../../local/stores/open-stores.ts';
import { OUTCOMES_TOPIC, routeTopics } from '../../local/stream/routes.ts';
import { openOrders } from '../../operate/order-ports.ts';
import { expectReports, readAnswers } from '../captures/every-batch-size.ts';
import { CAPTURES } from '../captures/replay.ts';

const CAPTURE = 'second-snapshot';
let folder = '';
let stores: Stores;
const parts = { before: '', after: '' };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'runbook-'));
  stores = await openStores(join(folder, 'data'), { command: 'replay', env: {} });
  const lines = (await readFile(join(CAPTURES, `${CAPTURE}.ndjson`), 'utf8')).trimEnd().split('\n');
  const isRead = (line: string) => line.includes('\\"op\\":\\"r\\"');
  const streamed = lines.findIndex((line) => line.includes('\\"op\\":\\"c\\"'));
  const second = lines.findIndex((line, index) => index > streamed && isRead(line));
  expect(second).toBeGreaterThan(streamed);
  for (const [name, part] of [
    ['before', lines.slice(0, second)],
    ['after', lines.slice(second)],
  ] as const) {
    parts[name] = join(folder, `${name}.ndjson`);
    await writeFile(parts[name], `${part.join('\n')}\n`);
  }
});

afterAll(async () => {
  await stores.close();
  await rm(folder, { recursive: true });
});

async function replay(file: string, decimalScale: string): Promise<ReplayResult> {
  const functions = await hostFunctions(
    surroundingsOf(stores, { [ENV.decimalScale]: decimalScale }),
  );
  try {
    const options = { batchSize: 20, routes: routeTopics(OUTCOMES_TOPIC) };
    return await replayCaptures(stores, functions, await openCaptures([file]), options);
  } finally {
    await functions.close();
  }
}

const revenueOf = ({ reports }: ReplayResult) =>
  Number(/(?<="total_revenue": )[\d.]+/.exec(reports.get('summary') ?? '')?.[0]);

test('A wrong DECIMAL_SCALE or DECIMAL_HANDLING: the audit finds nothing, a replay changes nothing, a snapshot by the right scale mends all', async () => {
  const wrong = await replay(parts.before, '3');
  expect((await audit(openOrders(stores, '', async () => {}))).differences).toEqual([]);

  const again = await replay(parts.before, '2');
  expect(again.counts).toMatchObject({ applied: 0 });
  expect(revenueOf(again)).toBe(revenueOf(wrong));

  expectReports(await replay(parts.after, '2'), readAnswers(CAPTURE));
});
