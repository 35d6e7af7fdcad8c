// Counts and sums of the rows that the filters choose. They are read from the daily rollups for every whole
// day, from the rows for the parts of days at the ends of a time range, and from the rows alone where a
// filter asks for what no rollup knows. One statement, so one snapshot: the answer is always exact. Pure.

import { LIMITS } from '../../contracts.ts';
import { rollupCondition, rowCondition, rowFiltersOf, timeRangeOf } from './filters.ts';
import type { Filters } from './parameters.ts';
import { BY_TIME, boundedCountQuery, type FiguresWay, walkedFilters } from './reach.ts';
import { constant, joinSql, type Query, type Sql, sql } from './sql.ts';
import { type DayRange, splitRange, touchedDays } from './time-range.ts';

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

export interface Bounded {
  /** False when more rows would have to be read than one request may: the figures are of none, then. */
  readonly is_within: boolean;
}

export interface DayFiguresRow extends FiguresRow {
  readonly day: string;
}

export function isOfDay<Row extends { readonly day: string | null }>(
  row: Row,
): row is Row & { readonly day: string } {
  return row.day !== null;
}

export function countQuery(filters: Filters): Query<{ readonly count: string }> {
  return sql`select coalesce(sum(outcomes), 0) as count from (${source(filters, 'kept', false)}) as figures`;
}

/** The same of a list that one index serves: where no rollup knows it, up to what an index may read and one more. */
export function servedCountQuery(filters: Filters): Query<{ readonly count: string }> {
  return rowFiltersOf(filters).length === 0
    ? countQuery(filters)
    : boundedCountQuery(filters, LIMITS.indexReadMax);
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
      from (${source(filters, 'kept', true)}) as figures group by day
    ) as days
    where reached > ${offset}::bigint order by reached limit 1`;
}

/**
 * In a list by timestamp whose filters its index does not know whole: about how many rows lie between the start of this day
 * (or of the list) and the row so many matches on, by the days' shares.
 */
export function passedOverQuery(
  filters: Filters,
  isDescending: boolean,
  matches: number,
): Query<{ readonly rows: string }> {
  const direction = isDescending ? sql`desc` : sql`asc`;
  const days = touchedDays(timeRangeOf(filters));
  const [table] = rollupTables(filters);
  return sql`select coalesce(sum(
      outcomes * least(1, (${matches}::numeric - found_before) / nullif(matching, 0))
    ), 0)::bigint as rows
    from (
      select sum(outcomes) as outcomes, sum(outcomes) filter (where ${rollupCondition(filters, days)}) as matching,
        coalesce(sum(sum(outcomes) filter (where ${rollupCondition(filters, days)})) over (
          order by day ${direction} rows between unbounded preceding and 1 preceding
        ), 0) as found_before
      from ${table} where ${rollupCondition(walkedFilters(filters, BY_TIME), days)} group by day
    ) as days
    where found_before < ${matches}::numeric`;
}

/** One row of all together, first; then one a currency. */
export function statsQuery(
  filters: Filters,
  reach: Reach,
  way?: FiguresWay,
): Query<FiguresRow & Bounded> {
  return sql`${gateOf(way)}select currency, ${MEASURES}, ${isWithin(way)} from (${source(filters, reach, false, way)}) as figures
    group by grouping sets ((), (currency)) order by grouping(currency) desc, currency`;
}

/** The same for each day, newest day first; one row without a day where there is none. */
export function dailyStatsQuery(
  filters: Filters,
  reach: Reach,
  way?: FiguresWay,
): Query<FiguresRow & Bounded & { readonly day: string | null }> {
  return sql`${gateOf(way)}select days.*${isGated(way) ? sql`, ${isWithin(way)}` : sql``} from (values (1)) as always left join (
      select day, currency, ${MEASURES}, grouping(currency) as of_all${isGated(way) ? sql`` : sql`, ${isWithin(way)}`}
      from (${source(filters, reach, true, way)}) as figures
      group by grouping sets ((day), (day, currency))
    ) as days on true
    order by day desc, of_all desc, currency`;
}

type Gated = Extract<FiguresWay, { gate: Sql }>;

function isGated(way: FiguresWay | undefined): way is Gated {
  return way !== undefined && 'gate' in way;
}

/** Found out before any row is read: what depends on it is not begun when it is false. */
function gateOf(way: FiguresWay | undefined): Sql {
  return isGated(way) ? sql`with reach as materialized (select ${way.gate} as is_within) ` : sql``;
}

/** Each outcome stands in two of the grouping sets. */
function isWithin(way: FiguresWay | undefined): Sql {
  if (way === undefined) return sql`true as is_within`;
  if ('gate' in way) return sql`(select is_within from reach) as is_within`;
  return sql`coalesce(sum(sum(outcomes)) over () <= ${constant(2 * way.rowsMax)}, true) as is_within`;
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

function source(filters: Filters, reach: Reach, isByDay: boolean, way?: FiguresWay): Sql {
  if (rowFiltersOf(filters).length > 0) {
    const gate = isGated(way) ? sql` and (select is_within from reach)` : sql``;
    const limit = way !== undefined && !isGated(way) ? constant(way.rowsMax + 1) : undefined;
    return rows(sql`${rowCondition(filters)}${gate}`, isByDay, limit);
  }
  const { days, ends } = splitRange(timeRangeOf(filters));
  const parts = [
    ...(days ? rollups(filters, days, reach) : []),
    ...ends.map((range) => rows(rowCondition(filters, range), isByDay)),
  ];
  return parts.length === 0 ? rows(sql`false`, isByDay) : joinSql(parts, sql` union all `);
}

/** Summed by what the measures ask for, as the rollups are: what is left to do is little, however many the rows. */
function rows(condition: Sql, isByDay: boolean, limit?: Sql): Sql {
  const day = isByDay ? sql`("timestamp" at time zone 'UTC')::date` : sql`null::date`;
  const chosen = sql`auction_outcomes where ${condition}`;
  return sql`select ${day} as day, currency, win_status, enriched, count(*) as outcomes,
    sum(win_price) as win_price_sum, sum(bid_price) as bid_price_sum
    from ${limit === undefined ? chosen : sql`(select * from ${chosen} limit ${limit}) as chosen`}
    group by ${isByDay ? sql`1, ` : sql``}currency, win_status, enriched`;
}

function rollups(filters: Filters, days: DayRange, reach: Reach): Sql[] {
  const [kept, dropped] = rollupTables(filters);
  const tables = reach === 'kept' ? [kept] : [kept, dropped];
  const condition = rollupCondition(filters, days);
  return tables.map(
    (
      table,
    ) => sql`select day, currency, win_status, enriched, outcomes, win_price_sum, bid_price_sum
      from ${table} where ${condition}`,
  );
}

function rollupTables({ site_domain }: Filters): readonly [kept: Sql, dropped: Sql] {
  return site_domain === undefined
    ? [sql`outcome_days`, sql`dropped_outcome_days`]
    : [sql`outcome_site_days`, sql`dropped_outcome_site_days`];
}
