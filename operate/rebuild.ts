// npm run rebuild: makes the aggregates equal the row images again, and with --outcomes the rollups equal
// the rows, while ingestion goes on. How: docs/decisions/0014-rebuild-by-segments.md.
import { setTimeout as sleep } from 'node:timers/promises';
import { ENV } from '../functions/contracts.ts';
import type { AuditResult } from '../functions/orders/repair/audit.ts';
import { RebuildError, rebuild } from '../functions/orders/repair/rebuild.ts';
import { rebuildRollups } from '../functions/outcomes/store/rollups-store.ts';
import { readArguments } from '../local/command.ts';
import type { Stores } from '../local/stores/open-stores.ts';
import { UserError } from '../local/user-error.ts';
import { showDifference } from './differences.ts';
import { runOperatorCommand } from './operator-command.ts';
import { openDatabase, openDirectory } from './operator-stores.ts';
import { openOrders } from './order-ports.ts';

const USAGE = 'npm run rebuild [-- --data-dir DIR | --table NAME] [--outcomes] [--dry-run]';
const LOOK_AGAIN_AFTER_MS = 1_000;
/** Longer than a function may run. */
const WAIT_MS_MAX = 16 * 60_000;

async function run(): Promise<void> {
  const { text, flags } = readArguments(
    USAGE,
    { 'data-dir': 'string', table: 'string', outcomes: 'boolean', 'dry-run': 'boolean' },
    false,
  );
  const isDryRun = flags['dry-run'] === true;
  if (text.table && text['data-dir']) {
    throw new UserError('--table and --data-dir: choose one.');
  }
  const stores = text.table
    ? undefined
    : await openDirectory(text['data-dir'] ?? '.data', 'rebuild');
  try {
    if (flags.outcomes) {
      const database = await openDatabase(stores);
      if (!database) throw new UserError('There is no database of outcomes: set DB_HOST.');
      const mended = rebuildRollups(database.sql, isDryRun).finally(() => database.close());
      print('the rollups', 'the rows', await mended, isDryRun);
      return;
    }
    const mended = await rebuildOrders(stores, text.table ?? '', isDryRun);
    print('the aggregates', 'the row images', mended, isDryRun);
  } finally {
    await stores?.close();
  }
}

async function rebuildOrders(stores: Stores | undefined, name: string, isDryRun: boolean) {
  const ports = openOrders(stores, name, () => sleep(LOOK_AGAIN_AFTER_MS));
  const epoch = process.env[ENV.streamEpoch];
  try {
    return await rebuild(ports, { isDryRun, waitMsMax: WAIT_MS_MAX, ...(epoch && { epoch }) });
  } catch (error) {
    throw error instanceof RebuildError ? new UserError(error.message) : error;
  }
}

function print(
  what: string,
  source: string,
  { rows, differences }: Pick<AuditResult, 'rows' | 'differences'>,
  isDryRun: boolean,
): void {
  const lines = differences.map((difference) => `  ${showDifference(difference)}\n`);
  const done = isDryRun ? 'to mend' : 'mended';
  const summary =
    differences.length === 0
      ? `${rows} rows: ${what} equal ${source}.\n`
      : `${rows} rows: ${differences.length} differences ${done}.\n`;
  process.stdout.write([...lines, summary].join(''));
}

await runOperatorCommand('rebuild', run);
