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
  /** That may match by what the rollups know; 0 says that none does. */
  readonly matching: string;
}

export const BY_TIME: Ordering = [{ field: 'timestamp', isDescending: true }];

type FilterName = keyof Filters;
const PRICES = ['min_price', 'max_price'] as const;
const TIMES = ['timestamp_after', 'timestamp_before'] as const;
const OF_USER = ['user_id', ...TIMES] as const;
const LED = ['site_domain', 'win_status', 'isWin', ...TIMES] as const;
const FLAGS = ['currency', 'win_status', 'isWin', 'enriched'] as const;

/** Each of its counts ends at the bound: it costs no more, whatever the table holds. */
export function reachQuery(filters: Filters): Query<Reach> {
  const bound = LIMITS.rowsReadMax;
  const { user_id, bid_id, min_price, max_price } = filters;
  const isPriced = min_price !== undefined || max_price !== undefined;
  const ofUser = user_id === undefined ? [] : [counted(only(filters, OF_USER), bound)];
  const ofBid = bid_id === undefined ? [] : [counted(only(filters, ['bid_id']), bound)];
  const ofPrice = isPriced ? [counted(only(filters, PRICES), bound)] : [];
  const led = only(filters, LED);
  return sql`select least(${joinSql([rolledUp(led), ...ofUser, ...ofBid, ...ofPrice], sql`, `)}) as rows,
    ${rolledUp(only(filters, ['site_domain', ...FLAGS, ...TIMES]))} as matching`;
}

/** How many rows a list has that one index serves, up to so many and one more. */
export function boundedCountQuery(
  filters: Filters,
  bound: number,
): Query<{ readonly count: string }> {
  return sql`select count from ${counted(filters, bound)} as rows (count)`;
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

/** One way for figures of rows to read few enough of them. */
export type FiguresWay =
  /** The filters lead to the rows and to no others, so that counting them is summing them: up to so many. */
  | { readonly rowsMax: number }
  /** As SQL, which is true when they are few: found out before any of them is read. */
  | { readonly gate: Sql };

/**
 * To be tried in turn: the first is the cheapest to find out, and each is a statement of its own, as asking for all of them
 * at once takes longer to plan than most take to answer. The user's and the price's index hold all that is summed, but for a
 * site or a bid the rows themselves are needed.
 */
export function figuresWays(filters: Filters): readonly [FiguresWay, ...FiguresWay[]] {
  if (filters.user_id !== undefined && namesOf(filters).every((name) => isOf(OF_USER, name))) {
    return [{ rowsMax: LIMITS.indexReadMax }];
  }
  const isCovered = filters.bid_id === undefined && filters.site_domain === undefined;
  const bound = isCovered ? LIMITS.indexReadMax : LIMITS.rowsReadMax;
  const byIndex = (...names: FilterName[]) => {
    const isAsked = names.some((name) => !isOf(TIMES, name) && filters[name] !== undefined);
    return isAsked ? [atMost(counted(only(filters, names), bound), bound)] : [];
  };
  const led = only(filters, LED);
  const byDays = atMost(rolledUp(led), LIMITS.rowsReadMax);
  const isLed = namesOf(led).length > 0;
  const [first = byDays, ...others] = [
    ...byIndex(...OF_USER),
    ...byIndex('bid_id'),
    ...(isLed ? [byDays] : []),
    ...byIndex(...PRICES),
    ...(isLed ? [] : [byDays]),
  ];
  return [{ gate: first }, ...others.map((gate) => ({ gate }))];
}

function atMost(count: Sql, max: number): Sql {
  return sql`${count} <= ${max}::bigint`;
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
