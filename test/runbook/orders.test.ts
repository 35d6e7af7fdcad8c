// I133: the runbook's remedies for the orders, executed: broken as the section says, its steps as written, right
// again. A test's name begins with the headings whose remedy it executes.
import {
  DeleteTableCommand,
  type DynamoDBClient,
  PutItemCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ENV, reportKey } from '../../functions/contracts.ts';
import { Decimal } from '../../functions/orders/decimal.ts';
import { SumsByName } from '../../functions/orders/fold/sums.ts';
import { makePlanStore } from '../../functions/orders/merge/plan-store.ts';
import { LEASE_MS, pauseMerges } from '../../functions/orders/repair/pause.ts';
import { packSegment } from '../../functions/orders/segments/segment.ts';
import { makeSegmentStore } from '../../functions/orders/segments/segment-store.ts';
import { makeTable } from '../../functions/orders/table/table-store.ts';
import { createAggregatesTable } from '../../local/stores/dynamodb.ts';
import { startStack } from '../support/deployed-stack.ts';
import { type Redriving, startRedriving, toLines } from './redrive-here.ts';
import { Shop } from './shop.ts';

const TOPIC = 'dbserver1.public.orders';
const STREAM = `0:${TOPIC}:0`;
let redriving: Redriving;
let stack: Awaited<ReturnType<typeof startStack>>;
let shop: Shop;

beforeAll(async () => {
  redriving = await startRedriving({ [TOPIC]: 3 });
  stack = await startStack({ answer: (invocation) => redriving.answer(stack, invocation) });
  shop = new Shop(stack);
  await shop.ingest([1, 2, 3].map((id) => shop.change('create', id, 1_000 + id)));
}, 120_000);

afterAll(async () => {
  await stack?.close();
  await redriving?.close();
});

const table = () => makeTable(stack.stores.dynamodb, stack.stores.table);
const quarantine = (...args: string[]) => stack.run('operate/quarantine.ts', ...args);

/** As the steps say it, and then as the mappings do. */
async function redriveAll(): Promise<void> {
  const { address, sent } = redriving.broker;
  const { status, stdout } = await quarantine('redrive', '--all', '--brokers', address);
  expect(stdout).toMatch(/^[1-9]\d* records of \d+ objects sent again\.\n$/);
  expect(status).toBe(0);
  await shop.ingest(toLines(sent, (partition) => shop.nextOffset(partition)));
}

/** As Lambda hands a batch over. */
function eventOf(lines: readonly string[]): string {
  const records = lines.map((line) => {
    const { key, value, ...place } = JSON.parse(line);
    return { ...place, key: encode(key), value: encode(value) };
  });
  return JSON.stringify({ eventSource: 'aws:kafka', records: { [`${TOPIC}-0`]: records } });
}
const encode = (text: string) => Buffer.from(text).toString('base64');

test('Consumer stalled; Function failing: what the reason names is mended, the batches come again by themselves', async () => {
  const lines = [shop.change('create', 10, 500), shop.change('update', 1, 2_000)];
  const broken = await stack.functionsWith({ [ENV.aggregatesTable]: 'no-such-table' });
  const event = eventOf(lines);
  await expect(broken.invoke('aggregate-orders', event)).rejects.toThrow(/non-existent|not found/);
  expect(await shop.isRight()).toBe(false);
  expect((await shop.ingest(lines)).counts).toMatchObject({ records: 2, applied: 2 });
  expect(await shop.isRight()).toBe(true);
});

test('Records quarantined: the code that reads is mended, the records are sent again and count once', async () => {
  const lines = [shop.change('create', 11, 700), shop.change('update', 2, 3_000)];
  const wrong = { [ENV.ordersColumns]: 'total_amount=sum' };
  expect((await shop.ingest(lines, wrong)).counts).toMatchObject({ applied: 0, quarantined: 2 });
  expect((await quarantine('list')).stdout).toMatch(/\/0\/5\.json .*\n.*\/0\/6\.json .*\n$/);
  await redriveAll();
  expect((await quarantine('list')).stdout).toBe('');
  expect(await shop.isRight()).toBe(true);
});

test.for([
  { name: 'a redrive fills it', replayed: false, found: 0, id: 12 },
  {
    name: 'where a replay was tried before, the rebuild of the last step',
    replayed: true,
    found: 3,
    id: 20,
  },
])(
  'Batch given up; A batch that Lambda gave up: later records went over the gap; $name',
  async ({ replayed, found, id }) => {
    const lost = [shop.change('create', id, 900), shop.change('update', 3, 4_000 + id)];
    const payload = eventOf(lost);
    const requestContext = { condition: 'RetryAttemptsExhausted', approximateInvokeCount: 11 };
    const { s3, bucket } = stack.stores;
    const Key = 'aws/lambda/0a1b2c3d/shop-0/2026/11/22/batch';
    const Body = JSON.stringify({ requestContext, responseContext: {}, payload });
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
    await shop.ingest([shop.change('update', 3, 4_500 + id)]);
    expect(await shop.isRight()).toBe(false);
    if (replayed) await shop.ingest(lost);
    expect(await shop.isRight()).toBe(false);
    expect((await quarantine('list')).stdout).toMatch(
      /2 records, given up by Lambda after 11 tries/,
    );
    await redriveAll();
    expect(await stack.run('operate/audit.ts')).toMatchObject({ status: found });
    if (found) expect(await stack.run('operate/rebuild.ts')).toMatchObject({ status: 0 });
    expect(await shop.isRight()).toBe(true);
    await shop.expectAudited();
    await s3.send(new GetObjectCommand({ Bucket: bucket, Key: `redriven/${Key}` }));
  },
);

test('Records dropped: a snapshot brings the rows back that are nowhere else', async () => {
  shop.change('create', 13, 100);
  shop.change('update', 1, 2_500);
  await shop.ingest([shop.change('create', 14, 200)]);
  expect(await shop.isRight()).toBe(false);
  await shop.ingest(shop.snapshot());
  expect(await shop.isRight()).toBe(true);
  await shop.expectAudited();
});

test('Negative count; Reports late: the last right reports stay, the audit names it, a rebuild mends it, a run is made by hand', async () => {
  const latest = async () => {
    const place = { Bucket: stack.stores.bucket, Key: reportKey('analytics', 'summary', 'latest') };
    return (await stack.stores.s3.send(new GetObjectCommand(place))).Body?.transformToString();
  };
  const before = await latest();
  const segments = makeSegmentStore(table());
  const { number, to } = await segments.tail(STREAM);
  const sums = new SumsByName();
  sums.add('customer', '3', { count: -9n, quantity: 0n, amount: Decimal.parse('0') as Decimal });
  const head = { to, atMs: Date.now(), newestMs: 0, after: new Map() };
  await segments.append(STREAM, number + 1, packSegment({ ...head, sums }));
  await expect(stack.functions.invoke('materialize-reports', '{}')).rejects.toThrow(/below|fewer/);
  expect(await latest()).toBe(before);

  const found = await stack.run('operate/audit.ts');
  expect(found).toMatchObject({ status: 3, stdout: expect.stringMatching(/customer 3 count: -/) });
  expect(await stack.run('operate/rebuild.ts')).toMatchObject({ status: 0 });
  await shop.expectAudited();
  await stack.functions.invoke('materialize-reports', '{}');
  expect(await latest()).not.toBe(before);
  expect(await shop.isRight()).toBe(true);
});

test('Merge paused: a killed rebuild holds the merges no longer than its lease', async () => {
  const leftMs = 6_000;
  await pauseMerges(makePlanStore(table()), () => Date.now() - LEASE_MS + leftMs);
  await shop.ingest([shop.change('create', 15, 300)]);
  expect(await shop.isRight()).toBe(false);
  await expect.poll(() => shop.isRight(), { timeout: 60_000, interval: 1_000 }).toBe(true);
});

test("Raise a topic's partition count: at lag 0 rows may move, and the audit finds nothing", async () => {
  await shop.ingest([shop.change('update', 1, 5_000, 1), shop.change('create', 16, 400, 2)]);
  await shop.ingest([shop.change('update', 1, 5_100, 1), shop.change('delete', 2, 0, 1)]);
  expect(await shop.isRight()).toBe(true);
  await shop.expectAudited();
});

test('Replay from the beginning: what is applied already is skipped, and nothing else changes', async () => {
  const lines = [shop.change('create', 17, 500), shop.change('update', 17, 600)];
  await shop.ingest(lines);
  const again = await shop.ingest(lines);
  expect(again.counts).toMatchObject({ records: 2, applied: 0 });
  expect(await shop.isRight()).toBe(true);
});

test('Restore DynamoDB: the table of a moment, audited, deployed, and the topic read again from before it', async () => {
  const lines = [shop.change('create', 30, 800), shop.change('update', 3, 6_000)];
  const { dynamodb, table: lostTable } = stack.stores;
  const name = `${lostTable}-restored`;
  await copyTable(dynamodb, lostTable, name);
  const later = [shop.change('create', 31, 850), shop.change('delete', 30)];
  await shop.ingest([...lines, ...later]);
  await dynamodb.send(new DeleteTableCommand({ TableName: lostTable }));

  const audit = await stack.runHere('operate/audit.ts', '--table', name);
  expect(audit).toMatchObject({ status: 0, stdout: expect.stringMatching(/equal the row images/) });
  const restored = { [ENV.aggregatesTable]: name };
  expect((await shop.ingest([...lines, ...later], restored)).counts).toMatchObject({ applied: 4 });
  expect(await shop.isRight(restored)).toBe(true);
  const after = await stack.runHere('operate/audit.ts', '--table', name);
  expect(after).toMatchObject({ status: 0 });
});

test('A topic deleted and made anew: a new epoch and a snapshot; rows deleted in between stay until a new table', async () => {
  await createAggregatesTable(stack.stores.dynamodb, stack.stores.table);
  await shop.ingest(shop.snapshot());
  expect(await shop.isRight()).toBe(true);

  shop.restartOffsets();
  const unseen = shop.snapshot();
  shop.change('update', 3, 7_000);
  shop.restartOffsets();
  expect((await shop.ingest(unseen)).counts).toMatchObject({ applied: 0 });
  const anew = { [ENV.streamEpoch]: '1' };
  await shop.ingest(shop.snapshot(), anew);
  expect(await shop.isRight(anew)).toBe(true);
  await shop.expectAudited();

  shop.rows.delete(31);
  await shop.ingest(shop.snapshot(), anew);
  expect(await shop.isRight(anew)).toBe(false);
  await createAggregatesTable(stack.stores.dynamodb, 'anew');
  const empty = { ...anew, [ENV.aggregatesTable]: 'anew' };
  await shop.ingest(shop.snapshot(), empty);
  expect(await shop.isRight(empty)).toBe(true);
});

/** What a restore to a point in time leaves: another table with the same items. */
async function copyTable(client: DynamoDBClient, from: string, to: string): Promise<void> {
  await createAggregatesTable(client, to);
  const { Items = [] } = await client.send(new ScanCommand({ TableName: from }));
  for (const Item of Items) await client.send(new PutItemCommand({ TableName: to, Item }));
}
