// npm run rebuild: makes the aggregates equal the row images again, and with --outcomes the rollups equal
// the rows, while ingestion goes on. How: docs/decisions/0014-rebuild-by-segments.md.
import { setTimeout as sleep } from 'node:timers/promises';
import { ENV } from '../functions/contracts.ts';
import type { AuditResult } from '../functions/orders/repair/audit.ts';
import { RebuildError, rebuild } from '../functions/orders/repair/rebuild.ts';
import { rebuildRollups } from '../functions/outcomes/store/rollups-store.ts';
import { defineCommand, EXIT, unlessStopped } from '../local/shared/command.ts';
import { stopSignal } from '../local/shared/schedule.ts';
import { DATA_DIR } from '../local/shared/settings.ts';
import { UserError } from '../local/shared/user-error.ts';
import type { Stores } from '../local/stores/open-stores.ts';
import { showDifference } from './differences.ts';
import { runOperatorCommand } from './operator-command.ts';
import { openDatabase, openDirectory } from './operator-stores.ts';
import { openOrders } from './order-ports.ts';

const LOOK_AGAIN_AFTER_MS = 1_000;
/** Longer than a function may run. */
const WAIT_MS_MAX = 16 * 60_000;
const STOPPED =
  'stopped. What was mended stays mended, nothing is half: run it again for the rest.';

const command = defineCommand(
  'rebuild',
  'Makes the aggregates equal the row images again, while ingestion goes on.',
)
  .option('--data-dir <dir>', `the data directory (default: ${DATA_DIR})`)
  .option('--table <name>', "a table in AWS instead, by the AWS SDK's own settings")
  .option('--outcomes', "the outcomes' rollups instead")
  .option('--dry-run', 'measures and changes nothing: exit code 3 if something differs')
  .action(async ({ dataDir, table, outcomes, dryRun: isDryRun = false }) => {
    if (table && dataDir) throw new UserError('--table and --data-dir: choose one.');
    const signal = stopSignal();
    const stores = table ? undefined : await openDirectory(dataDir ?? DATA_DIR, 'rebuild');
    try {
      const work = outcomes
        ? rebuildOutcomes(stores, isDryRun)
        : rebuildOrders(stores, table ?? '', isDryRun);
      const differences = await unlessStopped(signal, work, STOPPED);
      if (isDryRun && differences > 0) process.exitCode = EXIT.found;
    } finally {
      await stores?.close();
    }
  });

async function rebuildOutcomes(stores: Stores | undefined, isDryRun: boolean): Promise<number> {
  const database = await openDatabase(stores);
  if (!database) throw new UserError('There is no database of outcomes: set DB_HOST.');
  const mended = await rebuildRollups(database.sql, isDryRun).finally(() => database.close());
  return print('the rollups', 'the rows', mended, isDryRun);
}

async function rebuildOrders(stores: Stores | undefined, name: string, isDryRun: boolean) {
  const ports = openOrders(stores, name, () => sleep(LOOK_AGAIN_AFTER_MS));
  const epoch = process.env[ENV.streamEpoch];
  try {
    const result = await rebuild(ports, {
      ...{ isDryRun, waitMsMax: WAIT_MS_MAX },
      ...(epoch && { epoch }),
    });
    return print('the aggregates', 'the row images', result, isDryRun);
  } catch (error) {
    throw error instanceof RebuildError ? new UserError(error.message) : error;
  }
}

function print(
  what: string,
  source: string,
  { rows, differences }: Pick<AuditResult, 'rows' | 'differences'>,
  isDryRun: boolean,
): number {
  const lines = differences.map((difference) => `  ${showDifference(difference)}\n`);
  const done = isDryRun ? 'to mend' : 'mended';
  const summary =
    differences.length === 0
      ? `${rows} rows: ${what} equal ${source}.\n`
      : `${rows} rows: ${differences.length} differences ${done}.\n`;
  process.stdout.write([...lines, summary].join(''));
  return differences.length;
}

await runOperatorCommand('rebuild', command);
