// The function itself, as Lambda calls it: the whole way over PostgreSQL and S3, its limits, its failures
// and its log.
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import * as z from 'zod';
import { ENV, REPORTS } from '../../functions/contracts.ts';
import * as schemas from '../../functions/outcomes/respond/schemas.ts';
import type { Sql } from '../../functions/platform/sql-client.ts';
import { ObjectFiles } from '../../local/stores/object-files.ts';
import { createS3Server } from '../../local/stores/s3-server.ts';
import { MemoryQuarantine, recordMessages, recordPorts } from '../support/outcomes.ts';
import { useTestPostgres } from '../support/postgres.ts';
import { proxyEvent } from '../support/proxy-event.ts';

const BUCKET = 'reports';
const REPORT = `{
  "report_type": "product_sales",
  "generated_at": "2025-01-15T10:30:00",
  "data": {
    "10": { "total_revenue": 12345678901234567890.10 },
    "9": { "total_revenue": 1.00 }
  }
}`;

interface Answered {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const server = useTestPostgres();
let sql: Sql;
let folder: string;
let s3Server: ReturnType<typeof createS3Server>;
let logged: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reports-'));
  const files = new ObjectFiles(folder);
  await files.prepare();
  await files.createBucket(BUCKET);
  s3Server = createS3Server(files, 'test', () => {});
  s3Server.listen(0, '127.0.0.1');
  await once(s3Server, 'listening');
  const { port } = s3Server.address() as AddressInfo;
  const database = await server.freshDatabase();
  sql = database.sql;
  Object.assign(process.env, database.env, {
    ...{ AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x' },
    ...{ AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}`, [ENV.bucket]: BUCKET },
    ...{ POWERTOOLS_DEV: 'true', POWERTOOLS_METRICS_DISABLED: 'false', [ENV.logLevel]: 'INFO' },
  });
  for (const level of ['info', 'error', 'log'] as const) {
    vi.spyOn(console, level).mockImplementation((line) => void logged.push(String(line)));
  }
  const messages = [0, 1, 2].map((offset) => ({
    offset,
    value: JSON.stringify({ bid_id: `b${offset}`, user_interests: ['"'.repeat(600_000)] }),
  }));
  await recordMessages(messages, recordPorts(sql, new MemoryQuarantine()));
});

afterAll(async () => {
  s3Server.close();
  await rm(folder, { recursive: true });
});

test('every endpoint answers in the form that its schema promises', async () => {
  const forms: Readonly<Record<string, z.ZodType>> = {
    '/api/': schemas.apiRoot,
    '/api/outcomes/': schemas.outcomePage,
    '/api/outcomes/winners/?cursor=': schemas.outcomePage,
    '/api/outcomes/1/': schemas.outcomeDetail,
    '/api/outcomes/stats/': schemas.outcomeStats,
    '/api/outcomes/daily_stats/': schemas.outcomeDays,
    '/api/health/': schemas.health,
    '/api/reports/': schemas.reportIndex,
  };
  for (const [url, form] of Object.entries(forms)) {
    const { statusCode, body } = await call(url);
    expect(statusCode, `${url}: ${body}`).toBe(200);
    expect(z.prettifyError(form.safeParse(JSON.parse(body)).error ?? { issues: [] }), url).toBe('');
  }
});

test('a report passes byte for byte, the newest or the one asked for', async () => {
  expect((await call('/api/reports/product_sales/')).statusCode).toBe(404);
  await put('analytics/product_sales/latest.json', `${REPORT}\n`);
  await put('analytics/product_sales/20250115_103000.json', REPORT);
  const newest = await call('/api/reports/product_sales/');
  expect([newest.statusCode, newest.body]).toEqual([200, `${REPORT}\n`]);
  for (const at of ['20250115_103000', '2025-01-15T10:30:00']) {
    const { body, headers } = await call(`/api/reports/product_sales/?at=${at}`);
    expect([body, headers['cache-control']]).toEqual([
      REPORT,
      expect.stringContaining('immutable'),
    ]);
  }
  expect((await call('/api/reports/product_sales/?at=20250115_103001')).statusCode).toBe(404);
  expect((await call('/api/reports/product_sales/?at=../latest')).statusCode).toBe(400);
  expect((await call('/api/reports/secrets/')).statusCode).toBe(404);
  const list = JSON.parse((await call('/api/reports/')).body) as { written_at: string | null }[];
  expect(list.map(({ written_at }) => written_at !== null)).toEqual(
    REPORTS.map(({ name }) => name === 'product_sales'),
  );
});

test('what is too large for one piece is refused, and streams whole', async () => {
  const whole = await call('/api/outcomes/?format=ndjson');
  expect([whole.statusCode, JSON.parse(whole.body).detail]).toEqual([
    413,
    expect.stringMatching(/6 MB.*cursor/),
  ]);
  const page = await call('/api/outcomes/?format=ndjson&cursor=&page_size=1');
  expect([page.statusCode, page.headers.link]).toEqual([
    200,
    expect.stringContaining('rel="next"'),
  ]);

  const streamed = await callStream('/api/outcomes/?format=ndjson');
  expect(streamed.head).toMatchObject({ statusCode: 200 });
  const ids = streamed.body
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).id);
  expect(ids).toEqual([3, 2, 1]);
  const listed = await callStream('/api/outcomes/');
  expect(JSON.parse(listed.body).count).toBe(3);
});

test('each request leaves one line in the log, without the values it carried, and its metrics', async () => {
  logged = [];
  await call('/api/outcomes/stats/?user_id=somebody');
  const lines = logged.map((line) => JSON.parse(line));
  expect(lines.find(({ message }) => message === 'request')).toMatchObject({
    ...{ method: 'GET', route: '/api/outcomes/stats/', status: 200, parameters: ['user_id'] },
    function_request_id: 'request-1',
  });
  expect(lines.find(({ _aws }) => _aws)).toMatchObject({ Requests: 1, FailedRequests: 0 });
  expect(logged.join()).not.toContain('somebody');
});

test('an unknown Host is refused before anything else', async () => {
  const { statusCode, body } = await call('/api/health/', { host: 'a b' });
  expect([statusCode, JSON.parse(body)]).toEqual([
    400,
    { detail: 'The Host header is not a host.' },
  ]);
});

test('a connection that was lost between two requests is made anew', async () => {
  await call('/api/health/');
  await sql([
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'serve-api'",
  ]);
  expect((await call('/api/outcomes/')).statusCode).toBe(200);
});

test('without a database: 503, and the reason in the log alone', async () => {
  const { DB_PORT } = process.env;
  process.env.DB_PORT = '1';
  vi.resetModules();
  try {
    for (const path of ['health/', 'outcomes/', 'outcomes/?format=csv', 'outcomes/stats/']) {
      logged = [];
      const { statusCode, body, headers } = await call(`/api/${path}`);
      expect([statusCode, body]).toEqual([503, '{"detail":"The database is not available."}']);
      expect(headers['retry-after']).toBe('5');
      expect(logged.join()).toContain('ECONNREFUSED');
      const streamed = await callStream(`/api/${path}`);
      expect(streamed.head.statusCode).toBe(503);
    }
    expect((await call('/api/schema/')).statusCode).toBe(200);
  } finally {
    process.env.DB_PORT = DB_PORT;
    vi.resetModules();
  }
});

test('where the host offers no streams, the whole answers remain', async () => {
  vi.resetModules();
  Object.assign(globalThis, { awslambda: {} });
  const { handler, streamHandler } = await import('../../functions/handlers/serve-api.ts');
  expect(streamHandler).toBe(undefined);
  const { statusCode } = await handler(proxyEvent('/api/schema/') as never, CONTEXT as never);
  expect(statusCode).toBe(200);
  vi.resetModules();
});

const CONTEXT = {
  awsRequestId: 'request-1',
  functionName: 'serve-api',
  getRemainingTimeInMillis: () => 30_000,
};

async function call(url: string, headers: Record<string, string> = {}): Promise<Answered> {
  const { handler } = await load();
  return handler(proxyEvent(url, { headers }) as never, CONTEXT as never) as Promise<Answered>;
}

/** As Lambda's runtime hands it over: the head first, then the body in pieces. */
async function callStream(url: string) {
  const { streamHandler } = await load();
  const pieces: Buffer[] = [];
  const stream = new Writable({
    write(piece: Buffer, _encoding, done) {
      pieces.push(piece);
      done();
    },
  });
  await (streamHandler as unknown as StreamHandler)(proxyEvent(url), stream, CONTEXT);
  const { head } = stream as Writable & { head: { statusCode: number } };
  return { head, body: Buffer.concat(pieces).toString() };
}

type StreamHandler = (event: object, stream: Writable, context: object) => Promise<void>;

function load() {
  Object.assign(globalThis, {
    awslambda: {
      streamifyResponse: (stream: StreamHandler) => stream,
      HttpResponseStream: {
        from: (stream: object, head: object) => Object.assign(stream, { head }),
      },
    },
  });
  return import('../../functions/handlers/serve-api.ts');
}

async function put(key: string, body: string): Promise<void> {
  await new S3Client({}).send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: body }));
}
