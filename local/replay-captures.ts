// Feeds captured records through the functions until all are consumed, then runs the reports.
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { quarantineKey, type ReportName } from '../functions/contracts.ts';
import { type Capture, readCaptures } from './captures.ts';
import type { Functions } from './functions.ts';
import { Progress } from './progress.ts';
import { type ReportSource, readReports, runReports } from './reports.ts';
import { type BatchCounts, NO_COUNTS } from './stream/batch-answer.ts';
import { type RefusedLine, renderRefusedLine } from './stream/capture-line.ts';
import { EventSourceMapping, type MappingOptions } from './stream/event-source-mapping.ts';
import { Terminal } from './terminal.ts';

const ATTEMPTS_MAX = 5;

export interface ReplayResult {
  readonly counts: BatchCounts;
  readonly seconds: number;
  readonly reports: ReadonlyMap<ReportName, string>;
}

export async function replayCaptures(
  stores: ReportSource,
  functions: Functions,
  captures: readonly Capture[],
  { batchSize, routes }: Pick<MappingOptions, 'batchSize' | 'routes'>,
): Promise<ReplayResult> {
  const started = performance.now();
  const terminal = new Terminal(process.stderr);
  const progress = new Progress();
  try {
    const mapping = new EventSourceMapping({
      invoke: functions.invoke,
      batchSize,
      routes,
      attemptsMax: ATTEMPTS_MAX,
      onRetry: (failure, delayMs) => terminal.line(`${failure}; again in ${delayMs / 1000} s`),
      onDelivered: ({ counts, functionName }) => {
        progress.count(counts, functionName);
        if (process.stderr.isTTY) terminal.status(progress.toConsumed(Date.now()), Date.now());
      },
    });
    for await (const line of readCaptures(captures)) {
      if (line.kind === 'record') await mapping.push(line.record);
      else {
        await quarantine(stores, line.refused);
        progress.count({ ...NO_COUNTS, records: 1, quarantined: 1 });
      }
    }
    await mapping.flush();
    const reports = await readReports(stores, await runReports(functions));
    const seconds = (performance.now() - started) / 1000;
    return { counts: progress.counts, seconds, reports };
  } finally {
    terminal.end();
  }
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
