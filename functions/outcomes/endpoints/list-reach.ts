// How a list is read so that no request reads more than so many rows: in an index's order, by sorting the few that the
// filters leave, or by walking an index over a bounded stretch. What is none of these is refused, with what is cheap.
import { LIMITS } from '../../contracts.ts';
import { type Bounded, countQuery, servedCountQuery } from '../query/figures-query.ts';
import { rowFiltersOf } from '../query/filters.ts';
import type { Selection } from '../query/outcomes-query.ts';
import type { Filters } from '../query/parameters.ts';
import {
  exportReachQuery,
  type FiguresWay,
  figuresWays,
  isServed,
  isWalkable,
  reachQuery,
} from '../query/reach.ts';
import type { Query } from '../query/sql.ts';
import { ApiError } from '../respond/answer.ts';
import type { ReadRows } from '../store/outcomes-store.ts';

export type Way = 'served' | 'sorted' | 'walked' | 'empty';

/** @throws {ApiError} 400 when there is none. */
export async function wayOf(
  rows: ReadRows,
  { filters, ordering }: Selection<unknown>,
): Promise<Way> {
  if (isServed(filters, ordering)) return 'served';
  const [reach] = await rows(reachQuery(filters, ordering));
  if (!reach?.may_match) return 'empty';
  if (reach.is_few) return 'sorted';
  if (!isWalkable(ordering)) throw tooManyRows('put in this order');
  return 'walked';
}

/** A list that is sent whole may pass over so many rows for each that it sends. */
const PASSED_OVER_MAX = 20;

/** @throws {ApiError} 400 when much more would be read than sent. */
export async function checkExport(
  rows: ReadRows,
  { filters, ordering }: Selection<unknown>,
): Promise<void> {
  if (isServed(filters, ordering)) return;
  const [reach] = await rows(reachQuery(filters, ordering, LIMITS.rowsTogetherMax));
  if (!reach?.may_match || reach.is_few) return;
  if (ordering[0].field === 'timestamp' && rowFiltersOf(filters).length === 0) {
    const [list] = await rows(exportReachQuery(filters));
    if (Number(list?.rows) <= PASSED_OVER_MAX * Number(list?.matching)) return;
  }
  throw tooManyRows('put in this order');
}

/** How many rows the list has at least, without reading it. */
export async function leastCountOf(rows: ReadRows, filters: Filters): Promise<number> {
  if (rowFiltersOf(filters).length > 0) return 0;
  const [figures] = await rows(countQuery(filters));
  return Number(figures?.count);
}

/** @throws {ApiError} 400 when counting would read too much. */
export async function countOf(rows: ReadRows, filters: Filters, way: Way): Promise<number> {
  if (way === 'empty') return 0;
  const isRolledUp = rowFiltersOf(filters).length === 0;
  if (way === 'walked' && !isRolledUp) throw tooManyRows('counted');
  const query = way === 'served' ? servedCountQuery(filters) : countQuery(filters);
  const [figures] = await rows(query);
  return way === 'served' ? servedCount(filters, figures?.count) : Number(figures?.count);
}

/** @throws {ApiError} 400 when there are more than were counted. */
export function servedCount(filters: Filters, count: string | undefined): number {
  const isRolledUp = rowFiltersOf(filters).length === 0;
  if (!isRolledUp && Number(count) > LIMITS.indexReadMax) throw tooManyRows('counted');
  return Number(count);
}

/** @throws {ApiError} 400 when summing would have read too many rows; what the rollups answer is never refused. */
export async function readFigures<Row extends Bounded & object>(
  rows: ReadRows,
  filters: Filters,
  query: (way?: FiguresWay) => Query<Row>,
): Promise<readonly Row[]> {
  if (rowFiltersOf(filters).length === 0) return rows(query());
  for (const way of figuresWays(filters)) {
    const figures = await rows(query(way));
    if (figures[0]?.is_within !== false) return figures;
  }
  throw tooManyRows('summed');
}

export function tooManyRows(purpose: string): ApiError {
  const detail =
    `More outcomes would have to be read to be ${purpose} than one request may. Narrow timestamp_after and timestamp_before ` +
    `until they hold at most ${LIMITS.rowsTogetherMax.toLocaleString('en-US')}, or walk the list by cursor in the order of -timestamp.`;
  return new ApiError(400, { detail });
}

export function tooDeep(): ApiError {
  const detail =
    `This page is more than ${LIMITS.offsetMax.toLocaleString('en-US')} outcomes away from both ends of the list. ` +
    'Walk the list by cursor, or narrow it by timestamp_after and timestamp_before.';
  return new ApiError(400, { detail });
}
