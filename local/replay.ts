// npm run replay: feeds capture files through the real handlers, runs the reports, shows them.
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { quarantineKey, type ReportName } from '../functions/contracts.ts';
import { captureDirectory, openCaptures, readCaptures } from './captures.ts';
import { readArguments, runCommand } from './command.ts';
import { hostFunctions } from './functions.ts';
import { readReports, runReports } from './reports.ts';
import { readWholeNumber } from './settings.ts';
import { openStores, type Stores } from './stores/open-stores.ts';
import { addCounts, type BatchCounts, NO_COUNTS } from './stream/batch-answer.ts';
import { type RefusedLine, renderRefusedLine } from './stream/capture-line.ts';
import { EventSourceMapping } from './stream/event-source-mapping.ts';
import { UserError } from './user-error.ts';

const USAGE = 'npm run replay -- FILE… [--data-dir DIR] [--batch-size N] [--json]';
const BATCH_SIZE = { default: '100', min: 1, max: 10_000 };
const ATTEMPTS_MAX = 5;

interface ReplayResult {
  readonly counts: BatchCounts;
  readonly seconds: number;
  readonly reports: ReadonlyMap<ReportName, string>;
}

async function replay(): Promise<void> {
  const { files, text, flags } = readArguments(
    USAGE,
    { 'data-dir': 'string', 'batch-size': 'string', json: 'boolean' },
    true,
  );
  if (files.length === 0) throw new UserError(`No capture file given. Usage: ${USAGE}`);
  const { min, max, default: batchDefault } = BATCH_SIZE;
  const batchSize = readWholeNumber('--batch-size', text['batch-size'] ?? batchDefault, min, max);
  const captures = await openCaptures(files);
  const dataDir = text['data-dir'] ?? (await captureDirectory(captures));

  const stores = await openStores(dataDir, { command: 'replay', env: process.env });
  const result = await replayInto(stores, captures, batchSize).finally(() => stores.close());
  process.stdout.write(flags.json ? toJson(result) : toText(result, stores));
}

async function replayInto(
  stores: Stores,
  captures: Parameters<typeof readCaptures>[0],
  batchSize: number,
): Promise<ReplayResult> {
  const started = performance.now();
  const functions = await hostFunctions(stores, process.env);
  try {
    let counts: BatchCounts = NO_COUNTS;
    const mapping = new EventSourceMapping({
      invoke: functions.invoke,
      batchSize,
      attemptsMax: ATTEMPTS_MAX,
      onDelivered: (delivery) => {
        counts = addCounts(counts, delivery.counts);
      },
      onRetry: (failure, delayMs) => {
        process.stderr.write(`${failure}; again in ${delayMs / 1000} s\n`);
      },
    });
    for await (const line of readCaptures(captures)) {
      if (line.kind === 'record') await mapping.push(line.record);
      else {
        await quarantine(stores, line.refused);
        counts = addCounts(counts, { ...NO_COUNTS, records: 1, quarantined: 1 });
      }
    }
    await mapping.flush();
    const reports = await readReports(stores, await runReports(functions));
    return { counts, seconds: (performance.now() - started) / 1000, reports };
  } finally {
    await functions.close();
  }
}

async function quarantine({ s3, bucket }: Stores, refused: RefusedLine): Promise<void> {
  await s3.send(
    new PutObjectCommand({
      Bucket: bucket,
      Key: quarantineKey(refused.topic, refused.partition, refused.offset),
      Body: renderRefusedLine(refused),
      ContentType: 'application/json',
    }),
  );
}

function toJson({ counts, seconds, reports }: ReplayResult): string {
  const { records, applied, skipped, quarantined } = counts;
  const figures = { records, applied, skipped, quarantined, seconds: Number(seconds.toFixed(3)) };
  // The documents' own text: parsing it would lose decimals and the order of the ranks. A line feed
  // is never inside a JSON string, so they can go.
  const documents = [...reports].map(([name, text]) => `"${name}":${text.replace(/\n\s*/g, '')}`);
  return `${JSON.stringify(figures).slice(0, -1)},"reports":{${documents.join()}}}\n`;
}

function toText({ counts, seconds, reports }: ReplayResult, stores: Stores): string {
  const { records, applied, skipped, quarantined } = counts;
  const number = (value: number) => value.toLocaleString('en-US');
  const rate = number(Math.round(records / seconds));
  return [
    `${number(records)} records: ${number(applied)} applied, ${number(skipped)} skipped, ` +
      `${number(quarantined)} quarantined, in ${seconds.toFixed(1)} s (${rate} records/s)`,
    reports.get('summary')?.trimEnd(),
    `All five reports are under ${stores.paths.s3}/${stores.bucket}`,
    '',
  ].join('\n');
}

await runCommand('replay', replay);
