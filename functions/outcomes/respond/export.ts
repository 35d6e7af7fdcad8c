// Outcomes as CSV (RFC 4180) or NDJSON, piece by piece: a whole table passes without being held. Money is a
// number in both, with every digit. Pure.
import type { DetailRow } from '../query/outcomes-query.ts';
import { CSV_CONTENT_TYPE, csvLine } from './csv.ts';
import { renderDetail } from './outcome.ts';

export type ExportFormat = 'csv' | 'ndjson';

export const CONTENT_TYPES: Readonly<Record<ExportFormat, string>> = {
  csv: CSV_CONTENT_TYPE,
  ndjson: 'application/x-ndjson',
};

const FIELDS = [
  ...['id', 'bid_id', 'user_id', 'site_domain', 'win_status', 'win_price', 'bid_price'],
  ...['currency', 'enriched', 'timestamp', 'auction_timestamp', 'user_interests', 'is_winner'],
  ...['profit_margin', 'created_at', 'updated_at'],
];
/** No line is shorter, in either format: empty texts, prices of one digit, times without a fraction. */
export const LEAST_LINE_BYTES = 90;
/** What a spreadsheet takes for a formula, or may: https://owasp.org/www-community/attacks/CSV_Injection */
const FORMULA = /^[=+\-@\t\r]/;
/** Fields whose text is somebody's own; the others are numbers, times and flags. */
const FREE_TEXTS = new Set([
  ...['bid_id', 'user_id', 'site_domain', 'currency', 'user_interests', 'raw_data'],
]);

export interface ExportForm {
  readonly format: ExportFormat;
  readonly hasRawData: boolean;
  /** Text that a spreadsheet would run has a `'` before it. */
  readonly isSpreadsheetSafe: boolean;
}

export async function* exportText(
  { format, hasRawData, isSpreadsheetSafe }: ExportForm,
  batches: AsyncIterable<readonly DetailRow[]> | Iterable<readonly DetailRow[]>,
): AsyncGenerator<string> {
  const fields = hasRawData ? [...FIELDS, 'raw_data'] : FIELDS;
  const toLine = format === 'csv' ? outcomeLine(fields, isSpreadsheetSafe) : ndjsonLine;
  // The header waits for the first rows: what fails before them can still be told by the status.
  let header = format === 'csv' ? csvLine(fields) : '';
  for await (const rows of batches) {
    yield header + rows.map(toLine).join('');
    header = '';
  }
}

function ndjsonLine(row: DetailRow): string {
  const prices = {
    win_price: JSON.rawJSON(row.win_price),
    bid_price: JSON.rawJSON(row.bid_price),
  };
  return `${JSON.stringify({ ...renderDetail(row), ...prices })}\n`;
}

const outcomeLine = (fields: readonly string[], isSafe: boolean) => (row: DetailRow) => {
  const outcome = renderDetail(row);
  const texts = fields.map((field) => {
    const text = csvText(outcome[field]);
    return isSafe && FREE_TEXTS.has(field) && FORMULA.test(text) ? `'${text}` : text;
  });
  return csvLine(texts);
};

/** Text as it is, `null` as nothing, all else as its JSON. */
function csvText(value: unknown): string {
  return typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value);
}
