// What a rebuild tells: each difference, then how many. Pure.
import type { Difference } from '../orders/repair/differences.ts';
import { showDifference } from './differences.ts';

export const ORDERS = { what: 'the aggregates', source: 'the row images' } as const;
export const OUTCOMES = { what: 'the rollups', source: 'the rows' } as const;

export interface Rebuilt {
  readonly rows: number;
  readonly differences: number;
  readonly isDryRun: boolean;
}

export function showDifferences(differences: readonly Difference[]): string {
  return differences.map((difference) => `  ${showDifference(difference)}\n`).join('');
}

export function showRebuilt(
  { what, source }: typeof ORDERS | typeof OUTCOMES,
  { rows, differences, isDryRun }: Rebuilt,
): string {
  if (differences === 0) return `${rows} rows: ${what} equal ${source}.\n`;
  return `${rows} rows: ${differences} differences ${isDryRun ? 'to mend' : 'mended'}.\n`;
}
