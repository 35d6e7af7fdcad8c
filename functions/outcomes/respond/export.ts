// Outcomes as CSV (RFC 4180) or NDJSON, piece by piece: a whole table passes without being held. Pure.
import type { DetailRow } from '../query/outcomes-query.ts';
import { renderDetail } from './outcome.ts';

export type ExportFormat = 'csv' | 'ndjson';

export const CONTENT_TYPES: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8; header=present',
  ndjson: 'application/x-ndjson',
};

const FIELDS = [
  ...['id', 'bid_id', 'user_id', 'site_domain', 'win_status', 'win_price', 'bid_price'],
  ...['currency', 'enriched', 'timestamp', 'auction_timestamp', 'user_interests', 'is_winner'],
  ...['profit_margin', 'created_at', 'updated_at'],
];
const LINE_END = '\r\n';
/** No line is shorter, in either format: empty texts, prices of one digit, times without a fraction. */
export const LEAST_LINE_BYTES = 90;
const NEEDS_QUOTES = /[",\r\n]/;

export async function* exportText(
  format: ExportFormat,
  batches: AsyncIterable<readonly DetailRow[]> | Iterable<readonly DetailRow[]>,
): AsyncGenerator<string> {
  const toLine = format === 'csv' ? csvLine : ndjsonLine;
  // The header waits for the first rows: what fails before them can still be told by the status.
  let header = format === 'csv' ? FIELDS.join() + LINE_END : '';
  for await (const rows of batches) {
    yield header + rows.map(toLine).join('');
    header = '';
  }
}

function ndjsonLine(row: DetailRow): string {
  return `${JSON.stringify(renderDetail(row))}\n`;
}

function csvLine(row: DetailRow): string {
  const outcome = renderDetail(row);
  return FIELDS.map((field) => csvField(outcome[field])).join() + LINE_END;
}

/** Text as it is, `null` as nothing, all else as its JSON. */
function csvField(value: unknown): string {
  const text = typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value);
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
