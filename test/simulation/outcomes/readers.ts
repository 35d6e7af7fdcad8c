// Readers of the API, at any moment: what it answers equals plain SQL over the rows of that moment.
import type { Sql } from '../../../functions/platform/sql-client.ts';
import type { Ask } from '../../support/api.ts';
import { exactJson } from '../../support/exact-json.ts';
import type { Random } from '../../support/random.ts';

interface Question {
  readonly query: string;
  readonly condition: string;
}

function makeQuestion(random: Random, months: readonly string[]): Question {
  const month = random.pick(months);
  const from = `${month}-01`;
  return random.pick([
    { query: '', condition: 'true' },
    { query: '', condition: 'true' },
    { query: 'currency=EUR', condition: `currency = 'EUR'` },
    { query: 'win_status=true', condition: 'win_status' },
    {
      query: 'enriched=true&site_domain=a.example',
      condition: `enriched and site_domain = 'a.example'`,
    },
    { query: 'user_id=u3', condition: `user_id = 'u3'` },
    { query: `timestamp_after=${from}`, condition: `"timestamp" >= '${from}Z'` },
    {
      query: `timestamp_before=${from}T11:30:00Z`,
      condition: `"timestamp" <= '${from} 11:30Z'`,
    },
  ]);
}

/** @returns what differs; `null` when the rows could not be read at that moment. */
export type Compare = () => Promise<string | null>;

export interface Reading {
  readonly ask: Ask;
  readonly plain: Sql;
  /** The answer's moment lasts until the comparison is made. */
  readonly atThisMoment: (compare: Compare) => Promise<void>;
  readonly fail: (what: string) => void;
}

export async function readFigures(
  random: Random,
  months: readonly string[],
  { ask, plain, atThisMoment, fail }: Reading,
): Promise<void> {
  if (random.chance(0.25)) return readList(ask, fail);
  const { query, condition } = makeQuestion(random, months);
  const isDaily = random.chance(0.3);
  const url = `/api/outcomes/${isDaily ? 'daily_stats' : 'stats'}/?${query}`;
  const { status, text, error } = await ask(url);
  if (status !== 200) throw error ?? new Error(`${url} answered ${status} ${text}`);
  await atThisMoment(async () => {
    const figures = await plainFigures(plain, condition, isDaily);
    if (figures === null) return null;
    const answer = isDaily ? exactJson(text).map(dayFigures) : statsFigures(exactJson(text));
    const [answered, expected] = [JSON.stringify(answer), JSON.stringify(figures)];
    return answered === expected ? '' : `${url}: answered ${answered}, plain SQL ${expected}`;
  });
}

/** A list and its count are of one moment. */
async function readList(ask: Ask, fail: Reading['fail']): Promise<void> {
  const { status, text, error } = await ask('/api/outcomes/?page_size=1000');
  if (status !== 200) throw error ?? new Error(`the list answered ${status} ${text}`);
  const { count, results } = exactJson(text);
  if (count !== String(results.length)) {
    fail(`the list has ${results.length} outcomes and says ${count}`);
  }
}

interface Stats {
  readonly [name: string]: string;
}

const STATS = [
  'total_outcomes',
  'total_wins',
  'total_revenue',
  'average_bid_price',
  'enriched_count',
];

function statsFigures(stats: Stats & { readonly by_currency: readonly Stats[] }): string[][] {
  const figures = (one: Stats) => STATS.map((name) => one[name] ?? '');
  return [
    ['all', ...figures(stats)],
    ...stats.by_currency.map((one) => [one.currency ?? '', ...figures(one)]),
  ];
}

/** Without its date: far years are written in another way. */
function dayFigures({ total, wins, revenue }: Record<string, string | null>): unknown[] {
  return [total, wins, revenue];
}

const LOCK_NOT_AVAILABLE = '55P03';

async function plainFigures(plain: Sql, condition: string, isDaily: boolean) {
  try {
    const rows = await plain.unsafe<Record<string, string | null>>(
      isDaily ? plainDays(condition) : plainStats(condition),
    );
    return rows.map((row) => Object.values(row));
  } catch (error) {
    // Somebody alters the tables: they cannot be read beside that.
    if (error instanceof Error && 'code' in error && error.code === LOCK_NOT_AVAILABLE) return null;
    throw error;
  }
}

const decimal = (sum: string) =>
  `(select case when value like '%.%' then value else value || '.0' end from (select trim_scale(${sum})::text as value) as v)`;

function plainStats(condition: string): string {
  return `select coalesce(currency, 'all') as currency, total, wins, ${decimal('revenue')} as revenue,
      ${decimal('bid')} as bid, enriched
    from (
      select currency, count(*)::text as total, count(*) filter (where win_status)::text as wins,
        coalesce(sum(win_price) filter (where win_status), 0) as revenue,
        coalesce(sum(bid_price) / nullif(count(*), 0), 0) as bid, count(*) filter (where enriched)::text as enriched
      from auction_outcomes where ${condition}
      group by grouping sets ((), (currency)) order by grouping(currency) desc, currency
    ) as figures`;
}

function plainDays(condition: string): string {
  return `select total, wins, ${decimal('revenue')} as revenue
    from (
      select ("timestamp" at time zone 'UTC')::date as day, count(*)::text as total,
        count(*) filter (where win_status)::text as wins, sum(win_price) filter (where win_status) as revenue
      from auction_outcomes where ${condition} group by day order by day desc
    ) as figures`;
}
