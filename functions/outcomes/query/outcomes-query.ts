// The rows themselves: one, a page by number, a page by position, all. Pure.

import { LIMITS } from '../../contracts.ts';
import type { Position } from './cursor.ts';
import { allOf, rowCondition } from './filters.ts';
import { fromStored, toStored } from './instant.ts';
import { type Ordering, reversed, type SortKey } from './ordering.ts';
import type { Filters } from './parameters.ts';
import { walkedFilters, walkedRowsMax } from './reach.ts';
import { joinSql, type Query, type Sql, sql } from './sql.ts';

/** What a list shows, and what the rows are sorted by. Numbers and times as PostgreSQL writes them. */
export interface SummaryRow {
  readonly id: string;
  readonly bid_id: string;
  readonly user_id: string;
  readonly win_status: boolean;
  readonly win_price: string;
  readonly bid_price: string;
  readonly timestamp: string;
  readonly created_at: string;
}

export interface DetailRow extends SummaryRow {
  readonly site_domain: string;
  readonly currency: string;
  readonly enriched: boolean;
  readonly auction_timestamp: string | null;
  /** JSON text. */
  readonly user_interests: string;
  /** The bid less the price of a win, 0 for a loss. */
  readonly profit_margin: string;
  readonly updated_at: string;
  /** JSON text; where it was asked for. */
  readonly raw_data?: string;
}

export const SUMMARY_COLUMNS: Query<SummaryRow> = sql`id, bid_id, user_id, win_status, win_price,
  bid_price, "timestamp", created_at`;
export const DETAIL_COLUMNS: Query<DetailRow> = sql`${SUMMARY_COLUMNS}, site_domain, currency, enriched,
  auction_timestamp, user_interests::text as user_interests, updated_at,
  case when win_status then bid_price - win_price else 0 end as profit_margin`;
/** With the message as it came in, which may be as large as Kafka allows. */
export const RAW_COLUMNS: Query<DetailRow> = sql`${DETAIL_COLUMNS}, raw_data::text as raw_data`;

export interface Selection<Row> {
  readonly columns: Query<Row>;
  readonly filters: Filters;
  readonly ordering: Ordering;
}

/** By a function of the schema, which knows in which months to look. */
export function outcomeQuery(id: bigint, filters: Filters): Query<DetailRow> {
  return sql`select ${RAW_COLUMNS} from outcomes_of_id(${id.toString()}::bigint) as auction_outcomes
    where ${rowCondition(filters)}`;
}

/** The row that was recorded last. */
export function newestQuery(): Query<SummaryRow> {
  return sql`select ${SUMMARY_COLUMNS} from auction_outcomes order by id desc limit 1`;
}

export function allQuery<Row>({ columns, filters, ordering }: Selection<Row>): Query<Row> {
  return sql`select ${columns} from auction_outcomes
    where ${rowCondition(filters)} order by ${orderBy(ordering)}`;
}

export interface PageRange {
  readonly size: number;
  readonly offset: number;
}

export function pageQuery<Row>(selection: Selection<Row>, { size, offset }: PageRange): Query<Row> {
  const { filters, ordering } = selection;
  if (offset < LIMITS.plainOffsetMax) {
    return sql`${allQuery(selection)} limit ${size}::bigint offset ${offset}::bigint`;
  }
  return byKeys(
    selection,
    sql`select id, "timestamp" from auction_outcomes where ${rowCondition(filters)}
      order by ${orderBy(ordering)} limit ${size}::bigint offset ${offset}::bigint`,
  );
}

/** The same where the filters leave few rows: these are found first, by the filters' indexes, and sorted. */
export function sortedPageQuery<Row>(
  selection: Selection<Row>,
  { size, offset }: PageRange,
): Query<Row> {
  return byKeys(
    selection,
    sql`select id, "timestamp" from ${chosen(selection)}
      order by ${orderBy(selection.ordering)} limit ${size}::bigint offset ${offset}::bigint`,
  );
}

/** The rows after the position; backward, those before it, nearest first. Without one, the first. */
export function positionQuery<Row>(
  { columns, filters, ordering }: Selection<Row>,
  position: Position | undefined,
  limit: number,
): Query<Row> {
  const order = orderFrom(ordering, position);
  const conditions = [rowCondition(filters), ...(position ? [after(order, position.keys)] : [])];
  return sql`select ${columns} from auction_outcomes
    where ${allOf(conditions)} order by ${orderBy(order)} limit ${limit}::bigint`;
}

/** Few rows, as in `sortedPageQuery`, after the position. */
export function sortedPositionQuery<Row>(
  selection: Selection<Row>,
  position: Position | undefined,
  limit: number,
): Query<Row> {
  const order = orderFrom(selection.ordering, position);
  return byKeys(
    { ...selection, ordering: order },
    sql`select id, "timestamp" from ${chosen(selection)}
      where ${position ? after(order, position.keys) : sql`true`}
      order by ${orderBy(order)} limit ${limit}::bigint`,
  );
}

/** The rows after the position among so many of the index's, chosen by the filters that the index's order does not know. */
export function walkQuery<Row>(
  selection: Selection<Row>,
  position: Position | undefined,
  limit: number,
): Query<Row> {
  const ordering = orderFrom(selection.ordering, position);
  return byKeys(
    { ...selection, ordering },
    walkedKeys({ ...selection, ordering }, position, { size: limit, offset: 0 }),
  );
}

/** A page of what such a walk finds from the list's start; short where it ends before. */
export function walkedPageQuery<Row>(selection: Selection<Row>, range: PageRange): Query<Row> {
  return byKeys(selection, walkedKeys(selection, undefined, range));
}

function walkedKeys(
  { filters, ordering }: Selection<unknown>,
  position: Position | undefined,
  { size, offset }: PageRange,
): Sql {
  return sql`select id, "timestamp" from (
      select * from auction_outcomes where ${walkCondition(filters, ordering, position)}
      order by ${orderBy(ordering)} limit ${walkedRowsMax(filters, ordering)}::bigint
    ) as walked
    where ${rowCondition(filters)} order by ${orderBy(ordering)} limit ${size}::bigint offset ${offset}::bigint`;
}

/** What a row is sorted by. */
export type SortedRow = Readonly<Partial<Record<SortKey['field'], string>>>;

/** The row at which such a walk ends; none when it came to the list's end before. */
export function walkEndQuery(
  { filters, ordering }: Selection<unknown>,
  position: Position | undefined,
): Query<SortedRow> {
  const order = orderFrom(ordering, position);
  const keys = ordering.map(({ field }) => SORT_COLUMNS[field].column);
  return sql`select ${joinSql(keys, sql`, `)} from auction_outcomes where ${walkCondition(filters, order, position)}
    order by ${orderBy(order)} offset ${walkedRowsMax(filters, ordering) - 1}::bigint limit 1`;
}

/**
 * The rows of these keys. Finding only keys first leaves to the indexes what they hold: of the table itself no other
 * row is read, then. A limit for each, or the planner might read whole months to find a page's rows.
 */
function byKeys<Row>({ columns, ordering }: Selection<Row>, keys: Sql): Query<Row> {
  return sql`select found.* from (${keys}) as page (page_id, page_time), lateral (
      select ${columns} from auction_outcomes where id = page_id and "timestamp" = page_time limit 1
    ) as found
    order by ${orderBy(ordering)}`;
}

/** With an offset, or the planner might walk an index in the list's order instead. */
function chosen({ filters }: Selection<unknown>): Sql {
  return sql`(select * from auction_outcomes where ${rowCondition(filters)} offset 0) as chosen`;
}

function orderFrom(ordering: Ordering, position: Position | undefined): Ordering {
  return position?.isBackward ? reversed(ordering) : ordering;
}

function walkCondition(filters: Filters, order: Ordering, position: Position | undefined): Sql {
  const walked = rowCondition(walkedFilters(filters, order));
  return allOf([walked, ...(position ? [after(order, position.keys)] : [])]);
}

/** The sort keys of a row, as a cursor carries them. */
export function sortKeysOf(row: SortedRow, ordering: Ordering): string[] {
  return ordering.map(({ field }) => {
    const stored = row[field];
    if (stored === undefined)
      throw new RangeError(`A row of this order was read without ${field}.`);
    return SORT_COLUMNS[field].toKey(stored);
  });
}

interface SortColumn {
  readonly column: Sql;
  readonly toKey: (stored: string) => string;
  readonly fromKey: (key: string) => Sql;
}

const time = (column: Sql): SortColumn => ({
  column,
  toKey: (stored) => fromStored(stored).toString(),
  fromKey: (key) => sql`${toStored(BigInt(key))}::timestamptz`,
});
const number = (column: Sql, type: Sql): SortColumn => ({
  column,
  toKey: (stored) => stored,
  fromKey: (key) => sql`${key}::${type}`,
});

const SORT_COLUMNS: Readonly<Record<SortKey['field'], SortColumn>> = {
  timestamp: time(sql`"timestamp"`),
  created_at: time(sql`created_at`),
  win_price: number(sql`win_price`, sql`numeric`),
  bid_price: number(sql`bid_price`, sql`numeric`),
  id: number(sql`id`, sql`bigint`),
};

function orderBy(ordering: Ordering): Sql {
  const terms = ordering.map(({ field, isDescending }) => {
    const { column } = SORT_COLUMNS[field];
    return isDescending ? sql`${column} desc` : column;
  });
  return joinSql(terms, sql`, `);
}

/**
 * The rows that come after the keys in this order. Keys of one direction compare as a row, which an
 * index can follow; mixed ones compare one by one, where the first still bounds the index.
 */
function after(ordering: Ordering, keys: readonly string[]): Sql {
  const [first, second, ...others] = ordering;
  const isOneDirection = ordering.every(({ isDescending }) => isDescending === first.isDescending);
  const { column, fromKey } = SORT_COLUMNS[first.field];
  const [key = '', ...rest] = keys;
  const isAtOrBeyond = sql`${column} ${first.isDescending ? sql`<=` : sql`>=`} ${fromKey(key)}`;
  if (isOneDirection || !second) {
    const comparison = rowComparison(ordering, keys);
    // A comparison of rows says nothing of the months that may be left out.
    return first.field === 'timestamp' ? sql`${isAtOrBeyond} and ${comparison}` : comparison;
  }
  const isBeyond = first.isDescending ? sql`<` : sql`>`;
  return sql`${isAtOrBeyond}
    and (${column} ${isBeyond} ${fromKey(key)} or (${after([second, ...others], rest)}))`;
}

function rowComparison(ordering: Ordering, keys: readonly string[]): Sql {
  const columns = ordering.map(({ field }) => SORT_COLUMNS[field].column);
  const bounds = ordering.map(({ field }, index) => SORT_COLUMNS[field].fromKey(keys[index] ?? ''));
  const isBeyond = ordering[0].isDescending ? sql`<` : sql`>`;
  return sql`(${joinSql(columns, sql`, `)}) ${isBeyond} (${joinSql(bounds, sql`, `)})`;
}
