// The environment of the functions on this machine: what the deployment would set, plus the
// endpoints of the local stores in the variables that the AWS SDK itself reads.
import { DECODE_SETTINGS, DEFAULTS, ENV } from '../../functions/contracts.ts';
import { UserError } from './user-error.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Where everything is that no command names otherwise. */
export const DATA_DIR = '.data';

/** What a person sets for the functions and the runner has no word in. */
const PASSED_THROUGH = [
  ENV.reportPrefix,
  ENV.topN,
  ENV.streamEpoch,
  ENV.outcomesTopic,
  ENV.pageSpan,
  ENV.retentionDays,
  ENV.corsOrigins,
  ENV.metricsNamespace,
  ENV.logLevel,
  ENV.flushInterval,
  ENV.apiAuth,
  ENV.graphqlIntrospection,
  ENV.allowDelete,
  ENV.deleteGroup,
  ...DECODE_SETTINGS,
];
const FLUSH_INTERVAL_DEFAULT_S = 300;

/** Of the local stores. */
export interface Endpoints {
  readonly dynamodb: string;
  readonly s3: string;
  /** Its port, once a command has needed it. */
  readonly postgres?: number;
}

export interface LocalNames {
  readonly region: string;
  readonly table: string;
  readonly bucket: string;
  readonly database: string;
}

export function readLocalNames(env: Environment): LocalNames {
  return {
    region: env.AWS_REGION || 'us-east-1',
    table: env[ENV.aggregatesTable] || 'analytics-aggregates',
    bucket: env[ENV.bucket] || 'analytics-local',
    database: env[ENV.dbName] || DEFAULTS.dbName,
  };
}

/** The local stores check no signature; a person's own keys have no business there. */
export const LOCAL_CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' } as const;

export function functionEnvironment(
  env: Environment,
  endpoints: Endpoints,
): Record<string, string> {
  const { region, table, bucket } = readLocalNames(env);
  return {
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
    AWS_ENDPOINT_URL_S3: endpoints.s3,
    [ENV.aggregatesTable]: table,
    [ENV.bucket]: bucket,
    ...passedThrough(env),
  };
}

/** A person's own table and bucket in AWS, found by the AWS SDK's own settings. */
export function awsSettings(env: Environment): Record<string, string> {
  const names = present(env, [ENV.aggregatesTable, ENV.bucket]);
  return { ...sdkSettings(env), ...names, ...passedThrough(env) };
}

/** The AWS SDK's own. */
export function sdkSettings(env: Environment): Record<string, string> {
  return present(
    env,
    Object.keys(env).filter((name) => name.startsWith('AWS_')),
  );
}

/** The database that a person's own DB_ variables name. */
export function databaseSettings(env: Environment): Record<string, string> {
  return present(
    env,
    Object.values(ENV).filter((name) => name.startsWith('DB_')),
  );
}

function passedThrough(env: Environment): Record<string, string> {
  return present(env, PASSED_THROUGH);
}

function present(env: Environment, names: readonly string[]): Record<string, string> {
  const settings = names.map((name) => [name, env[name] ?? ''] as const);
  return Object.fromEntries(settings.filter(([, value]) => value !== ''));
}

/** The pages that may read the API's answers, by their origins. */
export function readCorsOrigins(env: Environment): string[] {
  return listOf(env[ENV.corsOrigins] ?? '');
}

export function listOf(text: string): string[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}

export function readFlushInterval(env: Environment): number {
  const text = env.FLUSH_INTERVAL;
  return text ? readWholeNumber('FLUSH_INTERVAL', text, 1, 1_000_000) : FLUSH_INTERVAL_DEFAULT_S;
}

export function readWholeNumber(name: string, text: string, min: number, max: number): number {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= min && number <= max)) {
    throw new UserError(`${name} must be a whole number from ${min} to ${max}, not "${text}".`);
  }
  return number;
}
