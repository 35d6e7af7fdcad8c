// npm run import: the outcomes of the service that this one replaces, from its PostgreSQL into ours, with their ids.
// Once; stopped in between, it goes on where it was. docs/coming-from-django.md has the whole move.
import { defineCommand, StoppedError } from '../local/shared/command.ts';
import { grouped, shareOf } from '../local/shared/figures.ts';
import { stopSignal } from '../local/shared/schedule.ts';
import { DATA_DIR } from '../local/shared/settings.ts';
import { BETWEEN, Terminal } from '../local/shared/terminal.ts';
import { UserError } from '../local/shared/user-error.ts';
import { importedUpTo, importOutcomes } from './import/import-outcomes.ts';
import { openSourceTable, type SourceTable } from './import/source-table.ts';
import { runOperatorCommand } from './operator-command.ts';
import { type Database, openDatabase, openDirectory } from './operator-stores.ts';

const command = defineCommand(
  'import',
  "Takes the outcomes of another service's table into ours, with their ids. Goes on where it was stopped.",
)
  .requiredOption(
    '--from <url>',
    'postgres://USER@HOST:PORT/DATABASE; the password is best in PGPASSWORD',
  )
  .option('--table <name>', 'whose rows', 'auction_outcomes')
  .option('--data-dir <dir>', `into its database, where DB_HOST is not set (default: ${DATA_DIR})`)
  .action(async ({ from, table, dataDir }) => {
    const signal = stopSignal();
    const source = await openSourceTable(from, table);
    try {
      const stores = process.env.DB_HOST
        ? undefined
        : await openDirectory(dataDir ?? DATA_DIR, 'import');
      try {
        const database = await openDatabase(stores);
        if (!database) {
          throw new UserError('There is no database of outcomes yet: run "npm run migrate" first.');
        }
        await importInto(database, source, `import.${table}`, signal).finally(database.close);
      } finally {
        await stores?.close();
      }
    } finally {
      await source.close();
    }
  });

async function importInto(
  { sql }: Database,
  source: SourceTable,
  topic: string,
  signal: AbortSignal,
): Promise<void> {
  const startedMs = Date.now();
  const terminal = new Terminal(process.stderr, startedMs);
  const before = await importedUpTo(sql, topic);
  const total = Number(await source.count(before));
  let done = 0;
  const onPage = (rows: number) => {
    done += rows;
    const now = Date.now();
    const parts = [shareOf(done, total, now - startedMs), `${grouped(done)} rows`];
    terminal.status(parts.join(BETWEEN), now);
  };
  const isWhole = await importOutcomes(source, sql, { topic, signal, onPage }).finally(() =>
    terminal.end(),
  );
  if (!isWhole) {
    throw new StoppedError(
      `stopped after ${grouped(done)} of ${grouped(total)} rows. Run it again: it goes on there.`,
    );
  }
  process.stdout.write(
    `${grouped(done)} rows imported${before >= 0n ? ' besides those of before' : ''}.\n`,
  );
}

await runOperatorCommand('import', command);
