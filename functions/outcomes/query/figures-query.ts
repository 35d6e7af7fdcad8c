// Counts and sums of the rows that the filters choose. They are read from the daily rollups for every whole
// day, from the rows for the parts of days at the ends of a time range, and from the rows alone where a
// filter asks for what no rollup knows. One statement, so one snapshot: the answer is always exact. Pure.
import { rollupCondition, rowCondition, rowFiltersOf, timeRangeOf } from './filters.ts';
import type { Filters } from './parameters.ts';
import { joinSql, type Query, type Sql, sql } from './sql.ts';
import { type DayRange, splitRange } from './time-range.ts';

/** Figures of rows that are there, or also of those whose rows retention dropped. */
export type Reach = 'kept' | 'all-time';

export interface FiguresRow {
  /** `null` in the row of all currencies together. */
  readonly currency: string | null;
  readonly total: string;
  readonly wins: string;
  readonly enriched: string;
  /** Over wins only; `null` without one. */
  readonly revenue: string | null;
  readonly average_win_price: string | null;
  readonly average_bid_price: string | null;
}

export interface DayFiguresRow extends FiguresRow {
  readonly day: string;
}

export function countQuery(filters: Filters): Query<{ readonly count: string }> {
  return sql`select coalesce(sum(outcomes), 0) as count from (${source(filters, 'kept')}) as figures`;
}

/** In a list by timestamp: the day of the row at this offset, and how many rows come before that day. */
export function dayOfOffsetQuery(
  filters: Filters,
  isDescending: boolean,
  offset: number,
): Query<{ readonly day: string; readonly before: string }> {
  const direction = isDescending ? sql`desc` : sql`asc`;
  return sql`select day, reached - outcomes as before from (
      select day, sum(outcomes) as outcomes, sum(sum(outcomes)) over (order by day ${direction}) as reached
      from (${source(filters, 'kept')}) as figures group by day
    ) as days
    where reached > ${offset}::bigint order by reached limit 1`;
}

/** One row of all together, first; then one a currency. */
export function statsQuery(filters: Filters, reach: Reach): Query<FiguresRow> {
  return sql`select currency, ${MEASURES} from (${source(filters, reach)}) as figures
    group by grouping sets ((), (currency)) order by grouping(currency) desc, currency`;
}

/** The same for each day, newest day first. */
export function dailyStatsQuery(filters: Filters, reach: Reach): Query<DayFiguresRow> {
  return sql`select day, currency, ${MEASURES} from (${source(filters, reach)}) as figures
    group by grouping sets ((day), (day, currency))
    order by day desc, grouping(currency) desc, currency`;
}

const WINS = sql`sum(outcomes) filter (where win_status)`;
const REVENUE = sql`sum(win_price_sum) filter (where win_status)`;
const MEASURES = sql`
  coalesce(sum(outcomes), 0) as total,
  coalesce(${WINS}, 0) as wins,
  coalesce(sum(outcomes) filter (where enriched), 0) as enriched,
  trim_scale(${REVENUE}) as revenue,
  trim_scale(${REVENUE} / ${WINS}) as average_win_price,
  trim_scale(sum(bid_price_sum) / sum(outcomes)) as average_bid_price`;

function source(filters: Filters, reach: Reach): Sql {
  if (rowFiltersOf(filters).length > 0) return rows(rowCondition(filters));
  const { days, ends } = splitRange(timeRangeOf(filters));
  const parts = [
    ...(days ? rollups(filters, days, reach) : []),
    ...ends.map((range) => rows(rowCondition(filters, range))),
  ];
  return parts.length === 0 ? rows(sql`false`) : joinSql(parts, sql` union all `);
}

function rows(condition: Sql): Sql {
  return sql`select ("timestamp" at time zone 'UTC')::date as day, currency, win_status, enriched,
    1::bigint as outcomes, win_price as win_price_sum, bid_price as bid_price_sum
    from auction_outcomes where ${condition}`;
}

function rollups(filters: Filters, days: DayRange, reach: Reach): Sql[] {
  const isOfSite = filters.site_domain !== undefined;
  const kept = isOfSite ? sql`outcome_site_days` : sql`outcome_days`;
  const dropped = isOfSite ? sql`dropped_outcome_site_days` : sql`dropped_outcome_days`;
  const tables = reach === 'kept' ? [kept] : [kept, dropped];
  const condition = rollupCondition(filters, days);
  return tables.map(
    (
      table,
    ) => sql`select day, currency, win_status, enriched, outcomes, win_price_sum, bid_price_sum
      from ${table} where ${condition}`,
  );
}
