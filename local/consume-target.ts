// Where `npm run consume` writes: to a data directory's stores, or to a person's own, as far as the
// environment names them.
import { S3Client } from '@aws-sdk/client-s3';
import { ENV } from '../functions/contracts.ts';
import { type Functions, hostFunctions } from './functions.ts';
import type { ReportSource } from './reports.ts';
import {
  awsSettings,
  databaseSettings,
  type Environment,
  functionEnvironment,
} from './settings.ts';
import { dataPaths } from './stores/data-directory.ts';
import { openStores } from './stores/open-stores.ts';
import { UserError } from './user-error.ts';

export interface Target extends ReportSource {
  readonly functions: Functions;
  close(): Promise<void>;
}

/** @throws {UserError} */
export async function openTarget(dataDir: string, env: Environment): Promise<Target> {
  const hasTable = Boolean(env[ENV.aggregatesTable]);
  const bucket = env[ENV.bucket];
  if (hasTable !== Boolean(bucket)) {
    throw new UserError(`Set both ${ENV.aggregatesTable} and ${ENV.bucket}, or neither.`);
  }
  const ownDatabase = env[ENV.dbHost] ? databaseSettings(env) : undefined;
  const hasAllOwn = bucket && ownDatabase;
  const stores = hasAllOwn ? undefined : await openStores(dataDir, { command: 'consume', env });
  const openDatabase = async () => ownDatabase ?? (await stores?.openDatabase()) ?? {};
  try {
    const functions = await hostFunctions({
      env: !bucket && stores ? functionEnvironment(env, stores.endpoints) : awsSettings(env),
      openDatabase,
      ownsDatabase: !ownDatabase,
      logs: dataPaths(dataDir).logs,
      debug: env.LOG_LEVEL === 'DEBUG',
    });
    const close = async () => {
      await functions.close();
      await stores?.close();
    };
    if (bucket) return { functions, s3: new S3Client(), bucket, close };
    if (!stores) throw new TypeError('There are stores where there is no bucket.');
    return { functions, s3: stores.s3, bucket: stores.bucket, close };
  } catch (error) {
    await stores?.close();
    throw error;
  }
}
