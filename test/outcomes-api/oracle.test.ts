// I17: SQL as the oracle: random rows, random parameters, and the API's answer must equal that of a plain query
// over the rows, written here without any of the API's code. SEED=n replays a run.
import { expect, test } from 'vitest';
import type { Sql } from '../../functions/platform/sql-client.ts';
import { type Ask, openApi } from '../support/api.ts';
import { exactJson } from '../support/exact-json.ts';
import { MemoryQuarantine, recordMessages, recordPorts } from '../support/outcomes.ts';
import { useTestPostgres } from '../support/postgres.ts';
import { makeRandom, type Random, seeds } from '../support/random.ts';

/** More than a page passes over one by one: pages far down take the way over the rollups. */
const ROWS = 1_500;
const REQUESTS = 120;
const USERS = ['ann', 'Ann', "o'neil", 'ü', '%', ''];
const SITES = ['a.example', 'b.example', 'A.example', '_'];
const CURRENCIES = ['USD', 'EUR', 'JPY'];
const PRICES = [
  '0',
  '0.00',
  '0.5',
  '1',
  '1.50',
  '2.675',
  '-1',
  '1e2',
  '99999999.99',
  '0.000000000001',
];
const FLAGS = ['true', 'TRUE', '1', 'yes', 'false', '0', 'on', ''];
const FIELDS = ['timestamp', 'win_price', 'bid_price', 'created_at'];
const FIRST_DAY = Date.UTC(2025, 0, 30);
const DAYS = 6;

const server = useTestPostgres();

test.each(seeds(4))('every answer equals SQL over the rows, seed %i', async (seed) => {
  const random = makeRandom(seed);
  const { sql } = await server.freshDatabase();
  const messages = Array.from({ length: ROWS }, (_, offset) => ({
    ...{ offset: Math.floor(offset / 3), partition: offset % 3 },
    value: JSON.stringify(randomOutcome(random)),
  }));
  for (const partition of [0, 1, 2]) {
    const batch = messages.filter((message) => message.partition === partition);
    await recordMessages(batch, recordPorts(sql, new MemoryQuarantine()));
  }
  const ask = openApi(sql);
  for (let count = 0; count < REQUESTS; count += 1) {
    const question = randomQuestion(random);
    const check = random.pick([checkList, checkStats, checkDailyStats, checkOne, checkExport]);
    await check({ ask, sql, random, ...question });
  }
});

interface Question {
  /** As the URL has it. */
  readonly query: string;
  /** The same, as SQL. */
  readonly where: string;
  readonly orderBy: string;
}

type Check = (asked: Question & { ask: Ask; sql: Sql; random: Random }) => Promise<void>;

const checkList: Check = async ({ ask, sql, random, query, where, orderBy }) => {
  const isWinners = random.chance(0.3);
  const path = isWinners ? '/api/outcomes/winners/' : '/api/outcomes/';
  const filter = isWinners ? `${where} and win_status` : where;
  const expected = await plainSql(
    sql,
    `select id, bid_id, win_price from auction_outcomes where ${filter} order by ${orderBy}`,
  );
  const size = random.pick([1, 7, 100, 1000]);
  const page = 1 + random.below(Math.max(1, Math.ceil(expected.length / size)));
  const url = `${path}?page=${page}&page_size=${size}${query}`;
  const reply = exactJson(await askOk(ask, url));
  const shown = expected.slice((page - 1) * size, page * size);
  expect(reply.count, url).toBe(String(expected.length));
  expect(pick(reply.results, ['id', 'bid_id', 'win_price']), url).toEqual([...shown]);
};

const checkExport: Check = async ({ ask, sql, query, where, orderBy }) => {
  const expected = await plainSql(
    sql,
    `select id, user_id, bid_price, currency from auction_outcomes where ${where} order by ${orderBy}`,
  );
  const url = `/api/outcomes/?format=ndjson${query}`;
  const lines = (await askOk(ask, url)).split('\n').slice(0, -1).map(exactJson);
  expect(pick(lines, ['id', 'user_id', 'bid_price', 'currency']), url).toEqual([...expected]);
};

const checkOne: Check = async ({ ask, sql, random, query, where }) => {
  const id = 1 + random.below(ROWS + 5);
  const [expected] = await plainSql(
    sql,
    `select id, user_id, case when win_status then bid_price - win_price else 0.0 end as margin
     from auction_outcomes where id = ${id} and ${where}`,
  );
  const url = `/api/outcomes/${id}/?${query.slice(1)}`;
  const reply = await ask(url);
  expect(reply.status, url).toBe(expected ? 200 : 404);
  if (!expected) return;
  const { user_id, profit_margin } = exactJson(reply.text);
  expect([user_id, Number(profit_margin)], url).toEqual([
    expected.user_id,
    Number(expected.margin),
  ]);
};

const FIGURES = `count(*) as total, count(*) filter (where win_status) as wins,
  count(*) filter (where enriched) as enriched,
  trim_scale(sum(win_price) filter (where win_status)) as revenue,
  avg(win_price) filter (where win_status) as average_win_price, avg(bid_price) as average_bid_price`;

const checkStats: Check = async ({ ask, sql, query, where }) => {
  const url = `/api/outcomes/stats/?${query.slice(1)}`;
  const reply = exactJson(await askOk(ask, url));
  const [all] = await plainSql(sql, `select ${FIGURES} from auction_outcomes where ${where}`);
  expectStats(reply, all, url);
  const currencies = await plainSql(
    sql,
    `select currency, ${FIGURES} from auction_outcomes where ${where} group by currency order by currency`,
  );
  expect(pick(reply.by_currency, ['currency']), url).toEqual(pick(currencies, ['currency']));
  for (const [index, row] of currencies.entries()) expectStats(reply.by_currency[index], row, url);
};

const checkDailyStats: Check = async ({ ask, sql, query, where }) => {
  const url = `/api/outcomes/daily_stats/?${query.slice(1)}`;
  const reply = exactJson(await askOk(ask, url));
  const day = `to_char("timestamp" at time zone 'UTC', 'YYYY-MM-DD')`;
  const days = await plainSql(
    sql,
    `select ${day} as date, ${FIGURES} from auction_outcomes where ${where} group by 1 order by 1 desc`,
  );
  expect(pick(reply, ['date']), url).toEqual(pick(days, ['date']));
  for (const [index, row] of days.entries()) {
    const { total, wins, revenue, avg_win_price, by_currency } = reply[index];
    expect([total, wins], url).toEqual([row.total, row.wins]);
    expect(plain(revenue), url).toBe(row.revenue);
    expectClose(avg_win_price, row.average_win_price, url);
    const parts = by_currency.map((part: { total: string }) => Number(part.total));
    expect(
      parts.reduce((sum: number, part: number) => sum + part, 0),
      url,
    ).toBe(Number(total));
  }
};

// biome-ignore lint/suspicious/noExplicitAny: an answer is what is under test.
function expectStats(reply: any, row: any, url: string): void {
  const { total_outcomes, total_wins, total_losses, enriched_count, win_rate } = reply;
  const [total, wins] = [Number(row.total), Number(row.wins)];
  expect([total_outcomes, total_wins, total_losses, enriched_count], url).toEqual(
    [total, wins, total - wins, Number(row.enriched)].map(String),
  );
  expect(plain(reply.total_revenue), url).toBe(row.revenue ?? '0');
  expectClose(reply.average_win_price, row.average_win_price ?? '0', url);
  expectClose(reply.average_bid_price, row.average_bid_price ?? '0', url);
  expect(Math.abs(Number(win_rate) - (total && (wins / total) * 100)), url).toBeLessThan(0.00501);
}

async function askOk(ask: Ask, url: string): Promise<string> {
  const { status, text, error } = await ask(url);
  expect({ status, error }, `${url}: ${text}`).toEqual({ status: 200, error: undefined });
  return text;
}

function plainSql(sql: Sql, text: string): Promise<Row[]> {
  return sql<Row>([text]);
}

type Row = Readonly<Record<string, string>>;

function pick(rows: readonly Row[], names: readonly string[]): object[] {
  return rows.map((row) => Object.fromEntries(names.map((name) => [name, row[name]])));
}

/** Without the zeros that say nothing, as PostgreSQL's trim_scale leaves it. */
function plain(number: string | null): string | null {
  return number?.includes('.') ? number.replace(/\.?0+$/, '') : number;
}

/** Averages have no last digit; PostgreSQL gives at least 16 that count. */
function expectClose(ours: string | null, theirs: string | null | undefined, url: string): void {
  if (theirs === null || theirs === undefined) {
    expect(ours, url).toBe(null);
    return;
  }
  const [a, b] = [Number(ours), Number(theirs)];
  expect(Math.abs(a - b), `${url}: ${ours} ${theirs}`).toBeLessThanOrEqual(Math.abs(b) * 1e-15);
}

function randomOutcome(random: Random): object {
  return {
    bid_id: `bid-${random.below(200)}`,
    user_id: random.pick(USERS.filter((user) => user !== '')),
    site_domain: random.pick(SITES),
    win_status: random.chance(0.6),
    win_price: random.pick(PRICES),
    bid_price: random.pick(PRICES),
    currency: random.pick(CURRENCIES),
    enriched: random.chance(0.5),
    timestamp: randomTime(random),
  };
}

/** Often exactly midnight, the last microsecond of a day, or the same as another's. */
function randomTime(random: Random): string {
  const day = new Date(FIRST_DAY + random.below(DAYS) * 86_400_000).toISOString().slice(0, 10);
  const hour = String(random.below(24)).padStart(2, '0');
  const times = ['00:00:00Z', '23:59:59.999999Z', `${hour}:00:00Z`, `${hour}:30:00.000001Z`];
  return `${day}T${random.pick(times)}`;
}

function randomQuestion(random: Random): Question {
  const filters = [
    ...equality(random, 'user_id', USERS),
    ...equality(random, 'site_domain', [...SITES, '']),
    ...equality(random, 'currency', [...CURRENCIES, 'XXX']),
    ...equality(random, 'bid_id', ['bid-1', 'bid-2', 'none']),
    ...flag(random, 'win_status'),
    ...flag(random, 'enriched'),
    ...price(random, 'min_price', '>='),
    ...price(random, 'max_price', '<='),
    ...timeBound(random, 'timestamp_after', '>='),
    ...timeBound(random, 'timestamp_before', '<='),
  ];
  const terms = Array.from({ length: random.below(3) }, () => random.pick(FIELDS))
    .filter((field, index, all) => all.indexOf(field) === index)
    .map((field) => ({ field, sign: random.pick(['', '-']) }));
  const order = terms.length > 0 ? terms : [{ field: 'timestamp', sign: '-' }];
  const toSql = (field: string, sign: string) => `"${field}" ${sign === '-' ? 'desc' : 'asc'}`;
  const ordering = terms.map(({ field, sign }) => `${sign}${field}`).join();
  return {
    query: filters.map(([query]) => query).join('') + (ordering ? `&ordering=${ordering}` : ''),
    where: ['true', ...filters.map(([, condition]) => condition)].join(' and '),
    orderBy: [
      ...order.map(({ field, sign }) => toSql(field, sign)),
      toSql('id', order[0]?.sign ?? ''),
    ].join(),
  };
}

type Filter = readonly [query: string, condition: string];

const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;
const parameter = (name: string, value: string) => `&${name}=${encodeURIComponent(value)}`;

function equality(random: Random, name: string, values: readonly string[]): Filter[] {
  if (random.chance(0.85)) return [];
  const value = random.pick(values);
  return [[parameter(name, value), value === '' ? 'true' : `${name} = ${literal(value)}`]];
}

function flag(random: Random, name: string): Filter[] {
  if (random.chance(0.75)) return [];
  const value = random.pick(FLAGS);
  const isTrue = ['true', '1', 'yes'].includes(value.toLowerCase());
  return [[parameter(name, value), isTrue ? name : `not ${name}`]];
}

function price(random: Random, name: string, operator: string): Filter[] {
  if (random.chance(0.85)) return [];
  const value = random.pick([...PRICES, ' 1 ', '.5', '1e-3', '']);
  return [[parameter(name, value), value === '' ? 'true' : `win_price ${operator} ${value}`]];
}

function timeBound(random: Random, name: string, operator: string): Filter[] {
  if (random.chance(0.65)) return [];
  const time = randomTime(random);
  const [day = ''] = time.split('T', 1);
  if (random.chance(0.5)) {
    const bound = operator === '>=' ? `${day} 00:00:00Z` : `${day} 23:59:59.999999Z`;
    return [[parameter(name, day), `"timestamp" ${operator} ${literal(bound)}`]];
  }
  return [[parameter(name, time), `"timestamp" ${operator} ${literal(time)}`]];
}
