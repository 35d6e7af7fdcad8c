// I66: whatever names a producer makes up, the recorder goes on and the answers stay small.
import { expect, test } from 'vitest';
import { CURRENCIES } from '../../functions/outcomes/record/fields.ts';
import { openApi } from '../support/api.ts';
import {
  expectRollupsEqualRows,
  MemoryQuarantine,
  recordMessages,
  recordPorts,
} from '../support/outcomes.ts';
import { useTestPostgres } from '../support/postgres.ts';

const server = useTestPostgres();
const LETTERS = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
const CODES = LETTERS.flatMap((a) => LETTERS.flatMap((b) => LETTERS.map((c) => `${a}${b}${c}`)));
const ANSWER_BYTES_MAX = 150_000;

test('every three letters as currency, each from another site, in one day', async () => {
  const { sql } = await server.freshDatabase();
  const quarantine = new MemoryQuarantine();
  const ports = recordPorts(sql, quarantine);
  const messages = CODES.map((currency, offset) => ({
    offset,
    timestamp: Date.UTC(2026, 0, 2),
    value: JSON.stringify({
      ...{ bid_request_id: `bid-${offset}`, user_id: `user-${offset}`, currency },
      ...{ site_domain: `${offset}-${'s'.repeat(240)}.example`, win_status: offset % 2 === 0 },
      ...{ bid_price: 1.5, win_price: 1.25, timestamp: '2026-01-02T03:04:05Z' },
    }),
  }));
  for (let start = 0; start < messages.length; start += 6_000) {
    await recordMessages(messages.slice(start, start + 6_000), ports);
  }

  const [{ rows = 0, currencies = 0 } = {}] = await sql<{ rows: number; currencies: number }>`
    select count(*)::int as rows, count(distinct currency)::int as currencies from auction_outcomes`;
  expect(rows + quarantine.reasons.size).toBe(CODES.length);
  // Those of ISO 4217, and a letter three times, which the original took as well.
  const repeated = LETTERS.map((letter) => letter.repeat(3));
  expect(currencies).toBe(new Set([...CURRENCIES, ...repeated]).size);
  expect(currencies).toBeLessThan(230);
  expect(new Set(quarantine.reasons.values()).size).toBeLessThan(3);
  await expectRollupsEqualRows(sql);

  const ask = openApi(sql);
  for (const path of [
    '/api/outcomes/stats/',
    '/api/outcomes/daily_stats/',
    '/api/outcomes/',
    '/api/pipeline/',
    '/api/metrics/',
  ]) {
    const { status, text } = await ask(path);
    expect({ path, status }).toEqual({ path, status: 200 });
    expect(Buffer.byteLength(text), path).toBeLessThan(ANSWER_BYTES_MAX);
  }
}, 60_000);
