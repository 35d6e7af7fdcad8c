// The Postgres client of every function. Times, dates, numerics and bigints come back as the text that
// the server wrote: a JavaScript number or Date would lose digits.
import postgres from 'postgres';
import { DEFAULTS, ENV, type FunctionName } from '../contracts.ts';
import { type Environment, integerSetting, SettingError, textSetting } from './settings.ts';

export type Sql = postgres.Sql;
export type Transaction = postgres.TransactionSql;

/** Asked at each new connection, so a token that expires can stand for a password. */
export type PasswordSource = () => string | Promise<string>;

export interface PostgresOptions {
  readonly functionName: FunctionName;
  readonly connectionsMax: number;
  readonly password?: PasswordSource;
  readonly statementTimeoutMs?: number;
}

const CONNECT_TIMEOUT_S = 10;
const IDLE_TIMEOUT_S = 60;
const STATEMENT_TIMEOUT_MS = 30_000;
const LOCK_TIMEOUT_MS = 10_000;
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 60_000;

const DATE = 1082;
const TIMESTAMP = 1114;
const TIMESTAMPTZ = 1184;
const asText = {
  to: TIMESTAMPTZ,
  from: [DATE, TIMESTAMP, TIMESTAMPTZ],
  serialize: (value: string) => value,
  parse: (text: string) => text,
};

export function makePostgres(env: Environment, options: PostgresOptions): Sql {
  return postgres({
    host: env[ENV.dbHost] || DEFAULTS.dbHost,
    port: integerSetting(env, ENV.dbPort, DEFAULTS.dbPort, { min: 1, max: 65_535 }),
    database: env[ENV.dbName] || DEFAULTS.dbName,
    username: env[ENV.dbUser] || DEFAULTS.dbUser,
    password: options.password ?? (() => env[ENV.dbPassword] ?? ''),
    ssl: sslSetting(env),
    max: options.connectionsMax,
    connect_timeout: CONNECT_TIMEOUT_S,
    idle_timeout: IDLE_TIMEOUT_S,
    types: { date: asText },
    onnotice: () => {},
    connection: {
      application_name: options.functionName,
      TimeZone: 'UTC',
      DateStyle: 'ISO',
      statement_timeout: options.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS,
      lock_timeout: LOCK_TIMEOUT_MS,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    },
  });
}

/** `verify-full` checks the server's certificate against Node's authorities (NODE_EXTRA_CA_CERTS). */
function sslSetting(env: Environment): false | 'require' | 'verify-full' {
  const mode = textSetting(env, ENV.dbSsl, DEFAULTS.dbSsl, /^(disable|require|verify-full)$/);
  if (mode === 'disable') return false;
  if (mode === 'require' || mode === 'verify-full') return mode;
  throw new SettingError(`${ENV.dbSsl}: ${mode} is not known.`);
}
