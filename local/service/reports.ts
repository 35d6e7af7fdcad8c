// One run of the reports, and the documents that it wrote.
import { GetObjectCommand, NoSuchKey } from '@aws-sdk/client-s3';
import { REPORTS, type ReportName } from '../../functions/contracts.ts';
import type { Stores } from '../stores/open-stores.ts';
import type { Functions } from './functions.ts';

export interface ReportRun {
  readonly generatedAt: string;
  readonly keys: readonly string[];
}

export async function runReports(functions: Functions): Promise<ReportRun> {
  const text = await functions.invoke('materialize-reports', '{}');
  const answer = JSON.parse(text) as Partial<Record<string, unknown>> | null;
  const { generated_at, keys } = answer ?? {};
  if (typeof generated_at !== 'string' || !isTextList(keys)) {
    throw new TypeError(`materialize-reports answered ${text.slice(0, 200)}`);
  }
  return { generatedAt: generated_at, keys };
}

/** Where the reports are. */
export type ReportSource = Pick<Stores, 's3' | 'bucket'>;

/** The text as it stands in the bucket: parsing it would lose decimals and the order of ranks. */
export async function readReport(
  stores: ReportSource,
  run: ReportRun,
  name: ReportName,
): Promise<string> {
  const key = run.keys.find(
    (key) => key.split('/').at(-2) === name && !key.endsWith('/latest.json'),
  );
  if (!key) throw new TypeError(`The report run wrote no ${name}: ${run.keys.join(', ')}`);
  const object = await stores.s3.send(new GetObjectCommand({ Bucket: stores.bucket, Key: key }));
  if (!object.Body) throw new TypeError(`${key} has no body.`);
  return object.Body.transformToString();
}

/** @returns undefined when there is no such report yet. */
export async function readLatest(
  { s3, bucket: Bucket }: ReportSource,
  Key: string,
): Promise<string | undefined> {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    return await Body?.transformToString();
  } catch (error) {
    if (error instanceof NoSuchKey) return undefined;
    throw error;
  }
}

export async function readReports(
  stores: ReportSource,
  run: ReportRun,
): Promise<ReadonlyMap<ReportName, string>> {
  const names = REPORTS.map((report) => report.name);
  const texts = await Promise.all(
    names.map(async (name) => [name, await readReport(stores, run, name)] as const),
  );
  return new Map(texts);
}

export interface SummaryFigures {
  readonly orders: string;
  readonly revenue: string;
}

/** For the eye; the digits are the document's own. */
export function readSummaryFigures(summary: string): SummaryFigures {
  const figure = (name: string) =>
    new RegExp(`"${name}":\\s*(-?[\\d.]+)`).exec(summary)?.[1] ?? '?';
  return { orders: figure('total_orders'), revenue: figure('total_revenue') };
}

function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string');
}
