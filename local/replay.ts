// npm run replay: feeds capture files through the real handlers, runs the reports, shows them.
import { captureDirectory, openCaptures } from './captures.ts';
import { readArguments, runCommand } from './command.ts';
import { hostFunctions, surroundingsOf } from './functions.ts';
import { grouped } from './progress.ts';
import { type ReplayResult, replayCaptures } from './replay-captures.ts';
import { readOutcomesTopic, readWholeNumber } from './settings.ts';
import { openStores, type Stores } from './stores/open-stores.ts';
import { routeTopics } from './stream/routes.ts';
import { UserError } from './user-error.ts';

const USAGE = 'npm run replay -- FILE… [--data-dir DIR] [--batch-size N] [--json]';
const BATCH_SIZE = { default: '100', min: 1, max: 10_000 };

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
  const dataDir = text['data-dir'] ?? (await captureDirectory(captures, process.env));

  const stores = await openStores(dataDir, { command: 'replay', env: process.env });
  const functions = await hostFunctions(surroundingsOf(stores, process.env));
  try {
    const result = await replayCaptures(stores, functions, captures, {
      batchSize,
      routes: routeTopics(readOutcomesTopic(process.env)),
    });
    process.stdout.write(flags.json ? toJson(result) : toText(result, stores));
  } finally {
    await functions.close();
    await stores.close();
  }
}

function toJson({ counts, seconds, reports }: ReplayResult): string {
  const { records, applied, skipped, ignored, quarantined } = counts;
  const figures = {
    records,
    applied,
    skipped,
    ignored,
    quarantined,
    seconds: Number(seconds.toFixed(3)),
  };
  // The documents' own text: parsing it would lose decimals and the order of the ranks. A line feed
  // is never inside a JSON string, so they can go.
  const documents = [...reports].map(([name, text]) => `"${name}":${text.replace(/\n\s*/g, '')}`);
  return `${JSON.stringify(figures).slice(0, -1)},"reports":{${documents.join()}}}\n`;
}

function toText({ counts, seconds, reports }: ReplayResult, stores: Stores): string {
  const { records, applied, skipped, ignored, quarantined } = counts;
  const rate = Math.round(records / seconds);
  return [
    `${grouped(records)} records: ${grouped(applied)} applied, ${grouped(skipped)} skipped, ` +
      `${grouped(ignored)} ignored, ${grouped(quarantined)} quarantined, in ${seconds.toFixed(1)} s (${grouped(rate)} records/s)`,
    reports.get('summary')?.trimEnd(),
    `All five reports are under ${stores.paths.s3}/${stores.bucket}`,
    '',
  ].join('\n');
}

await runCommand('replay', replay);
