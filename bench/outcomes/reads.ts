// Requests that are answered, beside the plain SQL with the same answer that a program would send over its own connection.
import type { Sql } from 'postgres';
import { comparePair, type Figure, type Pair } from '../measure.ts';
import { bodyOf } from './api.ts';
import { DAYS } from './fill.ts';
import type { Bench } from './setting.ts';

const NEAR = 1.2;
const AHEAD = 1;
/** Of figures with a price: within what one request may read. */
const PRICED_ROWS_MAX = 40_000;
const PRICED_DAYS_MAX = 10;

export async function* benchReads({ sql, ask, rows }: Bench): AsyncGenerator<Figure> {
  const ours = (url: string) => () => bodyOf(ask, url);
  for (const pair of [
    ...(await rowPairs({ sql, ours, ask, rows })),
    ...(await figurePairs({ sql, ours, rows })),
  ]) {
    yield await comparePair(pair);
  }
}

type Ours = (url: string) => () => Promise<unknown>;
const SUMMARY = `id, bid_id, user_id, win_status, win_price, bid_price, "timestamp", created_at`;

async function rowPairs({
  sql,
  ours,
  ask,
  rows,
}: Omit<Bench, 'env'> & { ours: Ours }): Promise<Pair[]> {
  const [middle] = await sql<{ id: string; at: string; exact: string }[]>`
    select id, "timestamp"::text as exact, to_char("timestamp" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at
    from auction_outcomes where "timestamp" <= now() - interval '200 days' order by "timestamp" desc, id desc limit 1`;
  if (!middle) throw new Error('There are no rows to read.');
  const first = JSON.parse(
    await bodyOf(ask, `/api/outcomes/?cursor=&timestamp_before=${middle.at}`),
  );
  const cursor = new URL(first.next).searchParams.get('cursor') ?? '';
  const { user, site } = await busiest(sql);
  const page = (condition: string, values: string[]) => () =>
    sql.unsafe(
      `select ${SUMMARY} from auction_outcomes where ${condition} order by "timestamp" desc, id desc limit 101`,
      values,
      { prepare: true },
    );
  return [
    {
      name: 'retrieve',
      ours: ours(`/api/outcomes/${middle.id}/`),
      beside: 'select by id',
      theirs: () => sql`select * from auction_outcomes where id = ${middle.id}`,
      limit: NEAR,
      rounds: 100,
    },
    {
      name: 'cursor page, 200 days back',
      ours: ours(`/api/outcomes/?cursor=${cursor}`),
      beside: 'the same keyset',
      theirs: page(`("timestamp", id) < ($1, $2)`, [middle.exact, middle.id]),
      limit: NEAR,
      rounds: 60,
    },
    {
      name: 'cursor page of a user',
      ours: ours(`/api/outcomes/?cursor=&user_id=${user}`),
      beside: 'newest of the user',
      theirs: page('user_id = $1', [user]),
      limit: NEAR,
      rounds: 60,
    },
    {
      name: 'cursor page of a site',
      ours: ours(`/api/outcomes/?cursor=&site_domain=${site}`),
      beside: 'newest of the site',
      theirs: page('site_domain = $1', [site]),
      limit: NEAR,
      rounds: 60,
    },
    {
      name: 'list of a user, with its count',
      ours: ours(`/api/outcomes/?user_id=${user}`),
      beside: 'count and page',
      theirs: () =>
        Promise.all([
          sql`select count(*) from auction_outcomes where user_id = ${user}`,
          page('user_id = $1', [user])(),
        ]),
      limit: NEAR,
    },
    {
      name: 'list of a site, with its count',
      ours: ours(`/api/outcomes/?site_domain=${site}`),
      beside: 'count and page',
      theirs: () =>
        Promise.all([
          sql`select count(*) from auction_outcomes where site_domain = ${site}`,
          page('site_domain = $1', [site])(),
        ]),
      limit: NEAR,
    },
    {
      name: `page ${rows / 2 / 100} by number, with the count`,
      ours: ours(`/api/outcomes/?page=${Math.floor(rows / 2 / 100)}`),
      beside: 'count and offset',
      theirs: () =>
        Promise.all([
          sql`select count(*) from auction_outcomes`,
          sql`select id from auction_outcomes order by "timestamp" desc, id desc offset ${rows / 2}::bigint limit 100`,
        ]),
      limit: AHEAD,
      rounds: 9,
    },
  ];
}

async function figurePairs({
  sql,
  ours,
  rows,
}: Pick<Bench, 'sql' | 'rows'> & { ours: Ours }): Promise<Pair[]> {
  const { user } = await busiest(sql);
  const figures = `count(*), count(*) filter (where win_status), sum(win_price) filter (where win_status),
    avg(win_price) filter (where win_status), avg(bid_price), count(*) filter (where enriched)`;
  const stats = (condition: string, values: string[]) => () =>
    sql.unsafe(
      `select currency, ${figures} from auction_outcomes where ${condition} group by grouping sets ((), (currency))`,
      values,
      { prepare: true },
    );
  const daily = (condition: string, values: string[]) => () =>
    sql.unsafe(
      `select day, currency, ${figures} from (
          select ("timestamp" at time zone 'UTC')::date as day, * from auction_outcomes where ${condition}
        ) as outcomes group by grouping sets ((day), (day, currency)) order by day desc`,
      values,
      { prepare: true },
    );
  const days = Math.min(PRICED_DAYS_MAX, Math.floor((PRICED_ROWS_MAX * DAYS) / rows));
  const since = new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
  const ranged = 'win_price >= $1 and "timestamp" >= $2';
  return [
    ...[
      { name: 'stats', theirs: stats('true', []) },
      { name: 'daily_stats', theirs: daily('true', []) },
    ].map((pair) => ({ ...pair, ours: ours(`/api/outcomes/${pair.name}/`), rounds: 9 })),
    {
      name: 'stats of a user',
      ours: ours(`/api/outcomes/stats/?user_id=${user}`),
      theirs: stats('user_id = $1', [user]),
    },
    {
      name: `stats with min_price, ${days} days`,
      ours: ours(`/api/outcomes/stats/?min_price=0.5&timestamp_after=${since}`),
      theirs: stats(ranged, ['0.5', since]),
    },
    {
      name: `daily_stats with min_price, ${days} days`,
      ours: ours(`/api/outcomes/daily_stats/?min_price=0.5&timestamp_after=${since}`),
      theirs: daily(ranged, ['0.5', since]),
    },
  ].map((pair) => ({ beside: 'plain SQL over the rows', limit: AHEAD, ...pair }));
}

async function busiest(sql: Sql): Promise<{ user: string; site: string }> {
  const [names] = await sql<{ user: string; site: string }[]>`
    select mode() within group (order by user_id) as user, mode() within group (order by site_domain) as site
    from auction_outcomes where "timestamp" > now() - interval '30 days'`;
  if (!names) throw new Error('There are no rows of the last 30 days.');
  return names;
}
