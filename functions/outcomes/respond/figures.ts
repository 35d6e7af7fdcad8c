// Figures → the documents of `stats` and `daily_stats`: the members of the original, and the same for
// each currency, since a sum across currencies is no amount of anything. Pure.
import type { DayFiguresRow, FiguresRow } from '../query/figures-query.ts';
import { fromStored, isoDay } from '../query/instant.ts';
import { decimalNumber } from './outcome.ts';

/** The first row is that of all currencies. */
export function renderStats([all, ...currencies]: readonly FiguresRow[]): object {
  if (!all) throw new RangeError('The figures have no row of all currencies.');
  return {
    ...stats(all),
    by_currency: currencies.map((row) => ({ currency: row.currency, ...stats(row) })),
  };
}

/** Rows by day, each day's row of all currencies first. */
export function renderDailyStats(rows: readonly DayFiguresRow[]): object[] {
  const currencies = Map.groupBy(
    rows.filter(({ currency }) => currency !== null),
    ({ day }) => day,
  );
  return rows
    .filter(({ currency }) => currency === null)
    .map((row) => ({
      date: isoDay(fromStored(row.day)),
      ...dayStats(row),
      by_currency: (currencies.get(row.day) ?? []).map((one) => ({
        currency: one.currency,
        ...dayStats(one),
      })),
    }));
}

function stats(row: FiguresRow): object {
  const total = BigInt(row.total);
  const wins = BigInt(row.wins);
  return {
    total_outcomes: integer(total),
    total_wins: integer(wins),
    total_losses: integer(total - wins),
    total_revenue: decimalNumber(row.revenue ?? '0'),
    average_win_price: decimalNumber(row.average_win_price ?? '0'),
    average_bid_price: decimalNumber(row.average_bid_price ?? '0'),
    enriched_count: integer(BigInt(row.enriched)),
    win_rate: decimalNumber(percentage(wins, total)),
  };
}

function dayStats(row: FiguresRow): object {
  return {
    total: integer(BigInt(row.total)),
    wins: integer(BigInt(row.wins)),
    revenue: row.revenue === null ? null : decimalNumber(row.revenue),
    avg_win_price: row.average_win_price === null ? null : decimalNumber(row.average_win_price),
  };
}

/** With two decimals; a tie goes to the even digit, as Python rounds. */
function percentage(part: bigint, whole: bigint): string {
  if (whole === 0n) return '0';
  const scaled = part * 10_000n;
  const [floor, rest] = [scaled / whole, scaled % whole];
  const isUp = rest * 2n > whole || (rest * 2n === whole && floor % 2n === 1n);
  const hundredths = isUp ? floor + 1n : floor;
  return `${hundredths / 100n}.${(hundredths % 100n).toString().padStart(2, '0')}`;
}

function integer(value: bigint): object {
  return JSON.rawJSON(value.toString());
}
