// Where `npm run consume` takes the records: through functions of this machine to a data directory's stores
// or to a person's own, as far as the environment names them; or to the functions of a deployed stack.
import { S3Client } from '@aws-sdk/client-s3';
import { ENV } from '../functions/contracts.ts';
import { checkDeployed, deployedFunctions } from './deployed-functions.ts';
import { type Functions, hostFunctions, surroundingsOf } from './functions.ts';
import { figuresOf } from './progress.ts';
import { type ReportSource, readReport, readSummaryFigures, runReports } from './reports.ts';
import { awsSettings, databaseSettings, type Environment } from './settings.ts';
import { dataPaths } from './stores/data-directory.ts';
import { openStores } from './stores/open-stores.ts';
import { UserError } from './user-error.ts';

export interface Target {
  readonly functions: Functions;
  /** Runs the reports and tells of them; undefined where a schedule does it. */
  readonly report: (() => Promise<string>) | undefined;
  close(): Promise<void>;
}

export interface TargetOptions {
  readonly dataDir: string;
  /** Undefined: the functions run here. */
  readonly deployed: DeployedOptions | undefined;
}

export interface DeployedOptions {
  /** What stands before each function's name. */
  readonly prefix: string;
  readonly withReports: boolean;
}

/** @throws {UserError} */
export async function openTarget(
  { dataDir, deployed }: TargetOptions,
  env: Environment,
): Promise<Target> {
  return deployed ? openDeployed(deployed) : openHosted(dataDir, env);
}

async function openDeployed({ prefix, withReports }: DeployedOptions): Promise<Target> {
  await checkDeployed(prefix, ['aggregate-orders', 'record-outcomes']);
  const functions = deployedFunctions(prefix);
  const report = async () => `${(await runReports(functions)).generatedAt}  report`;
  return { functions, report: withReports ? report : undefined, close: functions.close };
}

async function openHosted(dataDir: string, env: Environment): Promise<Target> {
  const bucket = ownBucket(env);
  const database = env[ENV.dbHost] ? databaseSettings(env) : undefined;
  const logs = { logs: dataPaths(dataDir).logs, debug: env.LOG_LEVEL === 'DEBUG' };
  const ownAws = bucket ? { env: awsSettings(env), ...logs } : undefined;
  const ownDatabase = database && { openDatabase: async () => database, ownsDatabase: false };
  if (bucket && ownAws && ownDatabase) {
    const functions = await hostFunctions({ ...ownAws, ...ownDatabase });
    const source = { s3: new S3Client(), bucket };
    return { functions, report: () => reportFrom(functions, source), close: functions.close };
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
  return { functions, report: () => reportFrom(functions, source), close };
}

async function reportFrom(functions: Functions, source: ReportSource): Promise<string> {
  const run = await runReports(functions);
  const figures = readSummaryFigures(await readReport(source, run, 'summary'));
  return `${run.generatedAt}  report: ${figuresOf({ figures })}`;
}

/** Set when the table and the bucket are a person's own, in AWS. */
function ownBucket(env: Environment): string | undefined {
  const bucket = env[ENV.bucket];
  if (Boolean(env[ENV.aggregatesTable]) === Boolean(bucket)) return bucket || undefined;
  throw new UserError(`Set both ${ENV.aggregatesTable} and ${ENV.bucket}, or neither.`);
}
