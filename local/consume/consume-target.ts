// Where `npm run consume` takes the records: through functions of this machine to a data directory's stores
// or to a person's own, as far as the environment names them; or to the functions of a deployed stack.
import { ENV, type FunctionName } from '../../functions/contracts.ts';
import type { Functions } from '../service/functions.ts';
import { figuresOf } from '../service/progress.ts';
import { readReport, readSummaryFigures, runReports } from '../service/reports.ts';
import { openService, type Service } from '../service/service.ts';
import type { Environment } from '../shared/settings.ts';
import { UserError } from '../shared/user-error.ts';
import { checkDeployed, deployedFunctions } from './deployed-functions.ts';

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
  /** Those that the topics need. */
  readonly names: readonly FunctionName[];
}

export interface DeployedOptions {
  /** What stands before each function's name. */
  readonly prefix: string;
  readonly withReports: boolean;
}

/** @throws {UserError} */
export async function openTarget(
  { dataDir, deployed, names }: TargetOptions,
  env: Environment,
): Promise<Target> {
  if (deployed) return openDeployed(deployed, names);
  const usesAws = Boolean(env[ENV.bucket] || env[ENV.aggregatesTable]);
  if (usesAws && !(env[ENV.bucket] && env[ENV.aggregatesTable])) {
    throw new UserError(`Set both ${ENV.aggregatesTable} and ${ENV.bucket}, or neither.`);
  }
  const service = await openService({ dataDir, env, usesAws, command: 'consume' });
  const hasOrders = names.includes('aggregate-orders');
  const report = hasOrders ? () => reportOf(service) : undefined;
  return { functions: service.functions, report, close: service.close };
}

async function openDeployed(
  { prefix, withReports }: DeployedOptions,
  names: readonly FunctionName[],
): Promise<Target> {
  await checkDeployed(prefix, names);
  const functions = deployedFunctions(prefix);
  const report = async () => `${(await runReports(functions)).generatedAt}  report`;
  return { functions, report: withReports ? report : undefined, close: functions.close };
}

async function reportOf({ functions, reports }: Service): Promise<string> {
  const run = await runReports(functions);
  const figures = readSummaryFigures(await readReport(reports, run, 'summary'));
  return `${run.generatedAt}  report: ${figuresOf({ figures })}`;
}
