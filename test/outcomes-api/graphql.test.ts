// I88: GraphQL answers what the paths answer, within the same limits, and one request cannot ask for much.
import { getIntrospectionQuery } from 'graphql';
import { beforeAll, expect, test } from 'vitest';
import { makeOutcomesStore } from '../../functions/outcomes/store/outcomes-store.ts';
import type { ReportsStore } from '../../functions/outcomes/store/reports-store.ts';
import type { Sql } from '../../functions/platform/sql-client.ts';
import { type Ask, askStores, openApi, type Reply } from '../support/api.ts';
import { MemoryQuarantine, recordMessages, recordPorts } from '../support/outcomes.ts';
import { useTestPostgres } from '../support/postgres.ts';

const server = useTestPostgres();
const REPORT =
  '{"report_type":"summary","generated_at":"2025-01-15T10:30:00","metrics":{"total_orders":1,"total_revenue":12345678901234567.10}}';
const WRITTEN = { document: REPORT, writtenAt: '2025-01-15T10:30:01.000Z' };
const reports: ReportsStore = {
  newest: async (name) => (name === 'summary' ? WRITTEN : undefined),
  at: async () => undefined,
  runsUpTo: async () => [],
  runsAfter: async () => [],
};
let sql: Sql;
let ask: Ask;

interface Answered {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly { message: string; extensions?: { status?: number } }[];
}

beforeAll(async () => {
  sql = (await server.freshDatabase()).sql;
  const messages = Array.from({ length: 7 }, (_, offset) => ({
    offset,
    value: JSON.stringify({
      ...{ bid_id: `b${offset}`, user_id: offset % 2 ? 'ann' : 'bob', win_status: offset % 3 > 0 },
      ...{ win_price: `${offset}.10`, bid_price: '9.99', currency: offset % 2 ? 'USD' : 'EUR' },
      ...{ timestamp: `2025-03-0${offset + 1}T12:00:00Z`, user_interests: ['a', offset] },
    }),
  }));
  await recordMessages(messages, recordPorts(sql, new MemoryQuarantine()));
  ask = askStores({ outcomes: makeOutcomesStore(sql), reports });
});

const post = (body: object | string, how: Ask = ask, headers = {}): Promise<Reply> =>
  how('/api/graphql/', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
const query = async (text: string, variables: object = {}) => {
  const reply = await post({ query: text, variables });
  expect(reply.status).toBe(200);
  return reply.json<Answered>();
};

test('a dashboard in one question', async () => {
  const { data, errors } = await query(
    `query ($who: String!) {
      stats(filter: { user_id: $who }) { total_outcomes total_revenue by_currency { currency total_wins } }
      daily_stats(filter: { user_id: $who, timestamp_after: "2025-03-03" }) { date wins revenue }
      outcomes(filter: { user_id: $who }, page_size: 1) { results { id win_price user_interests } next }
      reports { name generated_at written_at }
      report(name: summary) { generated_at rows }
    }`,
    { who: 'ann' },
  );
  expect(errors).toBe(undefined);
  expect(data).toMatchObject({
    stats: {
      ...{ total_outcomes: 3, total_revenue: '6.2' },
      by_currency: [{ currency: 'USD', total_wins: 2 }],
    },
    daily_stats: [
      { date: '2025-03-06', wins: 1, revenue: '5.1' },
      { date: '2025-03-04', wins: 0, revenue: null },
    ],
    outcomes: { results: [{ id: '6', win_price: '5.10', user_interests: ['a', 5] }] },
    report: {
      generated_at: '2025-01-15T10:30:00',
      rows: [{ metric: 'total_orders', value: 1 }, { metric: 'total_revenue' }],
    },
  });
  expect(data?.reports).toContainEqual({
    ...{ name: 'summary', generated_at: '2025-01-15T10:30:00' },
    written_at: '2025-01-15T10:30:01.000Z',
  });
  expect(data?.reports).toContainEqual({
    ...{ name: 'daily_sales', generated_at: null, written_at: null },
  });
});

test('a walk by cursor is the list of the path, forward and back', async () => {
  const walk = `query ($cursor: String) {
    outcomes(ordering: ["win_price", "-timestamp"], page_size: 3, cursor: $cursor) { results { id } next previous }
  }`;
  type Page = { results: { id: string }[]; next: string | null; previous: string | null };
  const page = async (cursor: string | null) =>
    (await query(walk, { cursor })).data?.outcomes as Page;
  const seen: string[] = [];
  let last: Page | undefined;
  for (let cursor: string | null = ''; cursor !== null; cursor = last.next) {
    last = await page(cursor);
    seen.push(...last.results.map(({ id }) => id));
  }
  const list = (await ask('/api/outcomes/?ordering=win_price,-timestamp')).json<{
    results: { id: number }[];
  }>();
  expect(seen).toEqual(list.results.map(({ id }) => String(id)));
  const back = await page(last?.previous ?? '');
  expect(back.results.map(({ id }) => id)).toEqual(seen.slice(3, 6));
});

test('every field of the types is one of the path, and equals it', async () => {
  const fields =
    'user_id site_domain win_status bid_price currency enriched timestamp is_winner profit_margin';
  const { data } = await query(
    `{ outcome(id: 3) { id bid_id ${fields} auction_timestamp created_at updated_at } }`,
  );
  const {
    id,
    profit_margin,
    user_interests: _,
    win_price: __,
    ...rest
  } = (await ask('/api/outcomes/3/')).json<Record<string, unknown>>();
  const { raw_data: _raw, ...shown } = rest;
  expect(data?.outcome).toEqual({ ...shown, id: String(id), profit_margin: String(profit_margin) });
  const figures =
    'total_outcomes total_wins total_losses enriched_count win_rate average_win_price';
  const stats = (await query(`{ stats { ${figures} average_bid_price total_revenue } }`)).data
    ?.stats;
  const { by_currency: ____, ...plain } = JSON.parse<unknown>(
    (await ask('/api/outcomes/stats/')).text,
    (name, value, { source }: { source?: string } = {}) =>
      /revenue|average|rate/.test(name) ? source : value,
  ) as Record<string, unknown>;
  expect(stats).toEqual(plain);
  expect((await query('{ outcome(id: 99) { id } }')).data).toEqual({ outcome: null });
});

test.each([
  ['{ outcomes(filter: { min_price: "abc" }) { next } }', 'Enter a number.', 400],
  ['{ outcomes(page_size: 1001) { next } }', 'less than or equal to 1000', 400],
  ['{ outcomes(ordering: ["nothing"]) { next } }', 'Unknown sort key', 400],
  ['{ outcomes(cursor: "x") { next } }', 'Invalid cursor', 404],
  ['{ report(name: daily_sales) { rows } }', 'no such report yet', 404],
])('what the paths refuse is refused: %s', async (text, message, status) => {
  const { data, errors } = await query(text);
  expect(Object.values(data ?? {})).toEqual([null]);
  expect(errors).toEqual([
    expect.objectContaining({
      message: expect.stringContaining(message),
      extensions: { status },
    }),
  ]);
});

const times = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => text(index)).join(' ');
/** Each names the next twice: written out, 2 to the 40th fields. */
const bomb = times(
  40,
  (n) =>
    `fragment F${n} on Stats { a: by_currency { ...F${n + 1} } b: by_currency { ...F${n + 1} } }`,
);
test.each([
  ['questions', `{ ${times(11, (n) => `s${n}: stats { total_wins }`)} }`, 'at most 10'],
  [
    'in a fragment',
    `{ ...A } fragment A on Query { ${times(11, (n) => `s${n}: stats { total_wins }`)} }`,
    'at most 10',
  ],
  ['rows', `{ ${times(3, (n) => `o${n}: outcomes(page_size: 1000) { next }`)} }`, 'at most 2000'],
  [
    'rows, whatever is taken from them',
    `{ z: outcomes(page_size: -100000) { next } ${times(3, (n) => `o${n}: outcomes(page_size: 1000) { next }`)} }`,
    'at most 2000',
  ],
  [
    'rows by a variable',
    `query ($n: Int = 1000) { ${times(3, (n) => `o${n}: outcomes(page_size: $n) { next }`)} }`,
    'at most 2000',
  ],
  ['levels', '{ stats { by_currency { currency { a { b { c } } } } } }', 'levels deep'],
  ['tokens', `{ stats { ${times(2_000, () => 'total_wins')} } }`, '2000'],
  [
    'a bomb of fragments',
    `{ stats { ...F0 } } ${bomb} fragment F40 on Stats { total_wins }`,
    'levels deep',
  ],
  [
    'introspection',
    `{ __schema { types { ${'fields { type { '.repeat(6)} name ${'} }'.repeat(6)} } } }`,
    'depth',
  ],
  [
    'the schema, many times at each level',
    `{ __schema { queryType { ${times(50, (n) => `a${n}: fields { ...A }`)} } } }
     fragment A on __Field { ${times(50, (n) => `b${n}: args { type { ...B } }`)} }
     fragment B on __Type { ${times(50, (n) => `c${n}: inputFields { name }`)} }`,
    '"fields" is asked for twice',
  ],
  ['the schema, many times', `{ ${times(11, (n) => `s${n}: __typename`)} }`, 'at most 10'],
])('one request is bounded: %s', async (_what, text, message) => {
  const started = performance.now();
  const { data, errors } = await query(text);
  expect(data).toBe(undefined);
  expect(errors?.map((error) => error.message).join('\n')).toContain(message);
  expect(performance.now() - started).toBeLessThan(1_000);
});

test('GraphQL over HTTP: media types, methods and malformed requests', async () => {
  const broken = { query: '{' };
  expect((await post(broken)).status).toBe(200);
  const accept = 'application/graphql-response+json';
  const strict = await post(broken, ask, { accept });
  expect([strict.status, strict.headers['content-type']]).toEqual([
    400,
    `${accept}; charset=utf-8`,
  ]);
  expect((await post('{"query"')).status).toBe(400);
  expect((await post({ query: 1 })).status).toBe(400);
  expect(
    (await post({ query: '{ stats { total_wins } }' }, ask, { 'content-type': 'text/plain' }))
      .status,
  ).toBe(415);
  expect((await post({ query: 'x'.repeat(100_001) })).status).toBe(413);
  const get = await ask('/api/graphql/?query={stats{total_wins}}');
  expect([get.status, get.headers.allow]).toEqual([405, 'POST, OPTIONS']);
  expect((await ask('/api/graphql/', { method: 'OPTIONS' })).status).toBe(200);
  expect((await post({ query: 'mutation { x }' })).json<Answered>().errors?.length).toBe(1);
});

test('the question that tools ask of the schema is answered', async () => {
  const { errors } = await query(getIntrospectionQuery());
  expect(errors).toBe(undefined);
});

test('introspection is a setting; a fault is told to the log alone', async () => {
  const introspect = { query: '{ __schema { queryType { name } } }' };
  expect((await post(introspect)).json()).toEqual({
    data: { __schema: { queryType: { name: 'Query' } } },
  });
  const stores = { outcomes: makeOutcomesStore(sql), reports };
  const closed = askStores(stores, { auth: 'none', isIntrospectable: false });
  const { errors } = (await post(introspect, closed)).json<Answered>();
  expect(errors?.[0]?.message).toContain('introspection');
  const { sql: bare } = await server.freshDatabase('template1');
  const down = await post({ query: '{ stats { total_wins } }' }, openApi(bare));
  expect([down.status, down.json(), String(down.error)]).toEqual([
    503,
    { detail: 'The database is not available.' },
    expect.stringContaining('run migrate-database'),
  ]);
});
