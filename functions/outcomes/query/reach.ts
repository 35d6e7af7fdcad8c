// How many rows a request would have to read, known before it reads them: from the rollups, and by counting in the indexes
// up to a bound. Pure.
import { LIMITS } from '../../contracts.ts';
import { rollupCondition, rowCondition, timeRangeOf } from './filters.ts';
import type { Ordering } from './ordering.ts';
import type { Filters } from './parameters.ts';
import { joinSql, type Query, type Sql, sql } from './sql.ts';
import { touchedDays } from './time-range.ts';

export interface Reach {
  /** That the best of the filters' indexes leads to, or of the rollups' days. */
  readonly rows: string;
  /** That the index of the user, or else of the price, leads to; `null` without such a filter. */
  readonly indexed: string | null;
  /** That may match by what the rollups know; 0 says that none does. */
  readonly matching: string;
}

export const BY_TIME: Ordering = [{ field: 'timestamp', isDescending: true }];

type FilterName = keyof Filters;
const PRICES = ['min_price', 'max_price'] as const;
const TIMES = ['timestamp_after', 'timestamp_before'] as const;
const LED = ['site_domain', 'win_status', 'isWin', ...TIMES] as const;
const FLAGS = ['currency', 'win_status', 'isWin', 'enriched'] as const;

/** Each of its counts ends at the bound: it costs no more, whatever the table holds. */
export function reachQuery(filters: Filters, bound: number = LIMITS.rowsReadMax): Query<Reach> {
  const { user_id, bid_id, min_price, max_price } = filters;
  const isPriced = min_price !== undefined || max_price !== undefined;
  const ofUser =
    user_id === undefined ? [] : [counted(only(filters, ['user_id', ...TIMES]), bound)];
  const ofBid = bid_id === undefined ? [] : [counted(only(filters, ['bid_id']), bound)];
  const ofPrice = isPriced ? [counted(only(filters, PRICES), bound)] : [];
  const indexed = ofUser[0] ?? ofPrice[0] ?? sql`null::bigint`;
  const led = only(filters, LED);
  return sql`select least(${joinSql([rolledUp(led), ...ofUser, ...ofBid, ...ofPrice], sql`, `)}) as rows,
    ${indexed} as indexed,
    ${rolledUp(only(filters, ['site_domain', ...FLAGS, ...TIMES]))} as matching`;
}

/** Whether one index has the list's rows in the list's order, and no others among them. */
export function isServed(filters: Filters, ordering: Ordering): boolean {
  const [{ field }] = ordering;
  const asked = namesOf(filters);
  if (field === 'timestamp') {
    const driving = drivingFilter(filters);
    return asked.every((name) => name === driving || isOf(TIMES, name));
  }
  if (ordering.length > 2) return false;
  return asked.every((name) => field === 'win_price' && isOf(PRICES, name));
}

/** Whether rows can be walked in an index's order, with others among them that the filters leave out. */
export function isWalkable(ordering: Ordering): boolean {
  return ordering[0].field === 'timestamp' || ordering.length <= 2;
}

/** Of the filters those that the index in the list's order knows. */
export function walkedFilters(filters: Filters, ordering: Ordering): Filters {
  const [{ field }] = ordering;
  if (field === 'win_price') return only(filters, PRICES);
  if (field !== 'timestamp') return {} as Filters;
  const driving = drivingFilter(filters);
  return only(filters, driving === undefined ? TIMES : [driving, ...TIMES]);
}

/**
 * Whether figures of these filters read few enough rows, as SQL; what is cheap to know comes first. The user's and the price's
 * index hold all that is summed, but for a site or a bid the rows themselves are needed.
 */
export function isWithinReach(filters: Filters): Sql {
  const { user_id, bid_id, site_domain } = filters;
  const isCovered = bid_id === undefined && site_domain === undefined;
  const bound = isCovered ? LIMITS.indexReadMax : LIMITS.rowsReadMax;
  const isPriced = PRICES.some((name) => filters[name] !== undefined);
  const atMost = (count: Sql, max: number) => sql`${count} <= ${max}::bigint`;
  const conditions = [
    atMost(rolledUp(only(filters, LED)), LIMITS.rowsReadMax),
    ...(bid_id === undefined ? [] : [atMost(counted(only(filters, ['bid_id']), bound), bound)]),
    ...(user_id === undefined
      ? []
      : [atMost(counted(only(filters, ['user_id', ...TIMES]), bound), bound)]),
    ...(isPriced ? [atMost(counted(only(filters, PRICES), bound), bound)] : []),
  ];
  return sql`(${joinSql(conditions, sql` or `)})`;
}

function drivingFilter(filters: Filters): FilterName | undefined {
  return (['user_id', 'site_domain', 'isWin', 'win_status'] as const).find(
    (name) => filters[name] !== undefined,
  );
}

function counted(filters: Filters, bound: number): Sql {
  return sql`(select count(*) from (
    select from auction_outcomes where ${rowCondition(filters)} limit ${bound + 1}::bigint
  ) as counted)`;
}

function rolledUp(filters: Filters): Sql {
  const table = filters.site_domain === undefined ? sql`outcome_days` : sql`outcome_site_days`;
  return sql`(select coalesce(sum(outcomes), 0)::bigint from ${table}
    where ${rollupCondition(filters, touchedDays(timeRangeOf(filters)))})`;
}

function namesOf(filters: Filters): FilterName[] {
  const all = [...TIMES, ...PRICES, ...FLAGS, 'user_id', 'site_domain', 'bid_id'] as const;
  return all.filter((name) => filters[name] !== undefined);
}

function only(filters: Filters, names: readonly FilterName[]): Filters {
  return Object.fromEntries(
    names.flatMap((name) => (filters[name] === undefined ? [] : [[name, filters[name]]])),
  ) as unknown as Filters;
}

function isOf(names: readonly FilterName[], name: FilterName): boolean {
  return names.includes(name);
}
