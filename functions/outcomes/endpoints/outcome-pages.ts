// A list of outcomes: a page by number or by cursor, or as an export all that match.
import {
  allQuery,
  DETAIL_COLUMNS,
  RAW_COLUMNS,
  SUMMARY_COLUMNS,
  type SummaryRow,
} from '../query/outcomes-query.ts';
import type { Query } from '../query/sql.ts';
import { type Answer, conflictingParameters, jsonAnswer } from '../respond/answer.ts';
import {
  CONTENT_TYPES,
  type ExportFormat,
  exportText,
  LEAST_LINE_BYTES,
} from '../respond/export.ts';
import type { Format } from '../respond/media.ts';
import { renderSummary } from '../respond/outcome.ts';
import { readCursorPage } from './cursor-page.ts';
import { checkExport, leastCountOf } from './list-reach.ts';
import { type Listing, type ListingPage, selectionOf } from './listing.ts';
import { readNumberedPage } from './numbered-page.ts';

export async function answerList(listing: Listing, format: Format): Promise<Answer> {
  if (format === 'csv' || format === 'ndjson') return answerExport(listing, format);
  if (listing.parameters.include_raw_data === true) {
    throw conflictingParameters({
      include_raw_data: ['Only available with format=csv or format=ndjson.'],
    });
  }
  const { rows, ...page } = await readPage(listing, SUMMARY_COLUMNS);
  return jsonAnswer(200, { ...page, results: rows.map(renderSummary) });
}

/** All that match; or one page, when the request asks for one: then the links are in a header. */
async function answerExport(listing: Listing, format: ExportFormat): Promise<Answer> {
  const { page, page_size, cursor, spreadsheet_safe, include_raw_data } = listing.parameters;
  const hasRawData = include_raw_data === true;
  const columns = hasRawData ? RAW_COLUMNS : DETAIL_COLUMNS;
  const form = { format, hasRawData, isSpreadsheetSafe: spreadsheet_safe === true };
  const headers = {
    'content-type': CONTENT_TYPES[format],
    'content-disposition': `attachment; filename="outcomes.${format}"`,
  };
  if ([page, page_size, cursor].every((parameter) => parameter === undefined)) {
    const { parameters, store } = listing;
    const selection = selectionOf(listing, columns);
    await checkExport(store.rows, selection);
    const leastBytes = async () => LEAST_LINE_BYTES * (await leastCountOf(store.rows, parameters));
    const body = exportText(form, store.stream(allQuery(selection)));
    return { status: 200, headers, body, leastBytes };
  }
  const { rows, next, previous } = await readPage(listing, columns);
  const links = [next && `<${next}>; rel="next"`, previous && `<${previous}>; rel="prev"`];
  const link = links.filter((one) => one !== null).join(', ');
  return {
    status: 200,
    headers: link ? { ...headers, link } : headers,
    body: exportText(form, [rows]),
  };
}

async function readPage<Row extends SummaryRow>(
  listing: Listing,
  columns: Query<Row>,
): Promise<ListingPage<Row>> {
  const { page, cursor } = listing.parameters;
  if (cursor === undefined) return readNumberedPage(listing, columns);
  if (page !== undefined) throw conflictingParameters({ page: ['Not available with cursor.'] });
  return readCursorPage(listing, columns);
}
