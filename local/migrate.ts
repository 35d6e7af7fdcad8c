// npm run migrate: brings the schema of the outcomes up to date, or tells what is applied. Over a data
// directory's database, or over the one that DB_HOST names.
import { ENV } from '../functions/contracts.ts';
import { readArguments, runCommand } from './command.ts';
import { hostFunctions, type Surroundings, surroundingsOf } from './functions.ts';
import { awsSettings, databaseSettings } from './settings.ts';
import { dataPaths } from './stores/data-directory.ts';
import { openStores } from './stores/open-stores.ts';
import { UserError } from './user-error.ts';

const USAGE = 'npm run migrate [-- --status] [--data-dir DIR]';

async function migrate(): Promise<void> {
  const { text, flags } = readArguments(USAGE, { status: 'boolean', 'data-dir': 'string' }, false);
  const dataDir = text['data-dir'];
  if (process.env[ENV.dbHost]) {
    if (dataDir) {
      throw new UserError(`${ENV.dbHost} names a database, and so does --data-dir: choose one.`);
    }
    return migrateIn(ownDatabase(), flags.status === true);
  }
  const stores = await openStores(dataDir ?? '.data', { command: 'migrate', env: process.env });
  try {
    await migrateIn(surroundingsOf(stores, process.env), flags.status === true);
  } finally {
    await stores.close();
  }
}

function ownDatabase(): Surroundings {
  const { env } = process;
  return {
    // For a token or a secret instead of a password.
    env: awsSettings(env),
    openDatabase: async () => databaseSettings(env),
    ownsDatabase: false,
    logs: dataPaths('.data').logs,
    debug: env.LOG_LEVEL === 'DEBUG',
  };
}

async function migrateIn(surroundings: Surroundings, statusOnly: boolean): Promise<void> {
  const functions = await hostFunctions(surroundings);
  try {
    const answer = await functions.invoke(
      'migrate-database',
      JSON.stringify({ status: statusOnly }),
    );
    process.stdout.write(statusOnly ? toStatus(answer) : toDone(answer));
  } finally {
    await functions.close();
  }
}

interface Migration {
  readonly name: string;
  readonly applied_at: string | null;
}

function toStatus(answer: string): string {
  const { migrations } = JSON.parse(answer) as { readonly migrations: readonly Migration[] };
  const lines = migrations.map(({ name, applied_at }) => {
    return `[${applied_at ? 'X' : ' '}] ${name}${applied_at ? `  ${applied_at}` : ''}\n`;
  });
  return lines.join('');
}

interface Done {
  readonly applied: readonly string[];
  readonly partitions_made: readonly string[];
  readonly partitions_dropped: readonly string[];
}

function toDone(answer: string): string {
  const { applied, partitions_made, partitions_dropped } = JSON.parse(answer) as Done;
  return [
    `Migrations applied: ${applied.join(', ') || 'none, all were'}\n`,
    `Partitions made: ${partitions_made.join(', ') || 'none, all were there'}\n`,
    ...(partitions_dropped.length > 0
      ? [`Partitions dropped: ${partitions_dropped.join(', ')}\n`]
      : []),
  ].join('');
}

await runCommand('migrate', migrate);
