// The functions over their stores, as a command needs them: those of a data directory, or a person's own as far as
// the environment names them.
import { S3Client } from '@aws-sdk/client-s3';
import { ENV } from '../../functions/contracts.ts';
import {
  awsSettings,
  databaseSettings,
  type Environment,
  sdkSettings,
} from '../shared/settings.ts';
import { UserError } from '../shared/user-error.ts';
import { dataPaths } from '../stores/data-directory.ts';
import { type OpenOptions, openStores, type Stores } from '../stores/open-stores.ts';
import { type Functions, hostFunctions, type Surroundings, surroundingsOf } from './functions.ts';
import type { ReportSource } from './reports.ts';

export interface ServiceOptions extends Pick<OpenOptions, 'command' | 'ports'> {
  readonly dataDir: string;
  readonly env: Environment;
  /** Whether the aggregates and the reports are in AWS, where the SDK's own settings say. */
  readonly usesAws: boolean;
}

export interface Service {
  readonly functions: Functions;
  /** Where the reports are. */
  readonly reports: ReportSource;
  /** Undefined when all is a person's own. */
  readonly stores: Stores | undefined;
  /** Whether the database is a person's own, named by DB_HOST. */
  readonly hasOwnDatabase: boolean;
  close(): Promise<void>;
}

/** @throws {UserError} */
export async function openService(options: ServiceOptions): Promise<Service> {
  const { dataDir, env, usesAws } = options;
  const bucket = usesAws ? ownBucket(env) : undefined;
  const hasOwnDatabase = Boolean(env[ENV.dbHost]);
  const logs = { logs: dataPaths(dataDir).logs, debug: env.LOG_LEVEL === 'DEBUG' };
  const database = { openDatabase: async () => databaseSettings(env), ownsDatabase: false };
  if (bucket && hasOwnDatabase) {
    const functions = await hostFunctions({ env: awsSettings(env), ...logs, ...database });
    const reports = { s3: new S3Client(), bucket };
    return { functions, reports, stores: undefined, hasOwnDatabase, close: functions.close };
  }
  const stores = await openStores(dataDir, options);
  const local = surroundingsOf(stores, env);
  const surroundings: Surroundings = {
    ...local,
    ...(hasOwnDatabase && { ...database, env: withLogin(local.env, env) }),
    ...(bucket && { env: awsSettings(env) }),
  };
  try {
    const functions = await hostFunctions(surroundings);
    const close = async () => {
      await functions.close();
      await stores.close();
    };
    const reports = bucket ? { s3: new S3Client(), bucket } : stores;
    return { functions, reports, stores, hasOwnDatabase, close };
  } catch (error) {
    await stores.close();
    throw error;
  }
}

/** A token or a secret of the database's is asked of AWS; the local stores check no signature anyway. */
function withLogin(local: Readonly<Record<string, string>>, env: Environment) {
  if (!env[ENV.dbIamAuth] && !env[ENV.dbSecretArn]) return local;
  const { AWS_ENDPOINT_URL_DYNAMODB = '', AWS_ENDPOINT_URL_S3 = '' } = local;
  const { AWS_ACCESS_KEY_ID: _id, AWS_SECRET_ACCESS_KEY: _key, ...others } = local;
  return { ...others, ...sdkSettings(env), AWS_ENDPOINT_URL_DYNAMODB, AWS_ENDPOINT_URL_S3 };
}

function ownBucket(env: Environment): string {
  const bucket = env[ENV.bucket];
  if (bucket && env[ENV.aggregatesTable]) return bucket;
  throw new UserError(`--aws needs both ${ENV.aggregatesTable} and ${ENV.bucket}.`);
}

interface Migration {
  readonly name: string;
  readonly applied_at: string | null;
}

export async function readMigrations(functions: Functions): Promise<readonly Migration[]> {
  const answer = await functions.invoke('migrate-database', '{"status":true}');
  return (JSON.parse(answer) as { readonly migrations: readonly Migration[] }).migrations;
}

/**
 * Brings the schema of the directory's own database up to date; a person's own is only looked at, unless told.
 * @throws {UserError} when its schema is not up to date.
 */
export async function prepareDatabase(
  { functions, hasOwnDatabase }: Service,
  mayMigrate: boolean,
): Promise<void> {
  if (hasOwnDatabase && !mayMigrate) {
    const migrations = await readMigrations(functions);
    const missing = migrations.filter(({ applied_at }) => applied_at === null);
    if (missing.length > 0) {
      throw new UserError(
        `The database that ${ENV.dbHost} names lacks ${missing.length} of ${migrations.length} migrations. ` +
          'Apply them with "npm run migrate", or start with --migrate.',
      );
    }
  }
  await functions.invoke('migrate-database', '{}');
}
