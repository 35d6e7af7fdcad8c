// A page by position. It costs the same wherever it is, and counts nothing.
import { LIMITS } from '../../contracts.ts';
import { decodeCursor, encodeCursor } from '../query/cursor.ts';
import type { Ordering } from '../query/ordering.ts';
import { positionQuery, type SummaryRow, sortKeysOf } from '../query/outcomes-query.ts';
import type { Query } from '../query/sql.ts';
import { notFound } from '../respond/answer.ts';
import { linkWith } from '../respond/links.ts';
import { type Listing, type ListingPage, selectionOf } from './listing.ts';

export async function readCursorPage<Row extends SummaryRow>(
  listing: Listing,
  columns: Query<Row>,
): Promise<ListingPage<Row>> {
  const { request, parameters, store } = listing;
  const size = parameters.page_size ?? LIMITS.pageSizeDefault;
  const selection = selectionOf(listing, columns);
  const { ordering } = selection;
  const position = readCursor(parameters.cursor, ordering);
  // One row more than the page says whether there is another page.
  const found = await store.rows(positionQuery(selection, position, size + 1));
  const hasMore = found.length > size;
  const isBackward = position?.isBackward ?? false;
  const rows = isBackward ? found.slice(0, size).reverse() : found.slice(0, size);
  const hasNext = isBackward || hasMore;
  const hasPrevious = isBackward ? hasMore : position !== undefined;
  const linkFrom = (row: Row | undefined, backward: boolean) => {
    if (!row) return null;
    const keys = sortKeysOf(row, ordering);
    return linkWith(request, 'cursor', encodeCursor(ordering, { keys, isBackward: backward }));
  };
  return {
    next: hasNext ? linkFrom(rows.at(-1), false) : null,
    previous: hasPrevious ? linkFrom(rows.at(0), true) : null,
    rows,
  };
}

/** @throws {ApiError} 404 */
function readCursor(text: string | undefined, ordering: Ordering) {
  if (!text) return undefined;
  const position = decodeCursor(ordering, text);
  if (!position) throw notFound('Invalid cursor');
  return position;
}
