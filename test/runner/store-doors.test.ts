// I100, I101: what the ports of the stores let in. The service goes on after each of these.
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { beforeAll, expect, test } from 'vitest';
import { openStores, type Stores } from '../../local/stores/open-stores.ts';

const AUTHORIZATION =
  'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0';
/** Without the limits these take minutes to hours; a busy machine needs some seconds. */
const ANSWER_MS_MAX = 30_000;
let stores: Stores;

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'doors-'));
  stores = await openStores(folder, { command: 'replay', env: {} });
  return async () => {
    await stores.close();
    rmSync(folder, { recursive: true, force: true });
  };
});

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: Record<string, unknown>;
}

function ask(
  endpoint: string,
  method: string,
  path: string,
  headers: Record<string, string>,
  body: string | Buffer = '',
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const url = new URL(path, endpoint);
    const asked = request(url, { method, headers }, async (message) => {
      const { statusCode: status = 0, headers } = message;
      resolve({ status, headers, body: await text(message) });
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

function dynamodb(action: string, body: object | string, headers: Record<string, string> = {}) {
  const common = {
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': `DynamoDB_20120810.${action}`,
    'x-amz-date': '20260101T000000Z',
    authorization: AUTHORIZATION,
  };
  const sent = typeof body === 'string' ? body : JSON.stringify(body);
  return ask(stores.endpoints.dynamodb, 'POST', '/', { ...common, ...headers }, sent);
}

const STRANGERS: readonly Record<string, string>[] = [
  { origin: 'https://evil.example' },
  { origin: 'null' },
  { host: 'evil.example:80' },
  { 'sec-fetch-site': 'cross-site' },
];

test.each(STRANGERS)('a request with %j reaches no store', async (headers) => {
  const { endpoints, bucket } = stores;
  const answers = await Promise.all([
    dynamodb('ListTables', {}, headers),
    dynamodb('DeleteTable', { TableName: stores.table }, headers),
    ask(endpoints.dynamodb, 'OPTIONS', '/', {
      ...headers,
      'access-control-request-method': 'POST',
    }),
    ask(endpoints.s3, 'GET', `/${bucket}/`, headers),
    ask(endpoints.s3, 'PUT', `/${bucket}/analytics/summary/latest.json`, headers, '{}'),
    ask(endpoints.s3, 'OPTIONS', `/${bucket}/x`, headers),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403, 403]);
  for (const answer of answers) {
    expect(Object.keys(answer.headers).filter((name) => /^access-control/.test(name))).toEqual([]);
  }
  expect((await dynamodb('ListTables', {})).body).toContain(stores.table);
  expect((await ask(endpoints.s3, 'GET', `/${bucket}/?list-type=2`, {})).body).not.toContain(
    'latest',
  );
});

function nestedItem(levels: number): string {
  const value = `${'{"M":{"k":'.repeat(levels)}{"S":"x"}${'}}'.repeat(levels)}`;
  const key = '"pk":{"S":"nested"},"sk":{"S":"a"}';
  return `{"TableName":"${stores.table}","Item":{${key},"v":${value}}}`;
}

test('values nest up to 32 levels, as DynamoDB has it; deeper ones are refused, however deep', async () => {
  expect((await dynamodb('PutItem', nestedItem(32))).status).toBe(200);
  for (const levels of [33, 4_000, 200_000]) {
    const { status, body } = await dynamodb('PutItem', nestedItem(levels));
    expect([status, body]).toEqual([400, expect.stringContaining('Nesting Levels')]);
  }
  const lists = `{"TableName":${'['.repeat(1_000_000)}`;
  expect((await dynamodb('Scan', lists)).status).toBe(400);
  await expectService();
});

const REFUSED_EXPRESSIONS = {
  'two dozen parentheses': ['Filter', `${'('.repeat(24)}a = :v${')'.repeat(24)}`, /at most 4/],
  'negations of negations': [
    'Filter',
    `${'NOT ('.repeat(600)}a = :v${')'.repeat(600)}`,
    /at most 4/,
  ],
  'what is too long': ['Filter', `${'('.repeat(3000)}a = :v${')'.repeat(3000)}`, /maximum/],
  'a path of 34 steps': ['Projection', `a${'.b'.repeat(33)}`, /too many nesting elements/],
} as const;

test.each(Object.entries(REFUSED_EXPRESSIONS))(
  'an expression of %s is refused at once',
  async (_what, [kind, expression, reason]) => {
    const values = { ExpressionAttributeValues: { ':v': { S: 'x' } } };
    const asked = { TableName: stores.table, [`${kind}Expression`]: expression, ...values };
    const started = performance.now();
    const { status, body } = await dynamodb('Scan', asked);
    expect([status, body]).toEqual([400, expect.stringMatching(reason)]);
    expect(performance.now() - started).toBeLessThan(ANSWER_MS_MAX);
  },
);

test('the most that an expression may be is answered within moments', async () => {
  const group = 'NOT (NOT (NOT (NOT (a=:v))))';
  const FilterExpression = Array.from({ length: 120 }, () => group).join(' AND ');
  const ExpressionAttributeValues = { ':v': { S: 'x' } };
  const started = performance.now();
  const asked = { TableName: stores.table, FilterExpression, ExpressionAttributeValues };
  expect((await dynamodb('Scan', asked)).status).toBe(200);
  expect(performance.now() - started).toBeLessThan(ANSWER_MS_MAX);
});

test('what dynalite cannot read at all is answered, and ends nothing', async () => {
  const odd = [
    null,
    'null',
    '[]',
    '{"RequestItems":null}',
    `{"RequestItems":{"${stores.table}":null}}`,
  ];
  for (const body of odd) {
    for (const action of ['BatchGetItem', 'BatchWriteItem', 'PutItem', 'Query', 'CreateTable']) {
      expect((await dynamodb(action, body ?? '')).status).toBe(400);
    }
  }
  await expectService();
});

test('bodies have a limit, and are not held beyond it', async () => {
  const tooLong = Buffer.alloc(17 * 1024 * 1024, '[');
  expect((await dynamodb('PutItem', tooLong.toString())).status).toBe(413);
  const before = process.memoryUsage().rss;
  const path = `/${stores.bucket}/large`;
  const declared = { 'content-length': String(300 * 1024 * 1024) };
  const { status, body } = await ask(
    stores.endpoints.s3,
    'PUT',
    path,
    declared,
    Buffer.alloc(300 * 1024 * 1024),
  );
  expect([status, body]).toEqual([400, expect.stringContaining('EntityTooLarge')]);
  // The 300 MB are this test's own; the server adds no second copy of them.
  expect(process.memoryUsage().rss - before).toBeLessThan(500 * 1024 * 1024);
  await expectService();
});

async function expectService(): Promise<void> {
  const { dynamodb: client, table: TableName } = stores;
  const Key = { pk: { S: 'still' }, sk: { S: 'there' } };
  await client.send(new PutItemCommand({ TableName, Item: Key }));
  expect((await client.send(new GetItemCommand({ TableName, Key }))).Item).toEqual(Key);
}
