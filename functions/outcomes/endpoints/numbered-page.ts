// A page by number, with the count. Both are of one moment, or a page could contradict its own count.
import { LIMITS } from '../../contracts.ts';
import { countQuery, dayOfOffsetQuery } from '../query/figures-query.ts';
import { fromDayOn, rowFiltersOf } from '../query/filters.ts';
import { fromStored } from '../query/instant.ts';
import { type PageRange, pageQuery, type Selection } from '../query/outcomes-query.ts';
import type { Query } from '../query/sql.ts';
import { notFound } from '../respond/answer.ts';
import { linkWith } from '../respond/links.ts';
import type { ReadRows } from '../store/outcomes-store.ts';
import { type Listing, type ListingPage, selectionOf } from './listing.ts';

const LAST_PAGE = 'last';

export function readNumberedPage<Row extends object>(
  listing: Listing,
  columns: Query<Row>,
): Promise<ListingPage<Row>> {
  const { request, parameters, store } = listing;
  const size = parameters.page_size ?? LIMITS.pageSizeDefault;
  return store.snapshot(async (rows) => {
    const [figures] = await rows(countQuery(parameters));
    const count = Number(figures?.count);
    const pages = Math.max(Math.ceil(count / size), 1);
    const number = readPageNumber(parameters.page, pages);
    const range = { size, offset: (number - 1) * size };
    const linkTo = (target: number) =>
      linkWith(request, 'page', target === 1 ? undefined : String(target));
    return {
      count,
      next: number < pages ? linkTo(number + 1) : null,
      previous: number > 1 ? linkTo(number - 1) : null,
      rows: await readRange(rows, selectionOf(listing, columns), range),
    };
  });
}

/** @throws {ApiError} 404 */
function readPageNumber(text: string | undefined, pages: number): number {
  if (text === undefined || text === '') return 1;
  if (text === LAST_PAGE) return pages;
  const number = /^\s*\d+\s*$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > pages) throw notFound('Invalid page.');
  return number;
}

/** A page far down a list by time starts at its own day: the rollups say what it may pass over. */
async function readRange<Row extends object>(
  rows: ReadRows,
  selection: Selection<Row>,
  range: PageRange,
): Promise<readonly Row[]> {
  const { filters, ordering } = selection;
  const [{ field, isDescending }] = ordering;
  const isByDay = field === 'timestamp' && rowFiltersOf(filters).length === 0;
  if (!isByDay || range.offset < LIMITS.plainOffsetMax) return rows(pageQuery(selection, range));

  const [start] = await rows(dayOfOffsetQuery(filters, isDescending, range.offset));
  if (!start) throw new RangeError(`No day holds row ${range.offset}, which the count includes.`);
  const fromDay = {
    ...selection,
    filters: fromDayOn(filters, fromStored(start.day), isDescending),
  };
  return rows(pageQuery(fromDay, { ...range, offset: range.offset - Number(start.before) }));
}
