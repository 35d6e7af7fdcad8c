// The reports of every run while all was being killed: late they may be, but the five of one run agree with
// each other. A run whose process was killed left fewer than five.
import type { S3Client } from '@aws-sdk/client-s3';
import { DEFAULTS, REPORTS, reportKey } from '../../functions/contracts.ts';
import { listKeys, readText } from './objects.ts';

export interface Runs {
  readonly complete: number;
  readonly differences: readonly string[];
}

interface Documents {
  readonly daily_sales: { readonly data: Record<string, { readonly order_count: number }> };
  readonly order_status: { readonly data: Record<string, number> };
  readonly summary: { readonly metrics: { readonly total_orders: number } };
}

export async function judgeEveryRun(s3: S3Client): Promise<Runs> {
  const keys = new Set(await listKeys(s3, `${DEFAULTS.reportPrefix}/`));
  const stamps = new Set([...keys].flatMap((key) => /(\d{8}_\d{6})\.json$/.exec(key)?.[1] ?? []));
  const complete = [...stamps].filter((stamp) =>
    REPORTS.every(({ name }) => keys.has(reportKey(DEFAULTS.reportPrefix, name, stamp))),
  );
  const differences: string[] = [];
  for (const stamp of complete) differences.push(...(await judgeRun(s3, stamp)));
  return { complete: complete.length, differences };
}

async function judgeRun(s3: S3Client, stamp: string): Promise<string[]> {
  const read = async (name: keyof Documents) =>
    JSON.parse(await readText(s3, reportKey(DEFAULTS.reportPrefix, name, stamp)));
  const [daily, statuses, summary]: [
    Documents['daily_sales'],
    Documents['order_status'],
    Documents['summary'],
  ] = [await read('daily_sales'), await read('order_status'), await read('summary')];
  const byDay = Object.values(daily.data).map(({ order_count }) => order_count);
  const byStatus = Object.values(statuses.data);
  const total = summary.metrics.total_orders;
  const add = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0);
  const agrees = add(byDay) === total && add(byStatus) === total;
  const isNegative = [...byDay, ...byStatus].some((count) => count < 0);
  if (agrees && !isNegative) return [];
  return [
    `reports of ${stamp}: ${total} orders, ${add(byDay)} by day, ${add(byStatus)} by status` +
      (isNegative ? ', some below zero' : ''),
  ];
}
