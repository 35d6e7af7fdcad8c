// A page by position. It costs the same wherever it is, and counts nothing.
import { LIMITS } from '../../contracts.ts';
import { decodeCursor, encodeCursor, type Position } from '../query/cursor.ts';
import type { Ordering } from '../query/ordering.ts';
import {
  positionQuery,
  type Selection,
  type SortedRow,
  type SummaryRow,
  sortedPositionQuery,
  sortKeysOf,
  walkEndQuery,
  walkQuery,
} from '../query/outcomes-query.ts';
import type { Query } from '../query/sql.ts';
import { notFound } from '../respond/answer.ts';
import { linkWith } from '../respond/links.ts';
import type { OutcomesStore } from '../store/outcomes-store.ts';
import { wayOf } from './list-reach.ts';
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
  const { found, stop } = await findRows(store, selection, { position, limit: size + 1 });
  const hasMore = found.length > size || stop !== undefined;
  const isBackward = position?.isBackward ?? false;
  const rows = isBackward ? found.slice(0, size).reverse() : found.slice(0, size);
  const hasNext = isBackward || hasMore;
  const hasPrevious = isBackward ? hasMore : position !== undefined;
  const atStop = (row: Row | undefined) => (found.length > size ? row : (stop ?? row));
  const [first, last] = isBackward
    ? [atStop(rows.at(0)), rows.at(-1)]
    : [rows.at(0), atStop(rows.at(-1))];
  const linkFrom = (row: SortedRow | undefined, backward: boolean) => {
    if (!row) return null;
    const keys = sortKeysOf(row, ordering);
    return linkWith(request, 'cursor', encodeCursor(ordering, { keys, isBackward: backward }));
  };
  return {
    next: hasNext ? linkFrom(last, false) : null,
    previous: hasPrevious ? linkFrom(first, true) : null,
    rows,
  };
}

interface Found<Row> {
  readonly found: readonly Row[];
  /** Where a walk came to its bound before the page was full: the next page goes on from there. */
  readonly stop?: SortedRow | undefined;
}

async function findRows<Row extends SummaryRow>(
  { rows, servedRows }: OutcomesStore,
  selection: Selection<Row>,
  { position, limit }: { readonly position: Position | undefined; readonly limit: number },
): Promise<Found<Row>> {
  const way = await wayOf(rows, selection);
  if (way === 'empty') return { found: [] };
  if (way === 'served')
    return { found: await servedRows(positionQuery(selection, position, limit)) };
  if (way === 'sorted') {
    return { found: await rows(sortedPositionQuery(selection, position, limit)) };
  }
  const found = await rows(walkQuery(selection, position, limit));
  if (found.length === limit) return { found };
  const [stop] = await rows(walkEndQuery(selection, position));
  return { found, stop };
}

/** @throws {ApiError} 404 */
function readCursor(text: string | undefined, ordering: Ordering) {
  if (!text) return undefined;
  const position = decodeCursor(ordering, text);
  if (!position) throw notFound('Invalid cursor');
  return position;
}
