// npm run rebuild: makes the aggregates equal the row images again, and with --outcomes the rollups equal
// the rows, while ingestion goes on. How: docs/decisions/0014-rebuild-by-segments.md.
import { setTimeout as sleep } from 'node:timers/promises';
import { ENV } from '../functions/contracts.ts';
import { ORDERS, OUTCOMES, showDifferences, showRebuilt } from '../functions/operate/rebuild.ts';
import type { AuditResult } from '../functions/orders/repair/audit.ts';
import { rebuild } from '../functions/orders/repair/rebuild.ts';
import { rebuildRollups } from '../functions/outcomes/store/rollups-store.ts';
import { defineCommand, EXIT, unlessStopped } from '../local/shared/command.ts';
import { stopSignal } from '../local/shared/schedule.ts';
import { DATA_DIR } from '../local/shared/settings.ts';
import { UserError } from '../local/shared/user-error.ts';
import type { Stores } from '../local/stores/open-stores.ts';
import { askStack, STACK_OPTION } from './deployed.ts';
import { runOperatorCommand } from './operator-command.ts';
import { chooseOne, openDatabase, openDirectory } from './operator-stores.ts';
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
  .option(...STACK_OPTION)
  .option('--outcomes', "the outcomes' rollups instead")
  .option('--dry-run', 'measures and changes nothing: exit code 3 if something differs')
  .action(async ({ dataDir, table, stack, outcomes = false, dryRun: isDryRun = false }) => {
    chooseOne({ '--stack': stack, '--table': table, '--data-dir': dataDir });
    const epoch = process.env[ENV.streamEpoch] || undefined;
    if (stack) {
      return askStack(stack, () => ({ command: 'rebuild', outcomes, isDryRun, epoch }));
    }
    const signal = stopSignal();
    const stores = table ? undefined : await openDirectory(dataDir ?? DATA_DIR, 'rebuild');
    try {
      const work = outcomes
        ? rebuildOutcomes(stores, isDryRun)
        : rebuildOrders(stores, table ?? '', isDryRun, epoch);
      const differences = await unlessStopped(signal, work, STOPPED);
      if (isDryRun && differences > 0) process.exitCode = EXIT.found;
    } finally {
      await stores?.close();
    }
  });

async function rebuildOutcomes(stores: Stores | undefined, isDryRun: boolean): Promise<number> {
  const database = await openDatabase(stores);
  if (!database) throw new UserError('There is no database of outcomes: set DB_HOST.');
  const result = await rebuildRollups(database.sql, isDryRun).finally(() => database.close());
  return print(OUTCOMES, result, isDryRun);
}

async function rebuildOrders(
  stores: Stores | undefined,
  name: string,
  isDryRun: boolean,
  epoch: string | undefined,
): Promise<number> {
  const ports = openOrders(stores, name, () => sleep(LOOK_AGAIN_AFTER_MS));
  const options = { isDryRun, waitMsMax: WAIT_MS_MAX, ...(epoch && { epoch }) };
  return print(ORDERS, await rebuild(ports, options), isDryRun);
}

function print(
  kind: typeof ORDERS | typeof OUTCOMES,
  { rows, differences }: Pick<AuditResult, 'rows' | 'differences'>,
  isDryRun: boolean,
): number {
  const told = { rows, differences: differences.length, isDryRun };
  process.stdout.write(showDifferences(differences) + showRebuilt(kind, told));
  return differences.length;
}

await runOperatorCommand('rebuild', command);
