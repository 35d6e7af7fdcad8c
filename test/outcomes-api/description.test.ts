// I85, I86: what the API says of itself, what it says of requests that it does not heed, and how an answer's
// form is chosen. `npm run test:clients` holds the description against generated clients and schemathesis.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import { FORMS } from '../../functions/outcomes/query/parameter-forms.ts';
import { figureParameters, listParameters } from '../../functions/outcomes/query/parameters.ts';
import type { OpenApi } from '../../functions/outcomes/respond/openapi.ts';
import type { Sql } from '../../functions/platform/sql-client.ts';
import { type Ask, openApi } from '../support/api.ts';
import { MemoryQuarantine, recordMessages, recordPorts } from '../support/outcomes.ts';
import { useTestPostgres } from '../support/postgres.ts';

const server = useTestPostgres();
let sql: Sql;
let ask: Ask;

beforeAll(async () => {
  ({ sql } = await server.freshDatabase());
  const messages = [0, 1, 2, 3].map((offset) => ({
    offset,
    value: JSON.stringify({
      ...{ bid_id: `b${offset}`, user_id: 'ann', win_status: offset > 0 },
      ...{ win_price: `${offset % 2}.5`, timestamp: `2025-03-0${offset + 1}T12:00:00Z` },
    }),
  }));
  await recordMessages(messages, recordPorts(sql, new MemoryQuarantine()));
  ask = openApi(sql);
});

const describe = async () => (await ask('/api/schema/', { stage: 'prod' })).json<OpenApi>();
const ids = async (url: string) => {
  const { results } = (await ask(url)).json<{ results: { id: number }[] }>();
  return results.map(({ id }) => id);
};

test('the description names every path, form and parameter, for machines and for people', async () => {
  const { openapi, info, servers, security, paths } = await describe();
  const root = join(import.meta.dirname, '..', '..');
  const { version, license } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  expect([openapi, info.version, info.license.identifier]).toEqual(['3.1.0', version, license]);
  expect([servers, security]).toEqual([[{ url: 'http://localhost:8000/prod' }], []]);
  const list = paths['/api/outcomes/']?.get?.parameters.map(({ name }) => name);
  expect(list?.toSorted()).toEqual(Object.keys(listParameters.shape).sort());
  expect(paths['/api/outcomes/{id}/']?.get?.parameters[0]).toMatchObject({
    name: 'id',
    in: 'path',
  });
  const forms = Object.entries(paths).flatMap(([path, item]) =>
    Object.values(item).map(({ responses }) => [path, Object.keys(responses[200]?.content ?? {})]),
  );
  expect(forms.filter(([, types]) => types?.length !== 1)).toEqual([]);
  expect(paths['/api/outcomes.csv']?.get?.responses[200]?.content).toEqual({
    'text/csv': { schema: { type: 'string' } },
  });
});

test.each([
  ['none', []],
  ['iam', ['403', '429']],
  ['cognito', ['401', '403', '429']],
] as const)(
  'with authorisation %s every operation says how the gateway refuses',
  async (auth, statuses) => {
    const guarded = openApi(sql, { auth });
    const { paths } = (await guarded('/api/schema/')).json<OpenApi>();
    for (const { responses } of Object.values(paths).flatMap((item) => Object.values(item))) {
      const ofGateway = Object.entries(responses).filter(([, { content }]) =>
        JSON.stringify(content ?? {}).includes('/GatewayRefusal"'),
      );
      expect(ofGateway.map(([status]) => status)).toEqual(statuses);
    }
  },
);

test('every schema of an answer has a name, and every reference leads somewhere', async () => {
  const document = await describe();
  const { schemas } = document.components;
  const references = JSON.stringify(document).match(/"#\/components\/schemas\/\w+"/g) ?? [];
  const names = references.map((reference) => reference.slice(1, -1).split('/').at(-1) ?? '');
  expect([...new Set(names)].filter((name) => !schemas[name])).toEqual([]);
  expect(Object.keys(schemas)).toEqual(
    expect.arrayContaining(['Outcome', 'OutcomePage', 'DailySalesReport', 'SummaryReport']),
  );
  expect(document.paths['/api/outcomes/']?.get?.responses[200]?.content).toEqual({
    'application/json': { schema: { $ref: '#/components/schemas/OutcomePage' } },
  });
});

test('the page is whole in itself: index, landmark, icon and a policy that lets its style in', async () => {
  const { paths } = await describe();
  const page = await ask('/api/schema.html');
  for (const [path, item] of Object.entries(paths)) {
    for (const method of Object.keys(item)) {
      expect(page.text).toContain(`${method.toUpperCase()} ${path}<`);
    }
  }
  const linked = [...page.text.matchAll(/href="#(\w+)"/g)].map(([, id]) => id);
  const targets = [...page.text.matchAll(/<h2 id="(\w+)"/g)].map(([, id]) => id);
  expect(linked).toEqual(targets);
  expect(targets.length).toBe(new Set(targets).size);
  expect(page.text.match(/<main>|<\/main>|<nav |rel="icon" href="data:/g)?.length).toBe(4);
  expect(page.text).not.toMatch(/<script|src=|@import|url\(|href="http/);
  const [, style = ''] = /<style>([\s\S]*)<\/style>/.exec(page.text) ?? [];
  const hash = createHash('sha256').update(style).digest('base64');
  expect(page.headers['content-security-policy']).toContain(`style-src 'sha256-${hash}'`);
});

/** Texts at the edge of what is taken: the schema and the reader must agree on each. */
const EDGES: Readonly<Record<string, readonly string[]>> = {
  timestamp_after: [
    ...['', '2025-03-01', '20250301', ' 2025-03-01 ', '2024-02-29', '2025-02-29', '1900-02-29'],
    ...['2025-02-30', '2025-3-1', '2025-03-01T', '2025-03-01T10', '2025-03-01 10:00', '0000-01-01'],
    ...['2025-03-01T10:00:00.1234567', '2025-03-01T10:00:00,5Z', '2025-03-01t10:00:00z', 'today'],
    ...['2025-03-01T10:00:00+0100', '2025-03-01T10:00:00 +01', '2025-03-01T24:00:00', '9999-12-31'],
    ...[
      '2025-03-01T10:00:60',
      '2025-03-01T10:00:00+15:59',
      '2025-03-01T10:00:00+16:00',
      '2000-02-29',
    ],
    ...['2025-0301', '0001-01-01T00:00:00+10:00', '9999-12-31T23:59:59-10:00', '2025-03-01Z'],
  ],
  min_price: ['', '1', ' 1 ', '+.5', '1.', '1e5', '1e12345', '.', '1,5', '0x1', 'NaN', '-1.5E-3'],
  user_id: ['', 'a', 'ü', 'a\0b', '\0'],
  page_size: ['', '1', ' 7 ', '+7', '007', '1000', '1001', '0', '-1', '1.0', 'ten'],
};

test.each(Object.entries(EDGES))(
  '%s: what the schema takes is taken, and nothing else',
  async (name, texts) => {
    const form = name === 'page_size' ? FORMS.pageSize : formOf(name);
    const schema = z.fromJSONSchema(form as never);
    for (const text of texts) {
      const { status } = await ask(`/api/outcomes/?${name}=${encodeURIComponent(text)}`);
      const isNumber = String(Number(text)) === text;
      const fits = [text, ...(isNumber ? [Number(text)] : [])].some(
        (value) => schema.safeParse(value).success,
      );
      expect([text, status]).toEqual([text, fits ? 200 : 400]);
    }
  },
);

function formOf(name: string): object {
  const { form } = (figureParameters.shape as Record<string, z.ZodType>)[name]?.meta() ?? {};
  if (typeof form !== 'object' || form === null) throw new Error(`${name} has no form.`);
  return form;
}

test('times are read as messages are', async () => {
  expect(await ids('/api/outcomes/?timestamp_after=2025-03-02%2012:00')).toEqual([4, 3, 2]);
  expect(await ids('/api/outcomes/?timestamp_after=20250302T120000,0000009Z')).toEqual([4, 3, 2]);
  expect(await ids('/api/outcomes/?timestamp_after=2025-03-02T12:00:00.000001')).toEqual([4, 3]);
  expect(await ids('/api/outcomes/?timestamp_before=20250302')).toEqual([2, 1]);
  expect(Object.keys(FORMS)).toContain('time');
});

test('ordering may be repeated, as clients send arrays; of one field the last counts', async () => {
  const repeated = await ids('/api/outcomes/?ordering=win_price&ordering=-timestamp');
  expect(repeated).toEqual(await ids('/api/outcomes/?ordering=win_price,-timestamp'));
  expect(repeated).toEqual([3, 1, 4, 2]);
  expect(await ids('/api/outcomes/?ordering=timestamp&ordering=-timestamp')).toEqual([4, 3, 2, 1]);
});

test.each([
  ['winstatus=true', 'winstatus', 'Unknown parameter: did you mean win_status?'],
  ['search=x', 'search', 'Unknown parameter.'],
  [
    'ordering=-win_prize,timestamp',
    'ordering',
    "Unknown sort key '-win_prize': did you mean -win_price?",
  ],
  ['win_status=ture', 'win_status', "'ture' counts as false."],
])('%s has no effect, and is told or refused', async (query, name, complaint) => {
  const plain = await ask(`/api/outcomes/?${query}`);
  expect([plain.status, plain.headers.warning]).toEqual([200, `299 - "${name}: ${complaint}"`]);
  const strict = await ask(`/api/outcomes/?${query}&strict=true`);
  expect([strict.status, strict.json()]).toEqual([400, { [name]: [complaint] }]);
});

test('what is heeded is not warned of, and a warning cannot end its header', async () => {
  const url = '/api/outcomes/?user_id=ann&ordering=-win_price,&win_status=No&format=json&page=1';
  expect((await ask(`${url}&strict=yes`)).headers.warning).toBe(undefined);
  const { headers } = await ask(`/api/outcomes/?${encodeURIComponent('a"\r\nb: ü')}=1`);
  expect(headers.warning).toBe(`299 - "a'%0D%0Ab: %C3%BC: Unknown parameter."`);
});

const JSON_TYPE = 'application/json';
test.each<[accept: string, form: string | number]>([
  ['text/csv;q=0.5, application/json;q=0.9', JSON_TYPE],
  ['application/json;q=0.5, text/csv', 'text/csv'],
  ['text/csv, application/json', JSON_TYPE],
  ['text/csv, */*', 'text/csv'],
  ['text/*', 'text/csv'],
  ['text/csv;q=0, */*;q=0.1', JSON_TYPE],
  ['application/json;q=0', 406],
  ['application/json;q=0, */*', 'text/csv'],
  ['application/x-ndjson;q=1.0, */*;q=0.8', 'application/x-ndjson'],
  ['application/json; indent=2', JSON_TYPE],
  ['image/png', 406],
])('Accept: %s is answered by %s', async (accept, form) => {
  const { status, headers } = await ask('/api/outcomes/', { headers: { accept } });
  const [type] = (headers['content-type'] ?? '').split(';', 1);
  expect(status === 200 ? type : status).toBe(form);
});

test('each form has a path of its own', async () => {
  const type = async (url: string) => {
    const { status, headers } = await ask(url);
    return status === 200 ? headers['content-type']?.split(';', 1).join() : status;
  };
  expect(await type('/api/outcomes.csv?user_id=ann')).toBe('text/csv');
  expect(await type('/api/outcomes/winners.ndjson')).toBe('application/x-ndjson');
  expect(await type('/api/outcomes.json')).toBe(JSON_TYPE);
  expect(await type('/api/outcomes/1.json')).toBe(JSON_TYPE);
  expect(await type('/api/outcomes.xml')).toBe(404);
  expect(await type('/api/outcomes/stats.csv')).toBe(404);
  expect(await type('/api/nothing.json')).toBe(404);
});

test('parameters that exclude each other are a conflict that names them', async () => {
  const page = await ask('/api/outcomes/?page=1&cursor=');
  expect([page.status, page.json()]).toEqual([409, { page: ['Not available with cursor.'] }]);
  const dropped = await ask('/api/outcomes/stats/?include_dropped=true&min_price=1');
  expect([dropped.status, dropped.json()]).toEqual([
    409,
    { include_dropped: ['Not available with min_price.'] },
  ]);
});

test('no answer may be sniffed, framed or run; over HTTPS it asks for HTTPS', async () => {
  for (const url of ['/api/', '/api/nothing/', '/api/outcomes', '/api/outcomes/?page_size=0']) {
    const { headers } = await ask(url);
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
    });
    expect(headers['strict-transport-security']).toBe(undefined);
  }
  const secure = await ask('/api/', { headers: { 'x-forwarded-proto': 'https' } });
  expect(secure.headers['strict-transport-security']).toBe('max-age=31536000');
  expect((await ask('/api/outcomes')).headers['cache-control']).toBe('private, max-age=86400');
});

test('money is a number in every export, and a spreadsheet runs nothing of one that is safe', async () => {
  const { sql } = await server.freshDatabase();
  const value =
    '{"bid_id":"=1+1","user_id":"-2","site_domain":"@a","win_price":0.30,"bid_price":-1}';
  await recordMessages([{ offset: 0, value }], recordPorts(sql, new MemoryQuarantine()));
  const other = openApi(sql);
  const [line = ''] = (await other('/api/outcomes.ndjson')).text.split('\n');
  expect(line).toContain('"win_price":0.30,"bid_price":-1,');
  const fields = async (url: string) => (await other(url)).text.split('\r\n')[1]?.slice(0, 30);
  expect(await fields('/api/outcomes.csv')).toMatch(/^1,=1\+1,-2,@a,false,0\.30,-1,/);
  expect(await fields('/api/outcomes.csv?spreadsheet_safe=true')).toMatch(
    /^1,'=1\+1,'-2,'@a,false,0\.30,-1,/,
  );
});
