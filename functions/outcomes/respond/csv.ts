// Lines of CSV (RFC 4180). Pure.

export const CSV_CONTENT_TYPE = 'text/csv; charset=utf-8; header=present';

const NEEDS_QUOTES = /[",\r\n]/;

export function csvLine(fields: readonly string[]): string {
  return `${fields.map(csvField).join()}\r\n`;
}

export function csvField(text: string): string {
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
