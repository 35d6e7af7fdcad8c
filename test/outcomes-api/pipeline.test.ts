// I94: what the API tells of the pipeline is what its stores hold: positions, ages, lag, refusals with their reasons
// and bytes; what is not known is null, and what is missing is said and fails nothing.
import { beforeAll, expect, test } from 'vitest';
import { hostKey, pipelineKey, quarantineKey } from '../../functions/contracts.ts';
import { renderQuarantineDocument } from '../../functions/kafka/quarantine.ts';
import { makePipelineStore } from '../../functions/outcomes/pipeline/pipeline-store.ts';
import * as schemas from '../../functions/outcomes/respond/pipeline-schemas.ts';
import {
  makeOutcomesStore,
  type OutcomesStore,
} from '../../functions/outcomes/store/outcomes-store.ts';
import { makeReportsStore } from '../../functions/outcomes/store/reports-store.ts';
import type { Sql } from '../../functions/platform/sql-client.ts';
import { type Ask, askStores } from '../support/api.ts';
import { kafkaRecord } from '../support/kafka-record.ts';
import { MemoryQuarantine, recordMessages, recordPorts } from '../support/outcomes.ts';
import { useTestPostgres } from '../support/postgres.ts';
import { BUCKET, useTestBucket } from '../support/s3-folder.ts';

const PREFIX = 'analytics';
const ORDERS = 'dbserver1.public.orders';
const HUGE = '9007199254740993';

const server = useTestPostgres();
const bucket = useTestBucket();
let sql: Sql;
let ask: Ask;
let now = Date.now();

beforeAll(async () => {
  const database = await server.freshDatabase();
  ({ sql } = database);
  ask = open(sql);
});

const open = (client: Sql): Ask => openStore(makeOutcomesStore(client));

function openStore(outcomes: OutcomesStore): Ask {
  return askStores(
    {
      outcomes,
      reports: makeReportsStore(bucket.s3, BUCKET, PREFIX),
      pipeline: makePipelineStore(bucket.s3, BUCKET, PREFIX),
    },
    { now: () => now, bucket: BUCKET },
  );
}

async function pipeline(one = ask) {
  const reply = await one('/api/pipeline/');
  expect([reply.status, reply.headers['cache-control']]).toEqual([200, 'no-store']);
  return schemas.pipeline.parse(reply.json());
}

test('before anything ran: it says so', async () => {
  const { problems, streams, reports, merge, host, quarantine, schema, build } = await pipeline();
  expect(problems.map(({ text }) => text)).toEqual(['No report run yet.']);
  expect({ streams, reports, merge, host }).toEqual({
    ...{ streams: [], reports: null, merge: null, host: null },
  });
  expect(quarantine).toMatchObject({ count: 0, is_complete: true, by_reason: [], example: null });
  expect(schema).toMatchObject({ version: '0011-outcome-by-one-plan', pending: [] });
  expect(build).toEqual({ version: '0.1.0', reports_version: null });
});

test('both halves: positions to the last digit, ages, and no lag that nobody knows', async () => {
  const timestamp = Date.now() - 60_000;
  const ports = recordPorts(sql, new MemoryQuarantine());
  await recordMessages([{ offset: 7, value: '{}', timestamp }], ports);
  // The clock of that producer is wrong, the next one has none.
  await recordMessages([{ offset: 1, partition: 1, value: '{}', timestamp: 9e15 }], ports);
  const future = Date.now() + 1_000_000;
  await recordMessages([{ offset: 1, partition: 2, value: '{}', timestamp: future }], ports);
  now = Date.now();
  await bucket.put(pipelineKey(PREFIX), JSON.stringify(runDocument()));
  const { streams, reports, merge, build } = await pipeline();
  expect(build.reports_version).toBe('0.2.0');
  expect(reports).toMatchObject({ generated_at: generatedAt(), epoch: 42 });
  expect(merge).toEqual({ segments: 10, milliseconds: 85, taken_up: false, segments_waiting: 0 });
  const [orders, first, timeless, ahead] = streams;
  expect(streams.length).toBe(4);
  expect(orders).toEqual({
    ...{ half: 'orders', epoch: '0', topic: ORDERS, partition: 0, offset: HUGE },
    ...{ newest_event_at: null, age_seconds: null, moved_at: null, lag: null },
  });
  expect(first).toMatchObject({
    ...{ half: 'outcomes', epoch: '0', topic: 'auction_outcomes', partition: 0, offset: '7' },
    ...{ newest_event_at: new Date(timestamp).toISOString(), lag: null },
  });
  expect(first?.age_seconds).toBeCloseTo((now - timestamp) / 1000, 0);
  expect(timeless).toMatchObject({ partition: 1, newest_event_at: null, age_seconds: null });
  // Not of the future: the time at which it was recorded.
  expect(Date.parse(ahead?.newest_event_at ?? '')).toBeLessThanOrEqual(Date.now());
});

test('an older event moves the position and not the newest time', async () => {
  const before = (await pipeline()).streams.find(({ partition }) => partition === 0 && true);
  const ports = recordPorts(sql, new MemoryQuarantine());
  await recordMessages([{ offset: 8, value: '{}', timestamp: 1_000 }], ports);
  const after = (await pipeline()).streams.filter(({ half }) => half === 'outcomes')[0];
  expect(before).toBeDefined();
  expect(after).toMatchObject({ offset: '8' });
  expect(Date.parse(after?.newest_event_at ?? '')).toBeGreaterThan(Date.now() - 600_000);
});

test('what the host tells: lag, also of what nobody has read yet; and its silence', async () => {
  await bucket.put(hostKey(PREFIX), JSON.stringify(hostDocument(now)));
  const { host, streams } = await pipeline();
  expect(host).toMatchObject({ data_directory: '/data', rate: 7.1 });
  expect(host).not.toHaveProperty('streams');
  expect(
    streams.map(({ topic, partition, offset, lag }) => [topic, partition, offset, lag]),
  ).toEqual([
    [ORDERS, 0, HUGE, null],
    [ORDERS, 1, null, HUGE],
    ['auction_outcomes', 0, '8', '12'],
    ['auction_outcomes', 1, '1', null],
    ['auction_outcomes', 2, '1', null],
  ]);
  now += 120_000;
  const silent = await pipeline();
  expect(silent.streams.map(({ lag }) => lag)).toEqual([null, null, null, null]);
  expect(silent.problems.map(({ about }) => about)).toContain('host');
  now = Date.now();
});

test('refused records: by reason, newest first, one in raw with the commands that are right here', async () => {
  const reasons = [
    'win_price: must be a number, not "a"',
    'win_price: must be a number, not "b"',
    'no JSON',
  ];
  for (const [index, reason] of reasons.entries()) await refuse(`1${index}`, reason);
  const { quarantine, problems } = await pipeline();
  expect(problems[0]).toMatchObject({ level: 'error', about: 'quarantine' });
  expect(problems[0]?.text).toContain('3 records were refused');
  expect(quarantine).toMatchObject({ count: 3, is_complete: true, reasons_read: 3 });
  expect(quarantine.by_reason.map(({ reason, count }) => [reason, count])).toEqual([
    ['win_price: must be a number, not "…"', 2],
    ['no JSON', 1],
  ]);
  expect(new Set(quarantine.newest.map(({ reason }) => reason))).toEqual(new Set(reasons));
  expect(quarantine.example).toMatchObject({ topic: 'auction_outcomes', value: '{"n": 1}' });
  const url = quarantine.by_reason[1]?.newest.url ?? '';
  const one = schemas.refusedRecord.parse((await ask(pathOf(url))).json());
  expect(one).toMatchObject({
    ...{ offset: '12', reason: 'no JSON', stream_epoch: '0', key: null, key_base64: 'gA==' },
    headers: [{ name: 'h', value: 'x', value_base64: null }],
    redrive: 'npm run quarantine -- redrive auction_outcomes/0/12 --data-dir /data',
    show: 'npm run quarantine -- show auction_outcomes/0/12 --data-dir /data',
  });
  await bucket.put(hostKey(PREFIX), 'no JSON');
  const elsewhere = schemas.refusedRecord.parse((await ask(pathOf(url))).json());
  expect(elsewhere.redrive).toBe(
    'npm run quarantine -- redrive auction_outcomes/0/12 --bucket documents --brokers HOST:PORT',
  );
  expect((await pipeline()).problems.map(({ text }) => text)).toContain(
    'The document pipeline/host.json cannot be read.',
  );
});

test('a record too large to be shown beside the rest is named alone', async () => {
  await refuse('20', 'too large', 'x'.repeat(100_000));
  expect((await pipeline()).quarantine.example).toBe(null);
  const one = schemas.refusedRecord.parse(
    (await ask('/api/pipeline/quarantine/auction_outcomes/0/20/')).json(),
  );
  expect(one.value?.length).toBe(100_000);
});

test('the list goes page by page, by topic; what is not there is a 404', async () => {
  await refuse('5', 'of another topic', '{}', ORDERS);
  const seen: string[] = [];
  let url: string | null = '/api/pipeline/quarantine/?page_size=2';
  while (url) {
    const page = schemas.refusalPage.parse((await ask(url)).json());
    expect(page.is_complete).toBe(true);
    seen.push(...page.results.map(({ topic, offset }) => `${topic}/${offset}`));
    url = page.next && pathOf(page.next);
  }
  expect(seen.length).toBe(5);
  expect(new Set(seen).size).toBe(5);
  const orders = (await ask(`/api/pipeline/quarantine/?topic=${ORDERS}`)).json();
  expect(schemas.refusalPage.parse(orders).results.map(({ offset }) => offset)).toEqual(['5']);
  for (const path of ['auction_outcomes/0/99/', '../0/1/', 'a/b/c/']) {
    expect((await ask(`/api/pipeline/quarantine/${path}`)).status, path).toBe(404);
  }
  expect((await ask('/api/pipeline/quarantine/?page_size=101')).status).toBe(400);
  expect((await ask('/api/pipeline/quarantine/?cursor=x')).status).toBe(404);
});

test('without a database the rest is told all the same', async () => {
  const { env } = await server.freshDatabase();
  const nowhere = server.connect({ ...env, DB_PORT: '1' }, 1);
  const told = await pipeline(open(nowhere));
  expect(told.problems[0]).toMatchObject({ level: 'error', about: 'database' });
  expect([told.schema, told.quarantine.count]).toEqual([null, 5]);
  expect((await open(nowhere)('/api/metrics/')).text).toContain('analytics_database_up 0');
});

test('I127: a database that says nothing is waited for two seconds, and named', async () => {
  const store = makeOutcomesStore(sql);
  const silent = openStore({ ...store, rows: () => new Promise(() => {}) });
  const started = performance.now();
  const { problems, schema, quarantine } = await pipeline(silent);
  expect(performance.now() - started).toBeLessThan(4_000);
  expect(problems[0]?.text).toBe(
    'The database did not answer within 2000 ms. The figures of the outcomes are missing.',
  );
  expect([schema, quarantine.count]).toEqual([null, 5]);
});

test('batches that Lambda gave up are counted', async () => {
  await bucket.put('aws/lambda/some/batch', '{}');
  const { quarantine, problems } = await pipeline();
  expect(quarantine.abandoned_batches).toBe(1);
  expect(problems.map(({ about }) => about)).toContain('abandoned');
});

async function refuse(
  offset: string,
  reason: string,
  value = '{"n": 1}',
  topic = 'auction_outcomes',
) {
  const headers = [{ name: 'h', value: Buffer.from('x') }];
  const record = {
    ...kafkaRecord({ offset: 1, value, topic }),
    ...{ offset: BigInt(offset), key: Buffer.from([0x80]), headers },
  };
  const text = renderQuarantineDocument({ record, reason, streamEpoch: '0' });
  await bucket.put(quarantineKey(topic, 0, BigInt(offset)), text);
}

function generatedAt(): string {
  return new Date(now).toISOString().slice(0, 19);
}

function runDocument() {
  const stream = { epoch: '0', topic: ORDERS, partition: 0, offset: HUGE, newest_event_at: null };
  return {
    ...{ generated_at: generatedAt(), build: '0.2.0', epoch: 42, streams: [stream] },
    merge: { segments: 10, milliseconds: 85, taken_up: false, segments_waiting: 0 },
  };
}

function hostDocument(atMs: number) {
  return {
    ...{ written_at: new Date(atMs).toISOString(), data_directory: '/data', rate: 7.1 },
    quarantine_options: '--data-dir /data',
    streams: [
      {
        half: 'outcomes',
        topic: 'auction_outcomes',
        partition: 0,
        next_offset: '9',
        end_offset: '21',
      },
      { half: 'orders', topic: ORDERS, partition: 1, next_offset: '0', end_offset: HUGE },
    ],
  };
}

function pathOf(url: string): string {
  return url.replace('http://localhost:8000', '');
}
