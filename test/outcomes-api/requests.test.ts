// I19, what a request may look like: odd values, methods, headers, hosts and paths, and what each is answered.
import { beforeAll, expect, test } from 'vitest';
import { readRequest } from '../../functions/outcomes/query/api-request.ts';
import { type Ask, openApi, type Reply } from '../support/api.ts';
import { MemoryQuarantine, recordMessages, recordPorts } from '../support/outcomes.ts';
import { useTestPostgres } from '../support/postgres.ts';
import { type Asked, proxyEvent } from '../support/proxy-event.ts';

const server = useTestPostgres();
let ask: Ask;

beforeAll(async () => {
  const { sql } = await server.freshDatabase();
  const messages = Array.from({ length: 25 }, (_, index) => ({
    offset: index,
    value: JSON.stringify({
      ...{ bid_id: `bid-${index}`, user_id: "o'brien", win_status: index % 2 === 0 },
      ...{ win_price: '1.00', timestamp: '2025-03-01T00:00:00Z' },
    }),
  }));
  await recordMessages(messages, recordPorts(sql, new MemoryQuarantine()));
  ask = openApi(sql);
});

const PATHS = ['', 'winners/', 'stats/', 'daily_stats/', '1/'].map(
  (path) => `/api/outcomes/${path}`,
);
const PARAMETERS = [
  ...['user_id', 'site_domain', 'bid_id', 'currency', 'win_status', 'enriched', 'min_price'],
  ...[
    'max_price',
    'timestamp_after',
    'timestamp_before',
    'ordering',
    'page',
    'page_size',
    'cursor',
  ],
  ...['format', 'include_dropped', 'unknown', '__proto__', 'constructor'],
];
const HOSTILE = [
  ...["' or '1'='1", "'; drop table auction_outcomes; --", '"', '\\', '$1', '%', '_', '{{1}}'],
  ...['\0', 'a\0b', '\u0001', '\ufeff', '\ud800', '🙂', 'ﬀ', '٣', 'ü'.normalize('NFD')],
  ...[
    '9'.repeat(400),
    `1e${'9'.repeat(5)}`,
    '1e9999',
    '-1e9999',
    '1e-9999',
    '0x10',
    '1_0',
    '--1',
    '+2',
  ],
  ...['NaN', 'Infinity', '-Infinity', '1,5', 'null', 'undefined', 'true', '[]', '{}', '-0', '1.'],
  ...['0000-01-01', '9999-12-31', '2025-02-30', '2025-03-01T00:00:00-15:59', '-infinity', 'now'],
  ...[
    'x'.repeat(10_240),
    '<script>alert(1)</script>',
    '\r\nset-cookie: a=b',
    '../../etc/passwd',
    '',
  ],
];

test('no value of any parameter is an error of the server', async () => {
  for (const parameter of PARAMETERS) {
    for (const value of HOSTILE) {
      for (const path of PATHS) {
        const url = `${path}?${parameter}=${encodeURIComponent(value.toWellFormed())}`;
        const reply = await ask(url);
        expect([url, reply.status < 500, reply.error]).toEqual([url, true, undefined]);
        expect(() => reply.json(), url).not.toThrow();
      }
    }
  }
});

test('nor are odd query strings and paths', async () => {
  const queries = [
    ...[
      'user_id[]=a&user_id[]=b',
      'user_id=a&user_id=b',
      'user_id',
      '=',
      '&&&',
      'a=%zz&user_id=%E0%A4',
    ],
    ...[
      'user_id=%FF%FE',
      'user_id=%C3%28',
      'page=1;page=2',
      'ordering=,,,',
      'ordering=timestamp,'.repeat(500),
    ],
  ];
  const paths = [
    '%00',
    '%2e%2e',
    '%ff',
    '%',
    ';',
    '1%2F',
    '1;a=b',
    `${'9'.repeat(300)}`,
    '💥',
    '1 ',
  ];
  const urls = [
    ...queries.map((query) => `/api/outcomes/?${query}`),
    ...paths.map((path) => `/api/outcomes/${path}/`),
    ...[
      '',
      '/',
      '//',
      '/api',
      '//api/outcomes/',
      '/api/outcomes//',
      '/API/outcomes/',
      '/api/../api/',
    ],
  ];
  for (const url of urls) {
    const reply = await ask(url);
    expect([url, reply.status < 500, reply.error]).toEqual([url, true, undefined]);
  }
});

test.each([
  ['min_price=abc', { min_price: ['Enter a number.'] }],
  ['max_price=NaN', { max_price: ['Enter a number.'] }],
  ['min_price=1,5', { min_price: ['Enter a number.'] }],
  ['user_id=a%00b', { user_id: ['Null characters are not allowed.'] }],
  ['page_size=0', { page_size: ['Ensure this value is greater than or equal to 1.'] }],
  ['page_size=1001', { page_size: ['Ensure this value is less than or equal to 1000.'] }],
  ['page_size=ten', { page_size: ['A valid integer is required.'] }],
  ['min_price=x&page_size=0', { min_price: expect.any(Array), page_size: expect.any(Array) }],
])('%s is refused by its name', async (query, complaints) => {
  const reply = await ask(`/api/outcomes/?${query}`);
  expect([reply.status, reply.json()]).toEqual([400, complaints]);
});

test('methods: three are allowed, the rest are told which', async () => {
  const options = await ask('/api/outcomes/', { method: 'OPTIONS' });
  expect(options.json()).toMatchObject({
    name: 'Auction Outcome List',
    renders: expect.any(Array),
  });
  const head = await ask('/api/outcomes/', { method: 'HEAD' });
  expect([head.status, head.text, head.headers.etag]).toEqual([200, '', expect.any(String)]);
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'FOO']) {
    const reply = await ask('/api/outcomes/stats/', { method, body: '{"a": 1}' });
    expect([reply.status, reply.json(), reply.headers.allow]).toEqual([
      405,
      { detail: `Method "${method}" not allowed.` },
      'GET, HEAD, OPTIONS',
    ]);
  }
});

test('a body is not read, whatever its encoding', async () => {
  const plain = await ask('/api/outcomes/stats/');
  const withBody = await ask('/api/outcomes/stats/', { body: '\0\ud800 not json' });
  expect(withBody.text).toBe(plain.text);
});

test('the Accept header and format choose the form', async () => {
  const form = async (url: string, accept: string) => {
    const { status, headers } = await ask(url, { headers: { accept } });
    return [status, headers['content-type']];
  };
  const JSON_FORM = [200, 'application/json'];
  const html = [200, 'text/html; charset=utf-8'];
  expect(await form('/api/outcomes/', 'text/html')).toEqual([406, 'application/json']);
  expect(await form('/api/outcomes/', 'text/html, */*;q=0.1')).toEqual(JSON_FORM);
  expect(await form('/api/outcomes/', 'APPLICATION/JSON')).toEqual(JSON_FORM);
  expect(await form('/api/outcomes/', 'text/csv')).toEqual([
    200,
    expect.stringContaining('text/csv'),
  ]);
  expect(await form('/api/outcomes/?format=json', 'text/csv')).toEqual([406, 'application/json']);
  expect(await form('/api/outcomes/?format=xml', '*/*')).toEqual([404, 'application/json']);
  expect(await form('/api/outcomes/stats/?format=csv', '*/*')).toEqual([404, 'application/json']);
  expect(await form('/api/schema/', 'text/html,application/xhtml+xml,*/*;q=0.8')).toEqual(html);
  expect(await form('/api/schema/', '*/*')).toEqual(JSON_FORM);
});

test('an ETag saves the body, as long as nothing changed', async () => {
  const first = await ask('/api/outcomes/stats/');
  const { etag = '' } = first.headers;
  for (const tag of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
    const again = await ask('/api/outcomes/stats/', { headers: { 'if-none-match': tag } });
    expect([again.status, again.text, again.headers.etag]).toEqual([304, '', etag]);
  }
  const other = await ask('/api/outcomes/stats/', { headers: { 'if-none-match': '"other"' } });
  expect([other.status, other.text]).toEqual([200, first.text]);
  expect(first.headers['cache-control']).toBe('private, no-cache');
});

const BASE = 'http://localhost:8000';
test.each<[string, Asked, string]>([
  ['the plain host', {}, BASE],
  ['a stage', { stage: 'prod' }, `${BASE}/prod`],
  ['a stage named api', { stage: 'api' }, `${BASE}/api`],
  [
    'a custom domain',
    { basePath: '/shop/v1', headers: https('shop.example') },
    'https://shop.example/shop/v1',
  ],
  ['a base path api', { basePath: '/api' }, `${BASE}/api`],
])('links hold behind %s', async (_where, asked, base) => {
  const page = await ask('/api/outcomes/?page=2&page_size=10&b=%20*~&a=%2B&a=', asked);
  expect(page.json()).toMatchObject({
    next: `${base}/api/outcomes/?a=%2B&a=&b=+%2A~&page=3&page_size=10`,
    previous: `${base}/api/outcomes/?a=%2B&a=&b=+%2A~&page_size=10`,
  });
  expect((await ask('/api/', asked)).json()).toEqual({ outcomes: `${base}/api/outcomes/` });
  const moved = await ask('/api/outcomes?page=2', asked);
  const { pathname } = new URL(base);
  expect([moved.status, moved.headers.location]).toEqual([
    301,
    `${pathname === '/' ? '' : pathname}/api/outcomes/?page=2`,
  ]);
  expect((await ask('/nothing/api/outcomes/', asked)).status).toBe(404);
});

test('a path cannot put a header of its own into the answer', async () => {
  const moved = await ask('/api/outcomes/1\r\nset-cookie: a=b\u{1f642}');
  expect([moved.status, moved.headers.location]).toEqual([
    301,
    '/api/outcomes/1%0D%0Aset-cookie:%20a=b%F0%9F%99%82/',
  ]);
});

function https(host: string) {
  return { host, 'X-Forwarded-Proto': 'https' };
}

test('an event with single values only is the same request', async () => {
  const url = '/api/outcomes/?user_id=a%2Bb&page=2&min_price=';
  const { multiValueHeaders: _, multiValueQueryStringParameters: __, ...single } = proxyEvent(url);
  expect(readRequest(single)).toEqual(readRequest(proxyEvent(url)));
  expect(readRequest({ ...single, queryStringParameters: null, headers: null })).toBe(undefined);
  const domain = { ...single, headers: null, requestContext: { domainName: 'a.example' } };
  expect(readRequest(domain)?.origin).toBe('http://a.example');
});

test('of a repeated parameter the last counts', async () => {
  const counts = async (url: string) => (await ask(url)).json<{ count: number }>().count;
  expect(await counts('/api/outcomes/?user_id=nobody&user_id=o%27brien')).toBe(25);
  expect(await counts('/api/outcomes/?user_id=o%27brien&user_id=nobody')).toBe(0);
});

test.each(['evil.example/path', 'a b', 'a@b', '', 'a:b', '<script>', 'a\r\nb'])(
  'Host %j is no host',
  (host) => {
    expect(readRequest(proxyEvent('/api/', { headers: { host } }))).toBe(undefined);
  },
);

test('an export holds every row and field, in the order asked for', async () => {
  const csv = await ask('/api/outcomes/?format=csv&ordering=timestamp');
  const [header, first, ...rest] = csv.text.split('\r\n');
  const { raw_data: _raw, ...shown } = (await ask('/api/outcomes/1/')).json<{ raw_data: object }>();
  expect(header).toBe(Object.keys(shown).join());
  expect(first).toMatch(
    /^1,bid-0,o'brien,,true,1\.00,0\.00,USD,false,2025-03-01T00:00:00Z,,\[\],true,-1\.00,/,
  );
  expect(rest.length).toBe(25);
  const ndjson = await ask('/api/outcomes/?format=ndjson&page_size=2&page=2');
  expect(ids(ndjson)).toEqual([23, 22]);
  const link = (page: string) => `<${BASE}/api/outcomes/?format=ndjson${page}&page_size=2>`;
  expect(ndjson.headers.link).toBe(`${link('&page=3')}; rel="next", ${link('')}; rel="prev"`);
  const winners = await ask('/api/outcomes/winners/?format=ndjson');
  expect(ids(winners).length).toBe(13);
  const head = await ask('/api/outcomes/?format=csv', { method: 'HEAD' });
  expect([head.status, head.text]).toEqual([200, '']);
});

function ids(reply: Reply): number[] {
  const lines = reply.text.split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line).id);
}
