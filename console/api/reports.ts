// The five reports and their runs.
import {
  amount,
  digits,
  entries,
  list,
  nullable,
  object,
  type Read,
  type Shaped,
  text,
} from '../lib/shape.ts';
import { apiPath, askJson, cursorOf } from './client.ts';

export type ReportName =
  | 'daily_sales'
  | 'product_sales'
  | 'customer_metrics'
  | 'order_status'
  | 'summary';

const dayFigures = object({ total_amount: digits, order_count: digits });
const productFigures = object({ quantity_sold: digits, total_revenue: digits });
const customerFigures = object({ order_count: digits, total_spent: digits });
const summaryFigures = object({
  total_orders: digits,
  total_revenue: digits,
  unique_customers: digits,
  unique_products_sold: digits,
  order_status_breakdown: entries(digits),
});

export type DayFigures = Shaped<{ total_amount: typeof digits; order_count: typeof digits }>;
export type Summary = ReturnType<typeof summaryFigures>;

const documentOf = <T>(data: Read<T>) => object({ generated_at: text, data });

const DOCUMENTS = {
  daily_sales: documentOf(entries(dayFigures)),
  product_sales: documentOf(entries(productFigures)),
  customer_metrics: documentOf(entries(customerFigures)),
} as const;

export type Documents = {
  readonly [K in keyof typeof DOCUMENTS]: ReturnType<(typeof DOCUMENTS)[K]>;
};

/** @param at - of a run; none: the newest. */
export function readReport<K extends keyof Documents>(
  name: K,
  at: string | undefined,
  signal: AbortSignal,
): Promise<Documents[K]> {
  return askJson(reportPath(name, at), signal, DOCUMENTS[name] as Read<Documents[K]>);
}

export interface SummaryDocument {
  readonly generated_at: string;
  readonly metrics: Summary;
}

export function readSummary(at: string | undefined, signal: AbortSignal): Promise<SummaryDocument> {
  const read = object({ generated_at: text, metrics: summaryFigures });
  return askJson(reportPath('summary', at), signal, read);
}

export function reportPath(name: ReportName, at?: string, format?: 'csv'): string {
  return apiPath(`reports/${name}/`, [
    ['at', at],
    ['format', format],
  ]);
}

export interface Run {
  readonly at: string;
  readonly bytes: number;
}

export interface RunsPage {
  readonly runs: readonly Run[];
  readonly next: string | undefined;
}

export interface RunsQuestion {
  readonly before?: string | undefined;
  readonly cursor?: string | undefined;
  readonly size: number;
}

/** Newest first. */
export async function readRuns(
  { before, cursor, size }: RunsQuestion,
  signal: AbortSignal,
): Promise<RunsPage> {
  const path = apiPath('reports/summary/runs/', [
    ['generated_before', before],
    ['cursor', cursor],
    ['page_size', String(size)],
  ]);
  const read = object({
    next: nullable(text),
    results: list(object({ at: text, bytes: amount })),
  });
  const page = await askJson(path, signal, read);
  return { runs: page.results, next: cursorOf(page.next) };
}
