// The whole service as the synthesized template deploys it, in an emulator of AWS: orders to reports, outcomes
// to the API, the schedule, and the stack's own life: a first deployment that fails, a second one, an update, the
// end, and a stack that takes up what was left. Needs Python 3.11, no Docker: `npm run test:emulator`.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual, promisify } from 'node:util';
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { REPORTS, reportKey } from '../../functions/contracts.ts';
import type { Answers } from '../../local/replay/answers.ts';
import { openCaptures } from '../../local/replay/captures.ts';
import { type ReplayResult, replayCaptures } from '../../local/replay/replay-captures.ts';
import { runReports } from '../../local/service/reports.ts';
import { OUTCOMES_TOPIC, routeTopics } from '../../local/stream/routes.ts';
import { expectReports, readAnswers } from '../captures/every-batch-size.ts';
import { CAPTURES } from '../captures/replay.ts';
import { waitUntil } from '../platform/wait-until.ts';
import { openApi } from '../support/api.ts';
import { Deployment, functionName, STACK } from './deployment.ts';
import type { Answer } from './gateway.ts';
import { readParameter } from './parameter-store.ts';
import { takePolicyAway } from './role-policy.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const API_FIXTURES = join(ROOT, 'test', 'fixtures', 'api');
const CAPTURE = 'connector-killed';
const OUTCOMES = 1_949;
/** One interval, the emulator's own granularity of ten seconds, and the run. */
const SCHEDULE_TIMEOUT_MS = 100_000;
const DEPLOYMENT_TIMEOUT_MS = 600_000;
const UNREACHABLE = { databasePort: 1 };
const NO_CONNECTION = /No connection to PostgreSQL at 127\.0\.0\.1:1\//;
const CONSOLE = 'https://console.example.com';

let deployment: Deployment;
/** Of the runs that a test asked for by hand. */
const runsByHand = new Set<string>();

beforeAll(async () => {
  deployment = await Deployment.prepare();
  await deployment.bootstrap();
}, DEPLOYMENT_TIMEOUT_MS);

afterAll(() => deployment?.stop());

test(
  'a first deployment that fails takes back what it made, and is repeated without cleaning by hand',
  async () => {
    await expect(deployment.deploy(UNREACHABLE)).rejects.toThrow(NO_CONNECTION);
    expect(await deployment.storesThere()).toEqual([]);
    await deployment.deploy();
    expect(await deployment.storesThere()).toEqual([deployment.table, deployment.bucket]);
  },
  DEPLOYMENT_TIMEOUT_MS,
);

test('the deployment has brought the schema up to date', async () => {
  const answer = await deployment.functions.invoke('migrate-database', '{"status": true}');
  const { migrations } = JSON.parse(answer) as { migrations: { applied_at: string | null }[] };
  expect(migrations.length).toBeGreaterThan(3);
  expect(migrations.filter(({ applied_at }) => applied_at === null)).toEqual([]);
});

test('captured orders become the reports that PostgreSQL answers; a second delivery applies nothing', async () => {
  const answers = readAnswers(CAPTURE);
  const first = await replay(join(CAPTURES, `${CAPTURE}.ndjson`));
  expect(first.counts).toMatchObject({ records: answers.records, quarantined: 0 });
  expect(first.counts.applied).toBeGreaterThan(0);
  expectReports(first, answers);
  const again = await replay(join(CAPTURES, `${CAPTURE}.ndjson`));
  expect(again.counts).toMatchObject({ records: answers.records, applied: 0, quarantined: 0 });
  expectReports(again, answers);
});

test('the audit of the deployed table finds no difference', async () => {
  const script = join(ROOT, 'operate', 'audit.ts');
  const args = [script, '--table', deployment.table, '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT });
  expect(JSON.parse(stdout)).toMatchObject({ differences: [] });
});

test('operators audit, rebuild and look through the function of the stack, whose names stand in parameters', async () => {
  const run = (script: string, ...args: string[]) => {
    const all = [join(ROOT, script), ...args, '--stack', STACK];
    return promisify(execFile)(process.execPath, all, { cwd: ROOT });
  };
  const audit = await run('operate/audit.ts');
  expect(audit.stdout).toMatch(/equal the row images\.\n.*the rollups equal the rows\.\n$/);
  const rebuilt = await run('operate/rebuild.ts');
  expect(rebuilt.stdout).toMatch(/the aggregates equal the row images\.\n$/);
  expect((await run('operate/quarantine.ts', 'list')).stdout).toBe('');
  expect((await run('local/commands/migrate.ts', '--status')).stdout).toMatch(/^(\[X\] .*\n)+$/);
  const name = `/analytics/${STACK}/OperatorFunctionName`;
  const told = await readParameter(deployment.emulator.endpoint, name);
  expect(told).toBe(functionName('operate-stores'));
});

test('what cannot be read is in the quarantine of the deployed bucket', async () => {
  const value = Buffer.from('{"payload": 1}').toString('base64');
  const record = { topic: 'dbserver1.public.orders', partition: 9, offset: 5, timestamp: 0, value };
  const event = { eventSource: 'aws:kafka', records: { 'dbserver1.public.orders-9': [record] } };
  const answer = JSON.parse(
    await deployment.functions.invoke('aggregate-orders', JSON.stringify(event)),
  );
  expect(answer).toMatchObject({ records: 1, quarantined: 1, batchItemFailures: [] });
  const kept = await objectText('quarantine/dbserver1.public.orders/9/5.json');
  expect(JSON.parse(kept)).toMatchObject({ topic: record.topic, partition: 9, offset: 5 });
});

test('a function may do what the policy of its role allows, and nothing without it', async () => {
  const { functions, emulator } = deployment;
  const giveBack = await takePolicyAway(emulator.endpoint, functionName('materialize-reports'));
  const denied = functions.invoke('materialize-reports', '{}');
  await expect(denied).rejects.toThrow(/not authorized to perform: dynamodb:/);
  await giveBack();
  noteRun((await runReports(functions)).generatedAt);
});

test('each outcome becomes one row; a second delivery adds none', async () => {
  const first = await replay(join(API_FIXTURES, 'outcomes.ndjson'));
  expect(first.counts).toMatchObject({ records: OUTCOMES, applied: OUTCOMES });
  const again = await replay(join(API_FIXTURES, 'outcomes.ndjson'));
  expect(again.counts).toMatchObject({ records: OUTCOMES, applied: 0 });
});

test('the API answers through API Gateway what the service answers in one process', async () => {
  const { gateway } = deployment;
  const inProcess = openApi(deployment.database.sql);
  const lines = readFileSync(join(API_FIXTURES, 'responses.ndjson'), 'utf8').trimEnd().split('\n');
  const differences: unknown[] = [];
  for (const line of lines) {
    const { method, url, request_headers: headers = {} } = JSON.parse(line);
    const got = await gateway.ask(url, { method, headers });
    const inside = { ...headers, ...gateway.addedHeaders };
    const wanted = await inProcess(url, { method, headers: inside, stage: gateway.stage });
    if (!isDeepStrictEqual(toShown(got), toShown(wanted))) differences.push({ line, got, wanted });
  }
  expect(differences).toEqual([]);
  expect(lines.length).toBe(159);
});

test('a page leads to the next by its own link', async () => {
  const { gateway } = deployment;
  const first = JSON.parse((await gateway.ask('/api/outcomes/?page_size=7')).text);
  const { origin, pathname, search } = new URL(first.next);
  expect(origin).toBe(`https://${gateway.host}`);
  expect(pathname).toBe(`/${gateway.stage}/api/outcomes/`);
  const second = await gateway.ask(`${pathname.slice(`/${gateway.stage}`.length)}${search}`);
  expect(JSON.parse(second.text)).toMatchObject({ count: first.count, next: expect.any(String) });
});

test('the reports come through the API byte for byte', async () => {
  const { gateway, functions } = deployment;
  const { generatedAt, keys } = await runReports(functions);
  noteRun(generatedAt);
  for (const { name } of REPORTS) {
    // Of that run: the schedule may write a newer one at any moment.
    const { status, text } = await gateway.ask(`/api/reports/${name}/?at=${generatedAt}`);
    const key = keys.find((key) => key.includes(`/${name}/2`)) ?? '';
    expect([status, text]).toEqual([200, await objectText(key)]);
    expect((await gateway.ask(`/api/reports/${name}/`)).status).toBe(200);
  }
  expect((await gateway.ask('/api/reports/secrets/')).status).toBe(404);
  const schema = await gateway.ask('/api/schema/', { headers: { accept: 'application/json' } });
  expect([schema.status, schema.text]).toEqual([200, expect.stringContaining('"openapi"')]);
});

test('the schedule writes reports by itself', async () => {
  await waitUntil(
    'a report that nobody asked for',
    async () => (await reportRuns()).some((run) => !runsByHand.has(run)),
    SCHEDULE_TIMEOUT_MS,
  );
});

test(
  'a deployment whose migration fails is rolled back, and the service goes on',
  async () => {
    await expect(deployment.deploy(UNREACHABLE)).rejects.toThrow(NO_CONNECTION);
    const { status, text } = await deployment.gateway.ask('/api/outcomes/?page_size=1');
    expect([status, JSON.parse(text)]).toEqual([200, expect.objectContaining({ count: OUTCOMES })]);
  },
  DEPLOYMENT_TIMEOUT_MS,
);

test(
  'changed settings arrive by an update, also where they replace something, and what was counted stays',
  async () => {
    const before = deployment.table;
    const ranked = 3;
    // Another deployment of API Gateway takes the place of the one before.
    await deployment.deploy({ topN: ranked, corsOrigins: CONSOLE });
    expect(deployment.table).toBe(before);
    const { headers } = await deployment.gateway.ask('/api/outcomes/stats/', {
      headers: { origin: CONSOLE },
    });
    expect(headers['access-control-allow-origin']).toBe(CONSOLE);
    const answers = readAnswers(CAPTURE);
    const shortened: Answers = {
      ...answers,
      customer_metrics: answers.customer_metrics.slice(0, ranked),
      product_sales: answers.product_sales.slice(0, ranked),
    };
    expect(shortened.customer_metrics.length).toBeLessThan(answers.customer_metrics.length);
    const again = await replay(join(CAPTURES, `${CAPTURE}.ndjson`));
    expect(again.counts).toMatchObject({ records: answers.records, applied: 0 });
    expectReports(again, shortened);
  },
  DEPLOYMENT_TIMEOUT_MS,
);

test(
  'the end of the stack leaves the data',
  async () => {
    await deployment.destroy();
    await expect(deployment.functions.invoke('serve-api', '{}')).rejects.toThrow(
      /no such function/,
    );
    const table = await new DynamoDBClient().send(
      new DescribeTableCommand({ TableName: deployment.table }),
    );
    expect(table.Table?.ItemCount).toBeGreaterThan(0);
    expect(await objectText(reportKey('analytics', 'summary', 'latest'))).toContain('"summary"');
  },
  DEPLOYMENT_TIMEOUT_MS,
);

test(
  'I137: the next stack takes up the stores that were left, by settings',
  async () => {
    const { table, bucket } = deployment;
    await deployment.deploy({ aggregatesTable: table, documentsBucket: bucket });
    expect([deployment.table, deployment.bucket]).toEqual([table, bucket]);
    const answers = readAnswers(CAPTURE);
    const again = await replay(join(CAPTURES, `${CAPTURE}.ndjson`));
    expect(again.counts).toMatchObject({ records: answers.records, applied: 0, quarantined: 0 });
    expectReports(again, answers);
    const { text } = await deployment.gateway.ask('/api/outcomes/?page_size=1');
    expect(JSON.parse(text)).toMatchObject({ count: OUTCOMES });
    await deployment.destroy();
    expect(await deployment.storesThere()).toEqual([table, bucket]);
  },
  DEPLOYMENT_TIMEOUT_MS,
);

/** API Gateway gives an answer without a type this one. */
function toShown({ status, headers, text }: Answer) {
  return { status, type: headers['content-type'] ?? 'application/json', text };
}

async function replay(file: string): Promise<ReplayResult> {
  const { functions } = deployment;
  const result = await replayCaptures(deployment, functions, await openCaptures([file]), {
    batchSize: 100,
    routes: routeTopics(OUTCOMES_TOPIC),
  });
  const [generatedAt = ''] =
    /(?<="generated_at": ")[^"]+/.exec(result.reports.get('summary') ?? '') ?? [];
  noteRun(generatedAt);
  return result;
}

/** @param generatedAt `2025-01-15T10:30:00`, which the key has as `20250115_103000`. */
function noteRun(generatedAt: string): void {
  const stamp = generatedAt.replaceAll(/[-:]/g, '').replace('T', '_');
  runsByHand.add(reportKey('analytics', 'summary', stamp));
}

/** The keys of the summaries that bear a time. */
async function reportRuns(): Promise<string[]> {
  const { s3, bucket } = deployment;
  const Prefix = 'analytics/summary/2';
  const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix }));
  return (Contents ?? []).flatMap(({ Key }) => Key ?? []);
}

async function objectText(Key: string): Promise<string> {
  const { s3, bucket } = deployment;
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
  return (await Body?.transformToString()) ?? '';
}
