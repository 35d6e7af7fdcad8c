// What compose.yaml gives to its containers, with the same programs without Docker: the shop's tables and its
// traffic in PostgreSQL, the connector's settings in Debezium, and `consume --invoke lambda` from Kafka to the
// real functions behind Lambda's API. Needs Java.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import postgres from 'postgres';
import { expect, onTestFinished, test } from 'vitest';
import type { FunctionName } from '../../functions/contracts.ts';
import { hostFunctions, surroundingsOf } from '../../local/service/functions.ts';
import { readReport, runReports } from '../../local/service/reports.ts';
import { openStores } from '../../local/stores/open-stores.ts';
import { startPlatform } from '../platform/platform.ts';
import { waitUntil } from '../platform/wait-until.ts';
import { temporaryDirectory } from '../runner/temporary-directory.ts';
import { startLambdaEndpoint } from '../support/lambda-endpoint.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const COMPOSE = join(ROOT, 'compose');
const STEPS = 60;
const PREFIX = 'analytics-service-';

test('the shop of compose.yaml becomes reports, through consume --invoke lambda', async () => {
  const platform = await startPlatform();
  onTestFinished(platform.stop);
  const address = { ...platform.postgres.address, database: 'shop' };
  const admin = postgres({ ...platform.postgres.address, max: 1 });
  await admin`create database shop`;
  await admin.end();
  const shop = postgres({ ...address, max: 1 });
  onTestFinished(() => shop.end());
  await shop.unsafe(readFileSync(join(COMPOSE, 'postgres', '10-shop.sql'), 'utf8'));

  const settings = JSON.parse(readFileSync(join(COMPOSE, 'shop-connector.json'), 'utf8'));
  await platform.connect.createConnector('shop', {
    ...settings,
    'database.hostname': address.host,
    'database.port': String(address.port),
    'database.user': address.user,
    'database.password': address.password,
  });
  for (let step = 0; step < STEPS; step += 1) await shop`select shop_step()`;

  const lambda = await startFunctions();
  const consumer = consume(platform.kafka.bootstrap, lambda.env);
  await waitUntil(
    'the reports to equal the shop',
    async () => (await lambda.summary()) === (await summaryBySql(shop)),
    120_000,
  );
  consumer.kill('SIGTERM');
  const [status] = await once(consumer, 'exit');
  expect(status).toBe(0);
  // The batch whose invocation failed came again.
  expect(lambda.failures()).toBe(1);
}, 400_000);

/** The functions over stores of their own, behind the API of Lambda; the first invocation fails. */
async function startFunctions() {
  const stores = await openStores(temporaryDirectory(), { command: 'test', env: {} });
  const functions = await hostFunctions(surroundingsOf(stores, {}));
  let failures = 0;
  const endpoint = await startLambdaEndpoint(async ({ functionName, event, isDryRun }) => {
    if (isDryRun) return { kind: 'answer', payload: null };
    if (failures === 0) {
      failures += 1;
      return { kind: 'failed', errorType: 'Error', errorMessage: 'the first time' };
    }
    const name = functionName.slice(PREFIX.length) as FunctionName;
    return { kind: 'answer', payload: JSON.parse(await functions.invoke(name, event)) };
  });
  onTestFinished(async () => {
    await endpoint.close();
    await functions.close();
    await stores.close();
  });
  return {
    env: endpoint.env,
    failures: () => failures,
    summary: async () => {
      const text = await readReport(stores, await runReports(functions), 'summary');
      const { total_orders, total_revenue, unique_products_sold } = JSON.parse(text).metrics;
      return `${total_orders} ${total_revenue} ${unique_products_sold}`;
    },
  };
}

function consume(brokers: string, env: Readonly<Record<string, string>>) {
  const args = ['--brokers', brokers, '--invoke', 'lambda'];
  const child = spawn(process.execPath, [join(ROOT, 'local', 'commands', 'consume.ts'), ...args], {
    env: { ...process.env, ...env },
    stdio: 'inherit',
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

async function summaryBySql(shop: postgres.Sql): Promise<string> {
  const [row] = await shop`
    select concat_ws(' ', count(*), sum(total_amount)::float8,
      (select count(distinct product_id) from order_items)) as summary from orders`;
  return row?.summary;
}
