// Outcomes as CSV (RFC 4180) or NDJSON, piece by piece: a whole table passes without being held. Money is a
// number in both, with every digit. Pure.
import { isoOfStored } from '../query/instant.ts';
import type { DetailRow } from '../query/outcomes-query.ts';
import { CSV_CONTENT_TYPE, csvField } from './csv.ts';
import { compactJson, decimalText, renderDetail } from './outcome.ts';

export type ExportFormat = 'csv' | 'ndjson';

export const CONTENT_TYPES: Readonly<Record<ExportFormat, string>> = {
  csv: CSV_CONTENT_TYPE,
  ndjson: 'application/x-ndjson',
};

interface Field {
  readonly name: string;
  readonly textOf: (row: DetailRow) => string;
  /** Somebody's own text; the others are numbers, times and flags, of which none needs quotes. */
  readonly isFree?: true;
}

const FIELDS: readonly Field[] = [
  { name: 'id', textOf: (row) => row.id },
  { name: 'bid_id', textOf: (row) => row.bid_id, isFree: true },
  { name: 'user_id', textOf: (row) => row.user_id, isFree: true },
  { name: 'site_domain', textOf: (row) => row.site_domain, isFree: true },
  { name: 'win_status', textOf: (row) => String(row.win_status) },
  { name: 'win_price', textOf: (row) => row.win_price },
  { name: 'bid_price', textOf: (row) => row.bid_price },
  { name: 'currency', textOf: (row) => row.currency, isFree: true },
  { name: 'enriched', textOf: (row) => String(row.enriched) },
  { name: 'timestamp', textOf: (row) => isoOfStored(row.timestamp) },
  { name: 'auction_timestamp', textOf: ({ auction_timestamp: at }) => (at ? isoOfStored(at) : '') },
  { name: 'user_interests', textOf: (row) => jsonField(row.user_interests), isFree: true },
  { name: 'is_winner', textOf: (row) => String(row.win_status) },
  { name: 'profit_margin', textOf: (row) => decimalText(row.profit_margin) },
  { name: 'created_at', textOf: (row) => isoOfStored(row.created_at) },
  { name: 'updated_at', textOf: (row) => isoOfStored(row.updated_at) },
];
const RAW_DATA: Field = {
  name: 'raw_data',
  textOf: ({ raw_data = 'null' }) => jsonField(raw_data),
  isFree: true,
};
/** No line is shorter, in either format: empty texts, prices of one digit, times without a fraction. */
export const LEAST_LINE_BYTES = 90;
/** What a spreadsheet takes for a formula, or may: https://owasp.org/www-community/attacks/CSV_Injection */
const FORMULA = /^[=+\-@\t\r]/;

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
  const fields = hasRawData ? [...FIELDS, RAW_DATA] : FIELDS;
  const toLine = format === 'csv' ? csvLineOf(fields, isSpreadsheetSafe) : ndjsonLine;
  // The header waits for the first rows: what fails before them can still be told by the status.
  let header = format === 'csv' ? `${fields.map(({ name }) => name).join()}\r\n` : '';
  for await (const rows of batches) {
    let text = header;
    for (const row of rows) text += toLine(row);
    yield text;
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

const csvLineOf = (fields: readonly Field[], isSafe: boolean) => (row: DetailRow) => {
  let line = '';
  for (const { textOf, isFree } of fields) {
    const text = textOf(row);
    line += isFree ? `${csvField(isSafe ? withoutFormula(text) : text)},` : `${text},`;
  }
  return `${line.slice(0, -1)}\r\n`;
};

/** A text of JSON is the text that it says, `null` is nothing. */
function jsonField(json: string): string {
  if (json === 'null') return '';
  return json.startsWith('"') ? JSON.parse(json) : compactJson(json);
}

function withoutFormula(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}
