// npm run report: one report run, now.
import { readArguments, runCommand } from './command.ts';
import { hostFunctions, surroundingsOf } from './functions.ts';
import { readReport, runReports } from './reports.ts';
import { openStores } from './stores/open-stores.ts';

const USAGE = 'npm run report [-- --data-dir DIR]';

async function report(): Promise<void> {
  const { text } = readArguments(USAGE, { 'data-dir': 'string' }, false);
  const dataDir = text['data-dir'] ?? '.data';
  const stores = await openStores(dataDir, { command: 'report', env: process.env });
  const functions = await hostFunctions(surroundingsOf(stores, process.env));
  try {
    const run = await runReports(functions);
    const summary = await readReport(stores, run, 'summary');
    const keys = run.keys.map((key) => `s3://${stores.bucket}/${key}`);
    process.stdout.write(`${keys.join('\n')}\n${summary.trimEnd()}\n`);
  } finally {
    await functions.close();
    await stores.close();
  }
}

await runCommand('report', report);
