// What the service has done since it started, and how that reads. No clock: `now` is passed in.
import type { FunctionName } from '../../functions/contracts.ts';
import { grouped } from '../shared/figures.ts';
import { addCounts, type BatchCounts, NO_COUNTS } from '../stream/batch-answer.ts';
import type { SummaryFigures } from './reports.ts';

const RATE_WINDOW_MS = 10_000;

interface NewestReport {
  readonly generatedAt: string;
  readonly atMs: number;
  readonly figures: SummaryFigures;
}

export class Progress {
  #counts: BatchCounts = NO_COUNTS;
  #outcomes = 0;
  #orderRecords = 0;
  #newest: NewestReport | undefined;
  /** Totals of the last seconds, oldest first. */
  #samples: { readonly atMs: number; readonly records: number }[] = [];

  get counts(): BatchCounts {
    return this.#counts;
  }

  /** Rows that were recorded. */
  get outcomes(): number {
    return this.#outcomes;
  }

  /** Records that went to the orders' function. */
  get orderRecords(): number {
    return this.#orderRecords;
  }

  get newestReport(): NewestReport | undefined {
    return this.#newest;
  }

  count(counts: BatchCounts, functionName?: FunctionName): void {
    this.#counts = addCounts(this.#counts, counts);
    if (functionName === 'record-outcomes') this.#outcomes += counts.applied;
    if (functionName === 'aggregate-orders') this.#orderRecords += counts.records;
  }

  reported(newest: NewestReport): void {
    this.#newest = newest;
  }

  /** Records a second over the last seconds; call it about once a second. */
  rate(nowMs: number): number {
    this.#samples = this.#samples.filter(({ atMs }) => nowMs - atMs <= RATE_WINDOW_MS);
    this.#samples.push({ atMs: nowMs, records: this.#counts.records });
    const oldest = this.#samples[0];
    if (!oldest || oldest.atMs === nowMs) return 0;
    return ((this.#counts.records - oldest.records) * 1000) / (nowMs - oldest.atMs);
  }

  /** What was consumed, and how fast. */
  toConsumed(nowMs: number): string {
    return `${grouped(this.#counts.records)} records · ${this.rate(nowMs).toFixed(1)}/s`;
  }

  toLine(lag: number | undefined, nowMs: number): string {
    const { quarantined } = this.#counts;
    return [
      this.toConsumed(nowMs),
      ...(lag === undefined ? [] : [`lag ${grouped(lag)}`]),
      `${grouped(this.#outcomes)} outcomes`,
      `${grouped(quarantined)} quarantined`,
      this.#newest
        ? `report ${age(this.#newest, nowMs)}: ${figuresOf(this.#newest)}`
        : 'no report yet',
    ].join(' · ');
  }
}

export function figuresOf({ figures }: Pick<NewestReport, 'figures'>): string {
  return `${grouped(figures.orders)} orders for ${grouped(figures.revenue)}`;
}

function age({ atMs }: NewestReport, nowMs: number): string {
  const seconds = Math.max(0, Math.round((nowMs - atMs) / 1000));
  return seconds < 120 ? `${seconds} s ago` : `${Math.round(seconds / 60)} min ago`;
}
