// npm run replay: feeds capture files through the real handlers, runs the reports, shows them, and compares them
// with what SQL said.
import { readFile } from 'node:fs/promises';
import { captureDirectory, openCaptures } from '../replay/captures.ts';
import { type Comparison, compareReports, readAnswers } from '../replay/compare-answers.ts';
import { type ReplayResult, replayCaptures } from '../replay/replay-captures.ts';
import { hostFunctions, surroundingsOf } from '../service/functions.ts';
import { defineCommand, EXIT, runCommand, wholeNumber } from '../shared/command.ts';
import { grouped } from '../shared/figures.ts';
import { stopSignal } from '../shared/schedule.ts';
import { UserError } from '../shared/user-error.ts';
import { refuseSampleData } from '../stores/data-directory.ts';
import { openStores, type Stores } from '../stores/open-stores.ts';
import { readOutcomesTopic, routeTopics } from '../stream/routes.ts';

const BATCH_SIZE = { default: 100, max: 10_000 };
const SHOWN_MAX = 20;

const command = defineCommand(
  'replay',
  'Feeds captured topics through the real handlers and runs the reports.',
)
  .argument('<file...>', 'capture files: one Kafka record a line, see docs/local.md')
  .option('--data-dir <dir>', 'the data directory (default: one for these very captures)')
  .option(
    '--batch-size <n>',
    `records that an invocation gets at most, up to ${BATCH_SIZE.max}`,
    wholeNumber('--batch-size', 1, BATCH_SIZE.max),
    BATCH_SIZE.default,
  )
  .option('--answers <file>', 'compares the reports with what SQL said: exit code 3 if they differ')
  .option('--json', 'prints one JSON document')
  .action(async (files, { dataDir, batchSize, answers, json }) => {
    const signal = stopSignal();
    const captures = await openCaptures(files);
    const expected = answers === undefined ? undefined : await openAnswers(answers);
    const folder = dataDir ?? (await captureDirectory(captures, process.env));
    refuseSampleData(folder);
    const stores = await openStores(folder, { command: 'replay', env: process.env });
    const functions = await hostFunctions(surroundingsOf(stores, process.env));
    try {
      const routes = routeTopics(readOutcomesTopic(process.env));
      const options = { batchSize, routes, signal };
      const result = await replayCaptures(stores, functions, captures, options);
      const compared = expected && compareReports(result.reports, expected);
      process.stdout.write(json ? toJson(result) : toText(result, stores));
      // With --json stdout is the document alone.
      if (compared) (json ? process.stderr : process.stdout).write(toVerdict(compared));
      if (compared?.some(({ differences }) => differences.length > 0))
        process.exitCode = EXIT.found;
    } finally {
      await functions.close();
      await stores.close();
    }
  });

async function openAnswers(path: string) {
  const text = await readFile(path, 'utf8').catch(() => {
    throw new UserError(`The answers ${path} cannot be read.`);
  });
  return readAnswers(text, path);
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

function toText(result: ReplayResult, { paths, bucket }: Stores): string {
  const { counts, orderRecords, outcomes, seconds, reports } = result;
  const { records, applied, skipped, ignored, quarantined } = counts;
  const rate = Math.round(records / seconds);
  const isOrders = orderRecords > 0 || outcomes === 0;
  return [
    `${grouped(records)} records: ${grouped(applied)} applied, ${grouped(skipped)} skipped, ` +
      `${grouped(ignored)} ignored, ${grouped(quarantined)} quarantined, in ${seconds.toFixed(1)} s (${grouped(rate)} records/s)`,
    ...(skipped > 0
      ? ['Skipped: applied before, or the tombstone behind a delete. Nothing is lost.']
      : []),
    ...(quarantined > 0
      ? [`Quarantined, and why: npm run quarantine -- list --data-dir ${paths.root}`]
      : []),
    ...(outcomes > 0 ? [`${grouped(outcomes)} auction outcomes are new rows.`] : []),
    ...(isOrders ? [reports.get('summary')?.trimEnd()] : []),
    `All five reports are under ${paths.s3}/${bucket}`,
    `To look at all of it: npm start -- --no-sample --data-dir ${paths.root}`,
    '',
  ].join('\n');
}

function toVerdict(compared: readonly Comparison[]): string {
  const lines = compared.flatMap(({ report, differences }) => {
    if (differences.length === 0) return [`${report}: equal to SQL, to the digit`];
    const more = differences.length - SHOWN_MAX;
    return [
      `${report}: ${differences.length} differences`,
      ...differences.slice(0, SHOWN_MAX).map((difference) => `  ${difference}`),
      ...(more > 0 ? [`  ... and ${more} more`] : []),
    ];
  });
  return `${lines.join('\n')}\n`;
}

await runCommand('replay', command);
