// npm run audit: recomputes every aggregate from the row images and every rollup from the rows, and
// compares. Only reads. Over a data directory, with --table over a table in AWS, found by the AWS SDK's
// own settings, or with --stack where the stores of a stack are.
import { setTimeout as sleep } from 'node:timers/promises';
import { showOrders, showOutcomes } from '../functions/operate/audit.ts';
import { audit as auditOrders, type SteadyAudit } from '../functions/orders/repair/audit.ts';
import { auditRollups, type RollupsResult } from '../functions/outcomes/store/rollups-store.ts';
import { defineCommand, EXIT, unlessStopped } from '../local/shared/command.ts';
import { stopSignal } from '../local/shared/schedule.ts';
import { DATA_DIR } from '../local/shared/settings.ts';
import type { Stores } from '../local/stores/open-stores.ts';
import { askStack, STACK_OPTION } from './deployed.ts';
import { runOperatorCommand } from './operator-command.ts';
import { chooseOne, openDatabase, openDirectory } from './operator-stores.ts';
import { openOrders } from './order-ports.ts';

const LOOK_AGAIN_AFTER_MS = 2_000;

interface Result {
  readonly orders: SteadyAudit;
  readonly outcomes?: RollupsResult;
}

const command = defineCommand(
  'audit',
  'Recomputes every aggregate from the row images and every rollup from the rows. Only reads.',
)
  .option('--data-dir <dir>', `the data directory (default: ${DATA_DIR})`)
  .option('--table <name>', "a table in AWS instead, by the AWS SDK's own settings")
  .option(...STACK_OPTION)
  .option('--json', 'prints one JSON document')
  .action(async ({ dataDir, table, stack, json = false }) => {
    chooseOne({ '--stack': stack, '--table': table, '--data-dir': dataDir });
    if (stack) return askStack(stack, () => ({ command: 'audit', json }));
    const signal = stopSignal();
    const stores = table ? undefined : await openDirectory(dataDir ?? DATA_DIR, 'audit');
    try {
      const work = auditAll(stores, table ?? '');
      const { orders, outcomes } = await unlessStopped(signal, work, STOPPED);
      process.stdout.write(showOrders(orders, json) + showOutcomes(outcomes, json));
      const differences = orders.differences.length + (outcomes?.differences.length ?? 0);
      if (differences > 0) process.exitCode = EXIT.found;
    } finally {
      await stores?.close();
    }
  });

const STOPPED = 'stopped before it came to a result. It only reads: run it again.';

async function auditAll(stores: Stores | undefined, name: string): Promise<Result> {
  const pause = () => sleep(LOOK_AGAIN_AFTER_MS);
  const orders = await auditOrders(openOrders(stores, name, pause));
  const database = await openDatabase(stores);
  if (!database) return { orders };
  const outcomes = await auditRollups(database.sql).finally(() => database.close());
  return { orders, outcomes };
}

await runOperatorCommand('audit', command);
