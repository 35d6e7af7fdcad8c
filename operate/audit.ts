// npm run audit: recomputes every aggregate from the row images and every rollup from the rows, and
// compares. Only reads. Over a data directory, or with --table over a table in AWS, found by the AWS SDK's
// own settings.
import { setTimeout as sleep } from 'node:timers/promises';
import { audit as auditOrders, type SteadyAudit } from '../functions/orders/repair/audit.ts';
import { auditRollups, type RollupsResult } from '../functions/outcomes/store/rollups-store.ts';
import { readArguments } from '../local/command.ts';
import type { Stores } from '../local/stores/open-stores.ts';
import { UserError } from '../local/user-error.ts';
import { showDifference } from './differences.ts';
import { runOperatorCommand } from './operator-command.ts';
import { openDatabase, openDirectory } from './operator-stores.ts';
import { openOrders } from './order-ports.ts';

const USAGE = 'npm run audit [-- --data-dir DIR | --table NAME] [--json]';
const LOOK_AGAIN_AFTER_MS = 2_000;
const SHOWN_MAX = 50;

interface Result extends SteadyAudit {
  readonly outcomes?: RollupsResult;
}

async function audit(): Promise<void> {
  const options = { 'data-dir': 'string', table: 'string', json: 'boolean' } as const;
  const { text, flags } = readArguments(USAGE, options, false);
  if (text.table && text['data-dir']) {
    throw new UserError('--table and --data-dir: choose one.');
  }
  const stores = text.table ? undefined : await openDirectory(text['data-dir'] ?? '.data', 'audit');
  try {
    const result = await auditAll(stores, text.table ?? '');
    process.stdout.write(flags.json ? `${JSON.stringify(result)}\n` : toText(result));
    const outcomes = result.outcomes?.differences.length ?? 0;
    if (result.differences.length + outcomes > 0) process.exitCode = 1;
  } finally {
    await stores?.close();
  }
}

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
  return `${[...orders, ...doubt, ...rollups].join('\n')}\n`;
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

await runOperatorCommand('audit', audit);
