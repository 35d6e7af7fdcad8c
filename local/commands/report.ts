// npm run report: one report run, now.

import { hostFunctions, surroundingsOf } from '../service/functions.ts';
import { readReport, runReports } from '../service/reports.ts';
import { defineCommand, runCommand } from '../shared/command.ts';
import { stopSignal } from '../shared/schedule.ts';
import { DATA_DIR } from '../shared/settings.ts';
import { openStores } from '../stores/open-stores.ts';

const command = defineCommand('report', 'Runs the reports once, now, and shows the summary.')
  .option('--data-dir <dir>', `the data directory, which must be there (default: ${DATA_DIR})`)
  .action(async ({ dataDir }) => {
    // The run in hand ends by itself within moments.
    stopSignal();
    const mustExist = dataDir !== undefined;
    const options = { command: 'report', env: process.env, mustExist };
    const stores = await openStores(dataDir ?? DATA_DIR, options);
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
  });

await runCommand('report', command);
