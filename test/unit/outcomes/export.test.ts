// I126: a line of CSV says what the object of the same row says, of whatever text and JSON the row is made.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DetailRow } from '../../../functions/outcomes/query/outcomes-query.ts';
import { exportText } from '../../../functions/outcomes/respond/export.ts';
import { renderDetail } from '../../../functions/outcomes/respond/outcome.ts';

/** As PostgreSQL writes jsonb: a space behind each comma and colon. */
function storedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(storedJson).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(
    ([name, member]) => `${JSON.stringify(name)}: ${storedJson(member)}`,
  );
  return `{${members.join(', ')}}`;
}

const json = fc.oneof(
  fc.array(fc.constantFrom('sports', 'a, b', 'x", ', '', '\\', '1', 'ü\n'), { maxLength: 4 }),
  fc.jsonValue(),
  fc.constantFrom(null, 'a text, "quoted"'),
);
const stored = fc.constantFrom(
  ...['2025-01-31 22:59:59+00', '2025-01-31 22:59:59.5+00', '2025-01-31 22:59:59.123456+00'],
  ...['0044-03-15 10:00:00+00 BC', '10000-01-01 00:00:00.25+00'],
);
const text = fc.oneof(fc.string(), fc.constantFrom('=1+1', '"', ',', '\r\n', ''));
const price = fc.constantFrom('0', '1.10', '12345678901234567.8900');

const row: fc.Arbitrary<DetailRow> = fc.record({
  ...{ id: fc.constantFrom('1', '9007199254740993'), bid_id: text, user_id: text },
  ...{ site_domain: text, currency: text, win_status: fc.boolean(), enriched: fc.boolean() },
  ...{ win_price: price, bid_price: price, profit_margin: price, timestamp: stored },
  ...{ auction_timestamp: fc.oneof(stored, fc.constant(null)), created_at: stored },
  ...{ updated_at: stored, user_interests: json.map(storedJson), raw_data: json.map(storedJson) },
});

function fieldOf(value: unknown): string {
  const shown = typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value);
  return /[",\r\n]/.test(shown) ? `"${shown.replaceAll('"', '""')}"` : shown;
}

test('a line has each member of the object, as it is written there', async () => {
  await fc.assert(
    fc.asyncProperty(row, async (one) => {
      const form = { format: 'csv', hasRawData: true, isSpreadsheetSafe: false } as const;
      const [csv = ''] = await Array.fromAsync(exportText(form, [[one]]));
      const outcome = renderDetail(one);
      const fields = Object.values(outcome).map(fieldOf).join();
      expect(csv).toBe(`${Object.keys(outcome).join()}\r\n${fields}\r\n`);
    }),
    { numRuns: 500 },
  );
});
