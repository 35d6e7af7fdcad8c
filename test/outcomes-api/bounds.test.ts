// I80: no request reads the table. The limits are lowered, so that a small table is a large one; every statement that a
// request sends is explained, and what its scans read is added up.
import postgres from 'postgres';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { fill } from '../../bench/outcomes/fill.ts';
import { ENV, LIMITS } from '../../functions/contracts.ts';
import type { Query } from '../../functions/outcomes/query/sql.ts';
import {
  makeOutcomesStore,
  type OutcomesStore,
  type ReadRows,
} from '../../functions/outcomes/store/outcomes-store.ts';
import type { Sql, Statement } from '../../functions/platform/sql-client.ts';
import { type Ask, askStores, NO_REPORTS, openApi } from '../support/api.ts';
import { useTestPostgres } from '../support/postgres.ts';

vi.mock('../../functions/contracts.ts', async (original) => {
  const contracts = await original<typeof import('../../functions/contracts.ts')>();
  const lowered = {
    ...{ rowsReadMax: 150, rowsTogetherMax: 500, indexReadMax: 1_500 },
    ...{ offsetMax: 200, plainOffsetMax: 100 },
  };
  return { ...contracts, LIMITS: { ...contracts.LIMITS, ...lowered } };
});

const ROWS = 8_000;
const PAGE = 100;
const LARGEST_PAGE = 400;
const ORDERINGS = ['timestamp', 'win_price', 'bid_price', 'created_at']
  .flatMap((field) => [field, `-${field}`])
  .concat('win_price,-timestamp', '-timestamp,bid_price');
/** A filter as the URL has it, and as SQL. */
const FILTERS: readonly (readonly [query: string, where: string])[] = [
  ['', 'true'],
  ['&win_status=true', 'win_status'],
  ['&enriched=false', 'not enriched'],
  ['&currency=GBP', `currency = 'GBP'`],
  ['&currency=XXX', 'false'],
  ['&user_id=user-0', `user_id = 'user-0'`],
  ['&user_id=user-0&currency=GBP', `user_id = 'user-0' and currency = 'GBP'`],
  ['&site_domain=site-0.example.com', `site_domain = 'site-0.example.com'`],
  [
    '&site_domain=site-0.example.com&min_price=1',
    `site_domain = 'site-0.example.com' and win_price >= 1`,
  ],
  ['&bid_id=nothing', 'false'],
  ['&min_price=0.5', 'win_price >= 0.5'],
  ['&max_price=0', 'win_price <= 0'],
  ['&min_price=3&currency=USD', `win_price >= 3 and currency = 'USD'`],
  ['&win_status=true&enriched=true', 'win_status and enriched'],
];
const REQUESTS = ORDERINGS.flatMap((ordering) =>
  FILTERS.map(([query, where]) => ({ ordering, query, where })),
);

const server = useTestPostgres();
let sql: Sql;
let ask: Ask;
let rowsRead = 0;
/** Of these, what came from the table itself and not from an index alone. */
let rowsFetched = 0;

interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly Plan[];
}

function addReads(plan: Plan): void {
  if (plan['Relation Name']?.startsWith('auction_outcomes')) {
    const each = plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0);
    const read = each * plan['Actual Loops'];
    rowsRead += read;
    if (plan['Node Type'] !== 'Index Only Scan') rowsFetched += read;
  }
  plan.Plans?.forEach(addReads);
}

function explained(statement: Statement): ReadRows {
  return async <Row extends object>({ texts, values }: Query<Row>) => {
    const [first, ...rest] = texts;
    const [plan] = await statement<{ 'QUERY PLAN': [{ Plan: Plan }] }>(
      [`explain (analyze, format json) ${first}`, ...rest],
      ...values,
    );
    if (plan) addReads(plan['QUERY PLAN'][0].Plan);
    return statement<Row>(texts, ...values);
  };
}

/** By the plan that a connection keeps for whatever values. */
function explainedByOnePlan(client: Sql): ReadRows {
  return async <Row extends object>({ texts, values }: Query<Row>) => {
    const text = texts.reduce((soFar, next, index) => `${soFar}$${index}${next}`);
    const given = values.map((value) => `'${String(value).replaceAll("'", "''")}'`).join();
    await client.begin(async (statement) => {
      await statement(['set local plan_cache_mode = force_generic_plan']);
      await statement([`prepare served as ${text}`]);
      const [plan] = await statement<{ 'QUERY PLAN': [{ Plan: Plan }] }>([
        `explain (analyze, format json) execute served${given && `(${given})`}`,
      ]);
      await statement(['deallocate served']);
      if (plan) addReads(plan['QUERY PLAN'][0].Plan);
    });
    return client.byOnePlan<Row>(texts, ...values);
  };
}

beforeAll(async () => {
  const database = await server.freshDatabase();
  // So small a table would be read whole, indexes or not.
  await database.sql.unsafe(`alter database ${database.env[ENV.dbName]} set enable_seqscan = off`);
  sql = server.connect(database.env, 2);
  const { [ENV.dbHost]: host = '', [ENV.dbPort]: port, [ENV.dbUser]: user = '' } = database.env;
  const filler = postgres({
    ...{ host, port: Number(port), user, password: database.env[ENV.dbPassword] ?? '' },
    ...{ database: database.env[ENV.dbName] ?? '', max: 1, onnotice: () => {} },
  });
  await fill(filler, ROWS);
  await filler.end();
  const snapshot = <T>(read: (rows: ReadRows) => Promise<T>) =>
    sql.begin(
      (statement) => read(explained(statement)),
      'isolation level repeatable read read only',
    );
  const outcomes: OutcomesStore = {
    ...makeOutcomesStore(sql),
    rows: explained(sql),
    servedRows: explainedByOnePlan(sql),
    snapshot,
    together: (first, second) =>
      snapshot(async (rows) => [await rows(first), await rows(second)] as const),
  };
  ask = askStores({ outcomes, reports: NO_REPORTS });
});

async function bounded(url: string) {
  [rowsRead, rowsFetched] = [0, 0];
  const reply = await ask(url);
  expect(rowsRead, `${url} ${reply.status}`).toBeLessThanOrEqual(
    2 * LIMITS.indexReadMax + 3 * LIMITS.rowsTogetherMax,
  );
  // In such an order each row is on a page of its own.
  if (/ordering=-?(win|bid)_price/.test(url)) {
    expect(rowsFetched, url).toBeLessThanOrEqual(
      2 * LIMITS.rowsReadMax + LIMITS.plainOffsetMax + LARGEST_PAGE + 1,
    );
  }
  if (reply.status === 200) return reply;
  expect([reply.status, reply.text], url).toEqual([
    400,
    expect.stringMatching(/narrow it by timestamp_after|Narrow timestamp_after/),
  ]);
  return undefined;
}

function orderBy(ordering: string): string {
  const terms = ordering.split(',').map((term) => term.replace(/^-(.*)/, '$1 desc'));
  return [...terms, ordering.startsWith('-') ? 'id desc' : 'id']
    .join()
    .replaceAll('timestamp', '"timestamp"');
}

async function expected(where: string, ordering: string): Promise<string[]> {
  const rows = await sql.unsafe<{ shown: string }>(
    `select id::text as shown from auction_outcomes where ${where} order by ${orderBy(ordering)}`,
  );
  return rows.map(({ shown }) => shown);
}

interface Page {
  readonly count?: number;
  readonly next: string | null;
  readonly results: readonly { readonly id: number }[];
}
const idsOf = ({ results }: Page) => results.map(({ id }) => String(id));

test('walked by cursor to its end, every list that is answered is whole and in order, and no page reads much', async () => {
  let refused = 0;
  for (const { ordering, query, where } of REQUESTS.filter((_, index) => index % 3 === 0)) {
    const found: string[] = [];
    let url: string | null =
      `/api/outcomes/?cursor=&page_size=${LARGEST_PAGE}&ordering=${ordering}${query}`;
    while (url !== null) {
      const reply = await bounded(url);
      if (!reply) {
        refused += 1;
        break;
      }
      const page = reply.json<Page>();
      found.push(...idsOf(page));
      url = page.next?.replace('http://localhost:8000', '') ?? null;
      if (url === null)
        expect(found, `${ordering}${query}`).toEqual(await expected(where, ordering));
    }
  }
  // Orders of two keys, of which none has an index.
  expect(refused).toBeLessThan(REQUESTS.length / 24);
});

test('page by page, what is answered is right and reads little', async () => {
  let answered = 0;
  for (const { ordering, query, where } of REQUESTS) {
    const all = await expected(where, ordering);
    for (const page of [1, 2, 12, 'last'] as const) {
      const number = page === 'last' ? Math.max(Math.ceil(all.length / PAGE), 1) : page;
      if (number > Math.max(Math.ceil(all.length / PAGE), 1)) continue;
      const reply = await bounded(`/api/outcomes/?page=${page}&ordering=${ordering}${query}`);
      if (!reply) continue;
      answered += 1;
      const { count, ...rest } = reply.json<Page>();
      expect([count, idsOf({ ...rest })], `${ordering}${query} page ${page}`).toEqual([
        all.length,
        all.slice((number - 1) * PAGE, number * PAGE),
      ]);
    }
  }
  expect(answered).toBeGreaterThan(REQUESTS.length);
});

test('the dearest of more winners than are sorted are found in the order of the price, and what lies too far in it is refused', async () => {
  const dearest = await bounded('/api/outcomes/winners/?ordering=-win_price&page=2');
  const all = await expected('win_status', '-win_price');
  expect(dearest?.json<Page>().count).toBe(all.length);
  expect(dearest && idsOf(dearest.json<Page>())).toEqual(all.slice(PAGE, 2 * PAGE));
  // Losses come first in this order.
  expect(await bounded('/api/outcomes/winners/?ordering=win_price')).toBe(undefined);
});

describe('figures', () => {
  test.each(FILTERS)('of "%s" are answered or refused, and read little', async (query) => {
    await bounded(`/api/outcomes/stats/?${query}`);
    await bounded(`/api/outcomes/daily_stats/?${query}`);
  });
});

test('an export that is too large is refused before anything is read; what would read much for little, too', async () => {
  const streamed: string[] = [];
  const store = makeOutcomesStore(sql);
  const watched = {
    ...store,
    stream: <Row extends object>(query: Query<Row>) => {
      const rows = store.stream(query);
      return (async function* () {
        streamed.push('read');
        yield* rows;
      })();
    },
  };
  const api = askStores({ outcomes: watched, reports: NO_REPORTS });
  await sql.unsafe(`update outcome_days set outcomes = outcomes + 10000`);
  expect((await api('/api/outcomes/?format=csv')).status).toBe(413);
  expect(streamed).toEqual([]);
  expect((await api('/api/outcomes/?format=csv&ordering=win_price,-timestamp')).status).toBe(400);
  expect((await openApi(sql)('/api/outcomes/?format=csv&user_id=user-1')).status).toBe(200);
});

test('one row is found by the months of its id, and without them', async () => {
  const [row] = await sql<{
    shown: string;
  }>`select id::text as shown from auction_outcomes where kafka_offset = 77`;
  const url = `/api/outcomes/${row?.shown}/`;
  expect(url).toMatch(/\d/);
  const found = await ask(url);
  await sql.unsafe(`insert into outcome_id_months select 0, date '1999-01-01'`);
  expect((await ask(url)).text).toBe(found.text);
  await sql.unsafe('truncate outcome_id_months');
  expect([found.status, (await ask(url)).text]).toEqual([200, found.text]);
});
