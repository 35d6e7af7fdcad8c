// The earlier runs of a report, newest first, by cursor: a run that is written meanwhile moves no page.
import * as z from 'zod';
import { LIMITS, type ReportName } from '../../contracts.ts';
import type { ApiRequest } from '../query/api-request.ts';
import type { RunsParameters } from '../query/parameters.ts';
import {
  isStamp,
  readStamp,
  type Stamp,
  secondsBefore,
  showStamp,
  stampOf,
} from '../query/run-stamp.ts';
import { type Answer, jsonAnswer, notFound } from '../respond/answer.ts';
import { absoluteUrl, linkWith } from '../respond/links.ts';
import { readGeneratedAt } from '../respond/report-rows.ts';
import type { Run } from '../store/report-runs.ts';
import type { ReportsStore } from '../store/reports-store.ts';

export interface RunsCall {
  readonly request: ApiRequest;
  readonly name: ReportName;
  readonly parameters: RunsParameters;
  readonly reports: ReportsStore;
}

/** From which run to go on, without it, and whether to the newer ones. */
interface RunPosition {
  readonly stamp: Stamp;
  readonly isBackward: boolean;
}

const cursorSchema = z.strictObject({ s: z.string().refine(isStamp), b: z.boolean() });

export async function answerRuns(call: RunsCall): Promise<Answer> {
  const { request, name, parameters } = call;
  const size = parameters.page_size ?? LIMITS.pageSizeDefault;
  const position = readCursor(parameters.cursor);
  // One more than the page says whether there is another page.
  const found = await findRuns(call, position, size + 1);
  const hasMore = found.length > size;
  const isBackward = position?.isBackward ?? false;
  const runs = isBackward ? found.slice(-size) : found.slice(0, size);
  const linkFrom = (run: Run | undefined, backward: boolean) =>
    run
      ? linkWith(request, 'cursor', writeCursor({ stamp: run.stamp, isBackward: backward }))
      : null;
  return jsonAnswer(200, {
    next: isBackward || hasMore ? linkFrom(runs.at(-1), false) : null,
    previous: (isBackward ? hasMore : position) ? linkFrom(runs.at(0), true) : null,
    results: runs.map(({ stamp, writtenAt, bytes }) => ({
      at: showStamp(stamp),
      url: absoluteUrl(request, `/api/reports/${name}/?at=${encodeURIComponent(showStamp(stamp))}`),
      written_at: writtenAt,
      bytes,
    })),
  });
}

async function findRuns(
  { name, parameters, reports }: RunsCall,
  position: RunPosition | undefined,
  count: number,
): Promise<readonly Run[]> {
  const { generated_before: before } = parameters;
  const bound = before === undefined ? undefined : stampOf(Number(before / 1_000_000n));
  if (position?.isBackward) {
    const newer = await reports.runsAfter(name, position.stamp, count);
    return newer.filter(({ stamp }) => bound === undefined || stamp <= bound);
  }
  const last = position
    ? secondsBefore(position.stamp, 1)
    : (bound ?? (await newest(reports, name)));
  return last === undefined ? [] : reports.runsUpTo(name, last, count);
}

/** What is newer than `latest` is not complete yet. */
async function newest(reports: ReportsStore, name: ReportName): Promise<Stamp | undefined> {
  const written = await reports.newest(name);
  return written && readStamp(readGeneratedAt(written.document) ?? '');
}

function writeCursor({ stamp, isBackward }: RunPosition): string {
  return Buffer.from(JSON.stringify({ s: stamp, b: isBackward })).toString('base64url');
}

/** @throws {ApiError} 404 */
function readCursor(text: string | undefined): RunPosition | undefined {
  if (!text) return undefined;
  const content = cursorSchema.safeParse(parseJson(Buffer.from(text, 'base64url').toString()));
  if (!content.success) throw notFound('Invalid cursor');
  return { stamp: content.data.s, isBackward: content.data.b };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
