// Where `npm run consume` writes: to a data directory's stores, or to a person's own, as far as the
// environment names them.
import { S3Client } from '@aws-sdk/client-s3';
import { ENV } from '../functions/contracts.ts';
import { type Functions, hostFunctions, surroundingsOf } from './functions.ts';
import type { ReportSource } from './reports.ts';
import { awsSettings, databaseSettings, type Environment } from './settings.ts';
import { dataPaths } from './stores/data-directory.ts';
import { openStores } from './stores/open-stores.ts';
import { UserError } from './user-error.ts';

export interface Target extends ReportSource {
  readonly functions: Functions;
  close(): Promise<void>;
}

/** @throws {UserError} */
export async function openTarget(dataDir: string, env: Environment): Promise<Target> {
  const bucket = ownBucket(env);
  const database = env[ENV.dbHost] ? databaseSettings(env) : undefined;
  const logs = { logs: dataPaths(dataDir).logs, debug: env.LOG_LEVEL === 'DEBUG' };
  const ownAws = bucket ? { env: awsSettings(env), ...logs } : undefined;
  const ownDatabase = database && { openDatabase: async () => database, ownsDatabase: false };
  if (bucket && ownAws && ownDatabase) {
    const functions = await hostFunctions({ ...ownAws, ...ownDatabase });
    return { functions, s3: new S3Client(), bucket, close: functions.close };
  }
  const stores = await openStores(dataDir, { command: 'consume', env });
  const functions = await hostFunctions({
    ...surroundingsOf(stores, env),
    ...ownAws,
    ...ownDatabase,
  });
  const close = async () => {
    await functions.close();
    await stores.close();
  };
  const source = bucket ? { s3: new S3Client(), bucket } : stores;
  return { functions, s3: source.s3, bucket: source.bucket, close };
}

/** Set when the table and the bucket are a person's own, in AWS. */
function ownBucket(env: Environment): string | undefined {
  const bucket = env[ENV.bucket];
  if (Boolean(env[ENV.aggregatesTable]) === Boolean(bucket)) return bucket || undefined;
  throw new UserError(`Set both ${ENV.aggregatesTable} and ${ENV.bucket}, or neither.`);
}
