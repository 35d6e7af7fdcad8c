// Filters → conditions on the rows or on the rollups. Pure.
import { DAY, type Microseconds, toStored } from './instant.ts';
import type { Filters } from './parameters.ts';
import { joinSql, type Sql, sql } from './sql.ts';
import type { DayRange, TimeRange } from './time-range.ts';

/** What only the rows know: a question that names one cannot be answered from the rollups. */
const ROW_FILTERS = ['user_id', 'bid_id', 'min_price', 'max_price'] as const;

export function rowFiltersOf(filters: Filters): string[] {
  return ROW_FILTERS.filter((name) => filters[name] !== undefined);
}

export function timeRangeOf({ timestamp_after, timestamp_before }: Filters): TimeRange {
  return { first: timestamp_after, last: timestamp_before };
}

/** The same filters from this day on, in time or, descending, back in time. */
export function fromDayOn(filters: Filters, day: Microseconds, isDescending: boolean): Filters {
  const { timestamp_after: first, timestamp_before: last } = filters;
  const dayEnd = day + DAY - 1n;
  return isDescending
    ? { ...filters, timestamp_before: last === undefined || last > dayEnd ? dayEnd : last }
    : { ...filters, timestamp_after: first === undefined || first < day ? day : first };
}

export function rowCondition(filters: Filters, range = timeRangeOf(filters)): Sql {
  return allOf([
    ...sharedConditions(filters),
    ...when(filters.user_id, (value) => sql`user_id = ${value}`),
    ...when(filters.bid_id, (value) => sql`bid_id = ${value}`),
    ...when(filters.min_price, (value) => sql`win_price >= ${value}::numeric`),
    ...when(filters.max_price, (value) => sql`win_price <= ${value}::numeric`),
    ...when(range.first, (value) => sql`"timestamp" >= ${toStored(value)}::timestamptz`),
    ...when(range.last, (value) => sql`"timestamp" <= ${toStored(value)}::timestamptz`),
  ]);
}

export function rollupCondition(filters: Filters, days: DayRange): Sql {
  return allOf([
    ...sharedConditions(filters),
    ...when(days.from, (value) => sql`day >= ${dayOf(value)}`),
    ...when(days.to, (value) => sql`day < ${dayOf(value)}`),
  ]);
}

/** By number, for a date's text ends with the year 9999 and the end of that year is a day more. */
function dayOf(daysSince1970: bigint): Sql {
  return sql`date '1970-01-01' + ${daysSince1970.toString()}::integer`;
}

export function allOf(conditions: readonly Sql[]): Sql {
  return conditions.length === 0 ? sql`true` : joinSql(conditions, sql` and `);
}

function sharedConditions({ site_domain, currency, win_status, enriched, isWin }: Filters): Sql[] {
  return [
    ...when(site_domain, (value) => sql`site_domain = ${value}`),
    ...when(currency, (value) => sql`currency = ${value}`),
    ...when(win_status, (value) => sql`win_status = ${value}`),
    ...when(enriched, (value) => sql`enriched = ${value}`),
    ...when(isWin, () => sql`win_status`),
  ];
}

function when<T>(value: T | undefined, condition: (value: T) => Sql): Sql[] {
  return value === undefined ? [] : [condition(value)];
}
