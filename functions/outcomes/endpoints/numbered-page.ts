// A page by number, with the count. Both are of one moment, or a page could contradict its own count.
import { LIMITS } from '../../contracts.ts';
import { dayOfOffsetQuery, passedOverQuery, servedCountQuery } from '../query/figures-query.ts';
import { fromDayOn, rowFiltersOf } from '../query/filters.ts';
import { fromStored } from '../query/instant.ts';
import { reversed } from '../query/ordering.ts';
import {
  type PageRange,
  pageQuery,
  type Selection,
  sortedPageQuery,
  walkedPageQuery,
} from '../query/outcomes-query.ts';
import { isServed, walkedRowsMax } from '../query/reach.ts';
import type { Query } from '../query/sql.ts';
import { notFound } from '../respond/answer.ts';
import { linkWith } from '../respond/links.ts';
import type { ReadRows } from '../store/outcomes-store.ts';
import { countOf, servedCount, tooDeep, tooManyRows, type Way, wayOf } from './list-reach.ts';
import { type Listing, type ListingPage, selectionOf } from './listing.ts';

const LAST_PAGE = 'last';

export async function readNumberedPage<Row extends object>(
  listing: Listing,
  columns: Query<Row>,
): Promise<ListingPage<Row>> {
  const { parameters, store } = listing;
  const size = parameters.page_size ?? LIMITS.pageSizeDefault;
  const selection = selectionOf(listing, columns);
  const range = nearRange(parameters.page, size);
  if (range && isServed(selection.filters, selection.ordering)) {
    const count = servedCountQuery(parameters);
    const [[figures], rows] = await store.together(count, pageQuery(selection, range));
    return pageOf(listing, size, servedCount(parameters, figures?.count), () => rows);
  }
  return store.snapshot(async (rows) => {
    const way = await wayOf(rows, selection);
    const count = await countOf(rows, parameters, way);
    return pageOf(listing, size, count, (range) =>
      readRange(rows, selection, range, { way, count }),
    );
  });
}

async function pageOf<Row>(
  { request, parameters }: Listing,
  size: number,
  count: number,
  read: (range: PageRange) => readonly Row[] | Promise<readonly Row[]>,
): Promise<ListingPage<Row>> {
  const pages = Math.max(Math.ceil(count / size), 1);
  const number = readPageNumber(parameters.page, pages);
  const linkTo = (target: number) =>
    linkWith(request, 'page', target === 1 ? undefined : String(target));
  return {
    count,
    next: number < pages ? linkTo(number + 1) : null,
    previous: number > 1 ? linkTo(number - 1) : null,
    rows: await read({ size, offset: (number - 1) * size }),
  };
}

/** Of a page near the list's start, which can be read beside the count; whether there is such a page the count says. */
function nearRange(page: string | undefined, size: number): PageRange | undefined {
  if (page === LAST_PAGE) return undefined;
  const offset = (readPageNumber(page, Number.POSITIVE_INFINITY) - 1) * size;
  return offset < LIMITS.plainOffsetMax ? { size, offset } : undefined;
}

/** @throws {ApiError} 404 */
function readPageNumber(text: string | undefined, pages: number): number {
  if (text === undefined || text === '') return 1;
  if (text === LAST_PAGE) return pages;
  const number = /^\s*\d+\s*$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > pages) throw notFound('Invalid page.');
  return number;
}

interface Reading {
  readonly way: Way;
  readonly count: number;
}

async function readRange<Row extends object>(
  rows: ReadRows,
  selection: Selection<Row>,
  range: PageRange,
  { way, count }: Reading,
): Promise<readonly Row[]> {
  const { filters, ordering } = selection;
  if (way === 'empty') return [];
  if (way === 'sorted') return rows(sortedPageQuery(selection, range));
  const isByDay = ordering[0].field === 'timestamp' && rowFiltersOf(filters).length === 0;
  if (isByDay) return readFromDay(rows, selection, range, way);
  return readFromNearerEnd(rows, selection, range, { way, count });
}

/** A page far down a list by time starts at its own day: the rollups say what it may pass over. */
async function readFromDay<Row extends object>(
  rows: ReadRows,
  selection: Selection<Row>,
  range: PageRange,
  way: Way,
): Promise<readonly Row[]> {
  const { filters, ordering } = selection;
  const [{ isDescending }] = ordering;
  const from = await startOf(rows, selection, range);
  const matches = from.range.offset + from.range.size;
  if (way === 'walked') {
    const query = passedOverQuery(from.selection.filters, isDescending, matches);
    const [passed] = await rows(query);
    if (Number(passed?.rows) > walkedRowsMax(filters, ordering)) throw tooManyRows('chosen from');
  } else if (matches > LIMITS.rowsTogetherMax) throw tooDeep();
  return rows(pageQuery(from.selection, from.range));
}

async function startOf<Row>(rows: ReadRows, selection: Selection<Row>, range: PageRange) {
  if (range.offset < LIMITS.plainOffsetMax) return { selection, range };
  const { filters, ordering } = selection;
  const [{ isDescending }] = ordering;
  const [start] = await rows(dayOfOffsetQuery(filters, isDescending, range.offset));
  if (!start) throw new RangeError(`No day holds row ${range.offset}, which the count includes.`);
  return {
    selection: { ...selection, filters: fromDayOn(filters, fromStored(start.day), isDescending) },
    range: { ...range, offset: range.offset - Number(start.before) },
  };
}

/** In an index's order one end is as near as the other. */
async function readFromNearerEnd<Row extends object>(
  rows: ReadRows,
  selection: Selection<Row>,
  { size, offset }: PageRange,
  { way, count }: Reading,
): Promise<readonly Row[]> {
  const after = Math.max(count - offset - size, 0);
  if (Math.min(offset, after) > LIMITS.offsetMax) throw tooDeep();
  const length = count - offset - after;
  const isFromStart = offset <= after;
  const query = way === 'walked' ? walkedPageQuery : pageQuery;
  const found = isFromStart
    ? await rows(query(selection, { size: length, offset }))
    : await rows(
        query(
          { ...selection, ordering: reversed(selection.ordering) },
          { size: length, offset: after },
        ),
      );
  // The walk came to its bound before the page was full.
  if (found.length < length) throw tooManyRows('chosen from');
  return isFromStart ? found : found.toReversed();
}
