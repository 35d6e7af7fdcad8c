// A row of PostgreSQL → an outcome as the API shows it: prices as text, times in ISO 8601, integers and
// computed amounts as JSON numbers with every digit. Pure.
import { isoOfStored } from '../query/instant.ts';
import type { DetailRow, SummaryRow } from '../query/outcomes-query.ts';

const DIGIT = /\d/;
/** Of words alone, as lists of interests nearly always are: nothing in it is escaped or has a comma. */
const PLAIN_LIST = /^\[(?:"[^"\\,]*"(?:, "[^"\\,]*")*)?\]$/;

export function renderSummary(row: SummaryRow): object {
  return {
    id: JSON.rawJSON(row.id),
    bid_id: row.bid_id,
    user_id: row.user_id,
    win_status: row.win_status,
    win_price: row.win_price,
    timestamp: time(row.timestamp),
  };
}

export function renderDetail(row: DetailRow): Readonly<Record<string, unknown>> {
  return {
    id: JSON.rawJSON(row.id),
    bid_id: row.bid_id,
    user_id: row.user_id,
    site_domain: row.site_domain,
    win_status: row.win_status,
    win_price: row.win_price,
    bid_price: row.bid_price,
    currency: row.currency,
    enriched: row.enriched,
    timestamp: time(row.timestamp),
    auction_timestamp: row.auction_timestamp === null ? null : time(row.auction_timestamp),
    user_interests: exactJson(row.user_interests),
    is_winner: row.win_status,
    profit_margin: decimalNumber(row.profit_margin),
    created_at: time(row.created_at),
    updated_at: time(row.updated_at),
    ...(row.raw_data !== undefined && { raw_data: exactJson(row.raw_data) }),
  };
}

/** A JSON number that shows a fraction, as Django's floats do, but keeps every digit. */
export function decimalNumber(text: string): object {
  return JSON.rawJSON(decimalText(text));
}

export function decimalText(text: string): string {
  return text.includes('.') ? text : `${text}.0`;
}

/** JSON as PostgreSQL writes it → as JavaScript does, with every digit. */
export function compactJson(text: string): string {
  return PLAIN_LIST.test(text) ? text.replaceAll(', ', ',') : JSON.stringify(exactJson(text));
}

function time(stored: string): string {
  return isoOfStored(stored);
}

/** Parsed, but for its numbers: these keep the text they have. */
function exactJson(text: string): unknown {
  if (!DIGIT.test(text)) return JSON.parse(text);
  return JSON.parse<unknown>(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined ? JSON.rawJSON(source) : value,
  );
}
