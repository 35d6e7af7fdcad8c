// The auction outcomes: pages, figures, one record, and their deletion.
import { type Filters, filterPairs, type Ordering } from '../lib/filters.ts';
import type { PageSize } from '../lib/route.ts';
import {
  amount,
  anything,
  digits,
  flag,
  list,
  nullable,
  object,
  price,
  type Shaped,
  text,
} from '../lib/shape.ts';
import { apiPath, ask, askJson, linkCursor, type Pairs, readText } from './client.ts';

const OUTCOME = {
  id: digits,
  bid_id: text,
  user_id: nullable(text),
  site_domain: nullable(text),
  win_status: flag,
  win_price: price,
  bid_price: price,
  currency: nullable(text),
  enriched: flag,
  timestamp: text,
  auction_timestamp: nullable(text),
  user_interests: anything,
  profit_margin: digits,
  created_at: text,
  updated_at: text,
} as const;

export type Outcome = Shaped<typeof OUTCOME>;

export interface OutcomesPage {
  readonly rows: readonly Outcome[];
  readonly next: string | undefined;
  readonly previous: string | undefined;
}

export interface OutcomesQuestion {
  readonly filters: Filters;
  readonly ordering: Ordering;
  readonly cursor: string;
}

export type ExportFormat = 'csv' | 'ndjson';

/** As an export of one page: it has every column, which the list has not. */
export async function readOutcomes(
  question: OutcomesQuestion,
  size: PageSize,
  signal: AbortSignal,
): Promise<OutcomesPage> {
  const response = await ask(pagePath(question, 'ndjson', size), signal);
  const lines = (await response.text()).split('\n').filter(Boolean);
  const link = response.headers.get('link');
  return {
    rows: lines.map((line) => readText(line, object(OUTCOME))),
    next: linkCursor(link, 'next'),
    previous: linkCursor(link, 'prev'),
  };
}

export function pagePath(
  { filters, ordering, cursor }: OutcomesQuestion,
  format: ExportFormat,
  size: PageSize,
  more: Pairs = [],
): string {
  return apiPath('outcomes/', [
    ...filterPairs(filters),
    ['ordering', ordering],
    ['format', format],
    ['cursor', cursor],
    ['page_size', size],
    ...more,
  ]);
}

export function exportPath(
  { filters, ordering }: OutcomesQuestion,
  format: ExportFormat,
  more: Pairs,
): string {
  return apiPath('outcomes/', [
    ...filterPairs(filters),
    ['ordering', ordering],
    ['format', format],
    ...more,
  ]);
}

const STATS = {
  total_outcomes: digits,
  total_wins: digits,
  total_revenue: digits,
  average_win_price: digits,
  average_bid_price: digits,
  enriched_count: digits,
  win_rate: digits,
} as const;

export type Stats = Shaped<typeof STATS>;

const statsAnswer = object({
  ...STATS,
  by_currency: list(object({ ...STATS, currency: text })),
});
export type StatsAnswer = ReturnType<typeof statsAnswer>;

export function readStats(filters: Filters, signal: AbortSignal): Promise<StatsAnswer> {
  return askJson(apiPath('outcomes/stats/', filterPairs(filters)), signal, statsAnswer);
}

const DAY_STATS = { total: amount, wins: amount, revenue: nullable(digits) } as const;
const dayAnswer = object({
  date: text,
  ...DAY_STATS,
  by_currency: list(object({ ...DAY_STATS, currency: text })),
});
export type DayStats = ReturnType<typeof dayAnswer>;

/** Newest day first. */
export function readDays(filters: Filters, signal: AbortSignal): Promise<readonly DayStats[]> {
  return askJson(apiPath('outcomes/daily_stats/', filterPairs(filters)), signal, list(dayAnswer));
}

const detail = object({ ...OUTCOME, raw_data: anything });
export type OutcomeDetail = ReturnType<typeof detail>;

export function readOutcome(id: string, signal: AbortSignal): Promise<OutcomeDetail> {
  return askJson(apiPath(`outcomes/${id}/`), signal, detail);
}

export async function mayDelete(signal: AbortSignal): Promise<boolean> {
  const response = await ask(apiPath('outcomes/'), signal, 'OPTIONS');
  return (response.headers.get('allow') ?? '').split(/,\s*/).includes('DELETE');
}

export async function deleteOutcome(id: string, signal: AbortSignal): Promise<void> {
  await ask(apiPath(`outcomes/${id}/`), signal, 'DELETE');
}

export interface Deleted {
  readonly deleted: string;
  readonly remaining: string;
}

/** @param count - how many match; with another number the API deletes nothing. */
export async function deleteOutcomes(
  filters: Filters,
  count: string,
  signal: AbortSignal,
): Promise<Deleted> {
  const path = apiPath('outcomes/', [...filterPairs(filters), ['confirm_count', count]]);
  const response = await ask(path, signal, 'DELETE');
  return readText(await response.text(), object({ deleted: digits, remaining: digits }));
}
