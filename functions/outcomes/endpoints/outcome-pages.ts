// A list of outcomes: by page number, by cursor, or whole as an export.
import { LIMITS } from '../../contracts.ts';
import type { ApiRequest } from '../query/api-request.ts';
import { decodeCursor, encodeCursor } from '../query/cursor.ts';
import { countQuery } from '../query/figures-query.ts';
import { type Ordering, readOrdering } from '../query/ordering.ts';
import {
  allQuery,
  DETAIL_COLUMNS,
  pageQuery,
  positionQuery,
  type Selection,
  SUMMARY_COLUMNS,
  type SummaryRow,
  sortKeysOf,
} from '../query/outcomes-query.ts';
import type { Filters, ListParameters } from '../query/parameters.ts';
import type { Query } from '../query/sql.ts';
import { type Answer, badParameters, jsonAnswer, notFound } from '../respond/answer.ts';
import { CONTENT_TYPES, type ExportFormat, exportText } from '../respond/export.ts';
import { linkWith } from '../respond/links.ts';
import type { Format } from '../respond/media.ts';
import { renderSummary } from '../respond/outcome.ts';
import type { OutcomesStore } from '../store/outcomes-store.ts';

interface Listing {
  readonly request: ApiRequest;
  readonly parameters: ListParameters & Filters;
  readonly store: OutcomesStore;
}

interface Page<Row> {
  readonly count?: number;
  readonly next: string | null;
  readonly previous: string | null;
  readonly rows: readonly Row[];
}

const LAST_PAGE = 'last';

export async function answerList(listing: Listing, format: Format): Promise<Answer> {
  if (format === 'csv' || format === 'ndjson') return answerExport(listing, format);
  const { rows, ...page } = await readPage(listing, SUMMARY_COLUMNS);
  return jsonAnswer(200, { ...page, results: rows.map(renderSummary) });
}

/** All that match; or one page, when the request asks for one: then the links are in a header. */
async function answerExport(listing: Listing, format: ExportFormat): Promise<Answer> {
  const { page, page_size, cursor } = listing.parameters;
  const headers = {
    'content-type': CONTENT_TYPES[format],
    'content-disposition': `attachment; filename="outcomes.${format}"`,
  };
  if ([page, page_size, cursor].every((parameter) => parameter === undefined)) {
    const batches = listing.store.stream(allQuery(selectionOf(listing, DETAIL_COLUMNS)));
    return { status: 200, headers, body: exportText(format, batches) };
  }
  const { rows, next, previous } = await readPage(listing, DETAIL_COLUMNS);
  const links = [next && `<${next}>; rel="next"`, previous && `<${previous}>; rel="prev"`];
  const link = links.filter((one) => one !== null).join(', ');
  return {
    status: 200,
    headers: link ? { ...headers, link } : headers,
    body: exportText(format, [rows]),
  };
}

async function readPage<Row extends SummaryRow>(
  listing: Listing,
  columns: Query<Row>,
): Promise<Page<Row>> {
  const { page, cursor } = listing.parameters;
  if (cursor === undefined) return numberedPage(listing, columns);
  if (page !== undefined) throw badParameters({ page: ['Not available with cursor.'] });
  return cursorPage(listing, columns);
}

/** Count and rows are of one moment, or a page could contradict its own count. */
function numberedPage<Row extends SummaryRow>(
  listing: Listing,
  columns: Query<Row>,
): Promise<Page<Row>> {
  const { request, parameters, store } = listing;
  const size = parameters.page_size ?? LIMITS.pageSizeDefault;
  return store.snapshot(async (rows) => {
    const [figures] = await rows(countQuery(parameters));
    const count = Number(figures?.count);
    const pages = Math.max(Math.ceil(count / size), 1);
    const number = readPageNumber(parameters.page, pages);
    const page = { size, offset: (number - 1) * size };
    const linkTo = (target: number) =>
      linkWith(request, 'page', target === 1 ? undefined : String(target));
    return {
      count,
      next: number < pages ? linkTo(number + 1) : null,
      previous: number > 1 ? linkTo(number - 1) : null,
      rows: await rows(pageQuery(selectionOf(listing, columns), page)),
    };
  });
}

function readPageNumber(text: string | undefined, pages: number): number {
  if (text === undefined || text === '') return 1;
  if (text === LAST_PAGE) return pages;
  const number = /^\s*\d+\s*$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > pages) throw notFound('Invalid page.');
  return number;
}

async function cursorPage<Row extends SummaryRow>(
  listing: Listing,
  columns: Query<Row>,
): Promise<Page<Row>> {
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

function readCursor(text: string | undefined, ordering: Ordering) {
  if (!text) return undefined;
  const position = decodeCursor(ordering, text);
  if (!position) throw notFound('Invalid cursor');
  return position;
}

function selectionOf<Row>({ parameters }: Listing, columns: Query<Row>): Selection<Row> {
  const { ordering = [] } = parameters;
  return { columns, filters: parameters, ordering: readOrdering(ordering) };
}
