// npm run dbshell: psql over the outcomes' database, a data directory's or the one that DB_HOST names.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ENV } from '../../functions/contracts.ts';
import { defineCommand, runCommand } from '../shared/command.ts';
import { DATA_DIR, databaseSettings } from '../shared/settings.ts';
import { errorCode, UserError } from '../shared/user-error.ts';
import { openStores } from '../stores/open-stores.ts';

const command = defineCommand('dbshell', "Opens psql over the outcomes' database.")
  .option(
    '--data-dir <dir>',
    `whose database, where ${ENV.dbHost} is not set (default: ${DATA_DIR})`,
  )
  .argument('[psql...]', 'what psql is told, behind --: npm run dbshell -- -- -c "select 1"')
  .action(async (args, { dataDir }) => {
    // psql has Ctrl-C for itself.
    process.on('SIGINT', () => {});
    if (process.env[ENV.dbHost]) return shell(databaseSettings(process.env), args);
    const options = { command: 'dbshell', env: process.env, mustExist: true };
    const stores = await openStores(dataDir ?? DATA_DIR, options);
    try {
      await shell(await stores.openDatabase(), args);
    } finally {
      await stores.close();
    }
  });

async function shell(
  settings: Readonly<Record<string, string>>,
  args: readonly string[],
): Promise<void> {
  const { PATH = '', HOME = '', TERM = '' } = process.env;
  const env = {
    ...{ PATH, HOME, TERM },
    PGHOST: settings[ENV.dbHost],
    PGPORT: settings[ENV.dbPort] ?? '5432',
    PGDATABASE: settings[ENV.dbName],
    PGUSER: settings[ENV.dbUser],
    PGPASSWORD: settings[ENV.dbPassword],
    ...(settings[ENV.dbSsl] && { PGSSLMODE: settings[ENV.dbSsl] }),
  };
  const child = spawn('psql', args, { env, stdio: 'inherit' });
  try {
    const [status] = await once(child, 'exit');
    if (status !== 0) process.exitCode = 1;
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    throw new UserError(
      "psql is not installed: it comes with PostgreSQL's client (postgresql-client, libpq). " +
        `The database is at ${env.PGHOST}:${env.PGPORT}, ${env.PGDATABASE}.`,
    );
  }
}

await runCommand('dbshell', command);
