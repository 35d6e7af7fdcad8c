// How many rows a request would have to read, known before it reads them: from the rollups, and by counting in the indexes
// up to a bound. Pure.
import { LIMITS } from '../../contracts.ts';
import { rollupCondition, rowCondition, timeRangeOf } from './filters.ts';
import type { Ordering } from './ordering.ts';
import type { Filters } from './parameters.ts';
import { joinSql, type Query, type Sql, sql } from './sql.ts';
import { touchedDays } from './time-range.ts';

export interface Reach {
  /** Whether the filters leave few enough rows to be read and sorted. */
  readonly is_few: boolean;
  /** False when the rollups know that no row matches. */
  readonly may_match: boolean;
}

export const BY_TIME: Ordering = [{ field: 'timestamp', isDescending: true }];

type FilterName = keyof Filters;
const PRICES = ['min_price', 'max_price'] as const;
const TIMES = ['timestamp_after', 'timestamp_before'] as const;
const OF_USER = ['user_id', ...TIMES] as const;
const OF_SITE = ['site_domain', ...TIMES] as const;
const OF_STATUS = ['win_status', 'isWin', ...TIMES] as const;
const LED = ['site_domain', 'win_status', 'isWin', ...TIMES] as const;
const OWNERS = ['user_id', 'site_domain'] as const;
type Owner = (typeof OWNERS)[number];
const FLAGS = ['currency', 'win_status', 'isWin', 'enriched'] as const;

/** Each of its counts ends at its bound: it costs no more, whatever the table holds. */
export function reachQuery(
  filters: Filters,
  ordering: Ordering,
  rowsMax: number = LIMITS.rowsReadMax,
): Query<Reach> {
  const gates = fewRows(filters, { ordering, rowsMax, entriesMax: LIMITS.rowsTogetherMax });
  return sql`select ${joinSql(gates, sql` or `)} as is_few,
    exists (select ${rolledUpRows(knownToRollups(filters))}) as may_match`;
}

/** Of an export by time: how many rows its index leads to, and how many of them are sent. */
export function exportReachQuery(
  filters: Filters,
): Query<{ readonly rows: string; readonly matching: string }> {
  return sql`select ${rolledUp(only(filters, LED))} as rows, ${rolledUp(knownToRollups(filters))} as matching`;
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

/** How many rows a walk may look through: where single rows of the table have to be fetched from anywhere, fewer. */
export function walkedRowsMax(filters: Filters, ordering: Ordering): number {
  const [{ field }] = ordering;
  const driving = field === 'timestamp' ? drivingFilter(filters) : undefined;
  const isOfOwner = isOwner(driving);
  // Rows stand in the table about as they came.
  const isAsStored = field === 'created_at' || (field === 'timestamp' && !isOfOwner);
  const isHeld = isHeldBy(isOfOwner ? driving : undefined, filters, ordering);
  return isAsStored || isHeld ? LIMITS.rowsTogetherMax : LIMITS.rowsReadMax;
}

/** One way for figures of rows to read few enough of them. */
export type FiguresWay =
  /** The filters lead to the rows and to no others, so that counting them is summing them: up to so many. */
  | { readonly rowsMax: number }
  /** As SQL, which is true when they are few: found out before any of them is read. */
  | { readonly gate: Sql };

/** To be tried in turn, each as a statement of its own: asking for all at once takes longer to plan than most take to answer. */
export function figuresWays(filters: Filters): readonly FiguresWay[] {
  if (filters.user_id !== undefined && namesOf(filters).every((name) => isOf(OF_USER, name))) {
    return [{ rowsMax: LIMITS.indexReadMax }];
  }
  const { rowsReadMax: rowsMax, indexReadMax: entriesMax } = LIMITS;
  const gates = fewRows(filters, { ordering: BY_TIME, rowsMax, entriesMax });
  return gates.map((gate) => ({ gate }));
}

interface Reading {
  readonly ordering: Ordering;
  /** From anywhere in the table. */
  readonly rowsMax: number;
  /** Of an index that holds all that is asked. */
  readonly entriesMax: number;
}

/** Each is true when it finds few enough rows to read; the cheapest to find out stands first. */
function fewRows(
  filters: Filters,
  { ordering, rowsMax, entriesMax }: Reading,
): readonly [Sql, ...Sql[]] {
  const max = (owner?: Owner) => (isHeldBy(owner, filters, ordering) ? entriesMax : rowsMax);
  const byIndex = (names: readonly FilterName[], bound: number) =>
    atMost(counted(only(filters, names), bound), bound);
  const byDays = (names: readonly FilterName[], bound: number) =>
    atMost(rolledUp(only(filters, names)), bound);
  const when = (names: readonly FilterName[], gate: () => Sql) =>
    names.some((name) => filters[name] !== undefined) ? [gate()] : [];
  const byTime = byDays(TIMES, LIMITS.rowsTogetherMax);
  const beforeTime = [
    ...when(['user_id'], () => byIndex(OF_USER, max('user_id'))),
    ...when(['bid_id'], () => byIndex(['bid_id'], rowsMax)),
    ...when(['site_domain'], () => byIndex(OF_SITE, max('site_domain'))),
  ];
  const afterTime = [
    ...when(PRICES, () => byIndex(PRICES, max())),
    ...when(['win_status', 'isWin'], () => byDays(OF_STATUS, rowsMax)),
  ];
  const isTimeCheap = when(TIMES, () => byTime).length > 0;
  const [first = byTime, ...others] = isTimeCheap
    ? [...beforeTime, byTime, ...afterTime]
    : [...beforeTime, ...afterTime, byTime];
  return [first, ...others];
}

/** Whether an index holds all that is asked, so that no row of the table is needed: the owner's own, or that of a price. */
function isHeldBy(owner: Owner | undefined, filters: Filters, ordering: Ordering): boolean {
  return (
    filters.bid_id === undefined &&
    OWNERS.every((name) => name === owner || filters[name] === undefined) &&
    ordering.every(({ field }) => field !== 'created_at')
  );
}

/** Every count here ends one beyond its bound. */
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
  return sql`(select coalesce(sum(outcomes), 0)::bigint ${rolledUpRows(filters)})`;
}

function rolledUpRows(filters: Filters): Sql {
  const table = filters.site_domain === undefined ? sql`outcome_days` : sql`outcome_site_days`;
  return sql`from ${table} where ${rollupCondition(filters, touchedDays(timeRangeOf(filters)))}`;
}

function knownToRollups(filters: Filters): Filters {
  return only(filters, ['site_domain', ...FLAGS, ...TIMES]);
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

function isOwner(name: FilterName | undefined): name is Owner {
  return name !== undefined && isOf(OWNERS, name);
}

function isOf(names: readonly FilterName[], name: FilterName): boolean {
  return names.includes(name);
}
