// Outcomes as CSV (RFC 4180) or NDJSON, piece by piece: a whole table passes without being held. Pure.
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
export async function* exportText(
  format: ExportFormat,
  batches: AsyncIterable<readonly DetailRow[]> | Iterable<readonly DetailRow[]>,
  hasRawData: boolean,
): AsyncGenerator<string> {
  const fields = hasRawData ? [...FIELDS, 'raw_data'] : FIELDS;
  const toLine = format === 'csv' ? outcomeLine(fields) : ndjsonLine;
  // The header waits for the first rows: what fails before them can still be told by the status.
  let header = format === 'csv' ? csvLine(fields) : '';
  for await (const rows of batches) {
    yield header + rows.map(toLine).join('');
    header = '';
  }
}

function ndjsonLine(row: DetailRow): string {
  return `${JSON.stringify(renderDetail(row))}\n`;
}

const outcomeLine = (fields: readonly string[]) => (row: DetailRow) => {
  const outcome = renderDetail(row);
  return csvLine(fields.map((field) => csvText(outcome[field])));
};

/** Text as it is, `null` as nothing, all else as its JSON. */
function csvText(value: unknown): string {
  return typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value);
}
