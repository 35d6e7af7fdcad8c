// Feeds captured records through the functions until all are consumed, then runs the reports.
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { quarantineKey, type ReportName } from '../../functions/contracts.ts';
import type { Functions } from '../service/functions.ts';
import { Progress } from '../service/progress.ts';
import { type ReportSource, readReports, runReports } from '../service/reports.ts';
import { StoppedError } from '../shared/command.ts';
import { grouped, shareOf } from '../shared/figures.ts';
import { BETWEEN, Terminal } from '../shared/terminal.ts';
import { type BatchCounts, NO_COUNTS } from '../stream/batch-answer.ts';
import { type RefusedLine, renderRefusedLine } from '../stream/capture-line.ts';
import { EventSourceMapping, type MappingOptions } from '../stream/event-source-mapping.ts';
import { type Capture, readCaptures } from './captures.ts';

const ATTEMPTS_MAX = 5;

export interface ReplayResult {
  readonly counts: BatchCounts;
  /** Records that went to the orders' function, and rows of outcomes that were recorded. */
  readonly orderRecords: number;
  readonly outcomes: number;
  readonly seconds: number;
  readonly reports: ReadonlyMap<ReportName, string>;
}

export interface ReplayOptions extends Pick<MappingOptions, 'batchSize' | 'routes'> {
  /** Ends the replay between two batches. */
  readonly signal?: AbortSignal;
}

/** @throws {StoppedError} */
export async function replayCaptures(
  stores: ReportSource,
  functions: Functions,
  captures: readonly Capture[],
  { batchSize, routes, signal = NEVER }: ReplayOptions,
): Promise<ReplayResult> {
  const startedMs = Date.now();
  const terminal = new Terminal(process.stderr, startedMs);
  const progress = new Progress();
  const total = captures.reduce((sum, { bytes }) => sum + bytes, 0);
  let read = 0;
  const show = () => {
    const now = Date.now();
    const share = shareOf(read, total, now - startedMs);
    terminal.status([share, progress.toConsumed(now)].join(BETWEEN), now);
  };
  try {
    const mapping = new EventSourceMapping({
      invoke: functions.invoke,
      batchSize,
      routes,
      attemptsMax: ATTEMPTS_MAX,
      signal,
      onRetry: (failure, delayMs) => terminal.line(`${failure}; again in ${delayMs / 1000} s`),
      onDelivered: ({ counts, functionName }) => {
        progress.count(counts, functionName);
        show();
      },
    });
    const lines = readCaptures(captures, (bytes) => {
      read += bytes;
    });
    for await (const line of lines) {
      if (signal.aborted) throw stopped(progress);
      if (line.kind === 'record') await mapping.push(line.record);
      else {
        await quarantine(stores, line.refused);
        progress.count({ ...NO_COUNTS, records: 1, quarantined: 1 });
      }
    }
    if (signal.aborted) throw stopped(progress);
    await mapping.flush();
    const reports = await readReports(stores, await runReports(functions));
    const seconds = (Date.now() - startedMs) / 1000;
    const { counts, orderRecords, outcomes } = progress;
    return { counts, orderRecords, outcomes, seconds, reports };
  } catch (error) {
    // Stopped while it waited to try a batch again.
    throw signal.aborted ? stopped(progress) : error;
  } finally {
    terminal.end();
  }
}

const NEVER = new AbortController().signal;

function stopped({ counts }: Progress): StoppedError {
  return new StoppedError(
    `stopped after ${grouped(counts.records)} records, each batch whole. Run the same command again: it goes ` +
      'on, and skips what is applied.',
  );
}

async function quarantine({ s3, bucket }: ReportSource, refused: RefusedLine): Promise<void> {
  await s3.send(
    new PutObjectCommand({
      Bucket: bucket,
      Key: quarantineKey(refused.topic, refused.partition, refused.offset),
      Body: renderRefusedLine(refused),
      ContentType: 'application/json',
    }),
  );
}
