// npm run audit: recomputes every aggregate from the row images and every rollup from the rows, and
// compares. Only reads. Over a data directory, or with --table over a table in AWS, found by the AWS SDK's
// own settings.
import { setTimeout as sleep } from 'node:timers/promises';
import { audit as auditOrders, type SteadyAudit } from '../functions/orders/repair/audit.ts';
import { auditRollups, type RollupsResult } from '../functions/outcomes/store/rollups-store.ts';
import { defineCommand, EXIT, unlessStopped } from '../local/shared/command.ts';
import { stopSignal } from '../local/shared/schedule.ts';
import { DATA_DIR } from '../local/shared/settings.ts';
import { UserError } from '../local/shared/user-error.ts';
import type { Stores } from '../local/stores/open-stores.ts';
import { showDifference } from './differences.ts';
import { runOperatorCommand } from './operator-command.ts';
import { openDatabase, openDirectory } from './operator-stores.ts';
import { openOrders } from './order-ports.ts';

const LOOK_AGAIN_AFTER_MS = 2_000;
const SHOWN_MAX = 50;

interface Result extends SteadyAudit {
  readonly outcomes?: RollupsResult;
}

const command = defineCommand(
  'audit',
  'Recomputes every aggregate from the row images and every rollup from the rows. Only reads.',
)
  .option('--data-dir <dir>', `the data directory (default: ${DATA_DIR})`)
  .option('--table <name>', "a table in AWS instead, by the AWS SDK's own settings")
  .option('--json', 'prints one JSON document')
  .action(async ({ dataDir, table, json }) => {
    if (table && dataDir) throw new UserError('--table and --data-dir: choose one.');
    const signal = stopSignal();
    const stores = table ? undefined : await openDirectory(dataDir ?? DATA_DIR, 'audit');
    try {
      const result = await unlessStopped(signal, auditAll(stores, table ?? ''), STOPPED);
      process.stdout.write(json ? `${JSON.stringify(result)}\n` : toText(result));
      const outcomes = result.outcomes?.differences.length ?? 0;
      if (result.differences.length + outcomes > 0) process.exitCode = EXIT.found;
    } finally {
      await stores?.close();
    }
  });

const STOPPED = 'stopped before it came to a result. It only reads: run it again.';

async function auditAll(stores: Stores | undefined, name: string): Promise<Result> {
  const orders = await auditOrders(openOrders(stores, name, () => sleep(LOOK_AGAIN_AFTER_MS)));
  const database = await openDatabase(stores);
  if (!database) return orders;
  const outcomes = await auditRollups(database.sql).finally(() => database.close());
  return { ...orders, outcomes };
}

function toText({ rows, aggregates, differences, isQuiet, outcomes }: Result): string {
  const scope = `${rows} rows, ${aggregates} aggregates`;
  const orders = section(scope, 'the aggregates equal the row images', differences);
  const advice =
    differences.length === 0
      ? []
      : [
          'If a replay or consume was killed in the middle of a batch, run it again first: that mends it. ' +
            'What stays, "npm run rebuild" mends.',
        ];
  const doubt =
    isQuiet || differences.length === 0
      ? []
      : [
          'Batches were under way: these differed in the same way at every look. ' +
            '"npm run rebuild -- --dry-run" measures exactly.',
        ];
  const rollups = outcomes
    ? section(`${outcomes.rows} outcomes`, 'the rollups equal the rows', outcomes.differences)
    : [];
  return `${[...orders, ...doubt, ...advice, ...rollups].join('\n')}\n`;
}

function section(
  scope: string,
  sound: string,
  differences: readonly Parameters<typeof showDifference>[0][],
): string[] {
  if (differences.length === 0) return [`${scope}: ${sound}.`];
  const more = differences.length - SHOWN_MAX;
  return [
    `${scope}: ${differences.length} differences.`,
    ...differences.slice(0, SHOWN_MAX).map((one) => `  ${showDifference(one)}`),
    ...(more > 0 ? [`  ... and ${more} more`] : []),
  ];
}

await runOperatorCommand('audit', command);
