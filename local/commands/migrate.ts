// npm run migrate: brings the schema of the outcomes up to date, or tells what is applied, or would be. Over a data
// directory's database, or over the one that DB_HOST names.
import { ENV } from '../../functions/contracts.ts';
import { deployedFunctions } from '../consume/deployed-functions.ts';
import {
  type Functions,
  hostFunctions,
  type Surroundings,
  surroundingsOf,
} from '../service/functions.ts';
import { readMigrations } from '../service/service.ts';
import { defineCommand, runCommand } from '../shared/command.ts';
import { stopSignal } from '../shared/schedule.ts';
import { awsSettings, DATA_DIR, databaseSettings } from '../shared/settings.ts';
import { UserError } from '../shared/user-error.ts';
import { dataPaths } from '../stores/data-directory.ts';
import { openStores } from '../stores/open-stores.ts';

type Work = (functions: Functions) => Promise<string>;

const command = defineCommand('migrate', "Brings the schema of the outcomes' database up to date.")
  .option('--status', 'lists the migrations instead: [X] is applied')
  .option('--plan', 'lists those that would be applied instead')
  .option('--retention', 'also drops the months that RETENTION_DAYS says are old')
  .option(
    '--data-dir <dir>',
    `whose database, where ${ENV.dbHost} is not set (default: ${DATA_DIR})`,
  )
  .option('--stack <name>', "a deployed stack's database instead, through its function")
  .action(async ({ status, plan, retention, dataDir, stack }) => {
    if (status && plan) throw new UserError('--status and --plan: choose one.');
    if (stack) return migrateStack(stack, { retention, dataDir }, workOf(status, plan));
    const looks = status || plan;
    // What is in hand ends by itself; a migration is applied whole or not at all.
    stopSignal();
    const env = retention && !looks ? process.env : { ...process.env, [ENV.retentionDays]: '' };
    const work = workOf(status, plan);
    if (process.env[ENV.dbHost]) {
      if (dataDir) {
        throw new UserError(`${ENV.dbHost} names a database, and so does --data-dir: choose one.`);
      }
      return migrateIn(ownDatabase(env), work);
    }
    const stores = await openStores(dataDir ?? DATA_DIR, { command: 'migrate', env });
    try {
      await migrateIn(surroundingsOf(stores, env), work);
    } finally {
      await stores.close();
    }
  });

function workOf(status: true | undefined, plan: true | undefined): Work {
  return status ? showStatus : plan ? showPlan : apply;
}

/** The settings of the stack say what is dropped. */
async function migrateStack(
  stack: string,
  {
    retention,
    dataDir,
  }: { readonly retention?: true | undefined; readonly dataDir?: string | undefined },
  work: Work,
): Promise<void> {
  if (dataDir) throw new UserError('--stack and --data-dir: choose one.');
  if (process.env[ENV.dbHost]) {
    throw new UserError(`${ENV.dbHost} names a database, and so does --stack: choose one.`);
  }
  if (retention) {
    throw new UserError(
      '--retention cannot be used with --stack: its setting retentionDays says it.',
    );
  }
  await migrateWith(deployedFunctions(`${stack}-`), work);
}

function ownDatabase(env: NodeJS.ProcessEnv): Surroundings {
  return {
    // For a token or a secret instead of a password.
    env: awsSettings(env),
    openDatabase: async () => databaseSettings(env),
    ownsDatabase: false,
    logs: dataPaths(DATA_DIR).logs,
    debug: env.LOG_LEVEL === 'DEBUG',
  };
}

async function migrateIn(surroundings: Surroundings, work: Work): Promise<void> {
  await migrateWith(await hostFunctions(surroundings), work);
}

async function migrateWith(functions: Functions, work: Work): Promise<void> {
  try {
    process.stdout.write(await work(functions));
  } finally {
    await functions.close();
  }
}

async function showStatus(functions: Functions): Promise<string> {
  const lines = (await readMigrations(functions)).map(({ name, applied_at }) => {
    return `[${applied_at ? 'X' : ' '}] ${name}${applied_at ? `  ${applied_at}` : ''}\n`;
  });
  return lines.join('');
}

async function showPlan(functions: Functions): Promise<string> {
  const planned = (await readMigrations(functions)).filter(({ applied_at }) => applied_at === null);
  if (planned.length === 0) return 'Nothing to apply: the schema is up to date.\n';
  return `Would be applied, in this order:\n${planned.map(({ name }) => `  ${name}\n`).join('')}`;
}

interface Done {
  readonly applied: readonly string[];
  readonly partitions_made: readonly string[];
  readonly partitions_dropped: readonly string[];
}

async function apply(functions: Functions): Promise<string> {
  const answer = await functions.invoke('migrate-database', '{}');
  const { applied, partitions_made, partitions_dropped } = JSON.parse(answer) as Done;
  return [
    applied.length > 0
      ? `Migrations applied: ${applied.join(', ')}\n`
      : 'No migrations to apply: the schema is up to date.\n',
    ...(partitions_made.length > 0 ? [`Partitions made: ${partitions_made.join(', ')}\n`] : []),
    ...(partitions_dropped.length > 0
      ? [`Partitions dropped: ${partitions_dropped.join(', ')}\n`]
      : []),
  ].join('');
}

await runCommand('migrate', command);
