// The Postgres client of every function, from its environment.
import { Pool } from 'pg';
import { DEFAULTS, ENV, type FunctionName } from '../contracts.ts';
import { type Environment, integerSetting, textSetting } from './settings.ts';
import { EXACT_TYPES, makeSql, type Sql } from './sql-client.ts';

/** Asked at each new connection, so a token that expires can stand for a password. */
export type PasswordSource = () => string | Promise<string>;

export interface PostgresOptions {
  readonly functionName: FunctionName;
  readonly connectionsMax: number;
  readonly password?: PasswordSource;
  readonly statementTimeoutMs?: number;
}

const CONNECT_TIMEOUT_MS = 10_000;
const IDLE_TIMEOUT_MS = 60_000;
const STATEMENT_TIMEOUT_MS = 30_000;
const LOCK_TIMEOUT_MS = 10_000;
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 60_000;
/** How long after the server's own timeout a silent server counts as gone. */
const SILENCE_MS = 5_000;

export function makePostgres(env: Environment, options: PostgresOptions): Sql {
  const host = env[ENV.dbHost] || DEFAULTS.dbHost;
  const port = integerSetting(env, ENV.dbPort, DEFAULTS.dbPort, { min: 1, max: 65_535 });
  const database = env[ENV.dbName] || DEFAULTS.dbName;
  const statementTimeoutMs = options.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS;
  const password = options.password ?? (() => env[ENV.dbPassword] ?? '');
  const pool = new Pool({
    ...{ host, port, database, user: env[ENV.dbUser] || DEFAULTS.dbUser, password },
    ssl: sslSetting(env),
    max: options.connectionsMax,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    allowExitOnIdle: true,
    keepAlive: true,
    types: EXACT_TYPES,
    application_name: options.functionName,
    options: '-c TimeZone=UTC -c DateStyle=ISO',
    statement_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs + SILENCE_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
  });
  return makeSql(pool, `${host}:${port}/${database}`);
}

/** `verify-full` checks the server's certificate against Node's authorities (NODE_EXTRA_CA_CERTS). */
function sslSetting(env: Environment): false | { rejectUnauthorized: boolean } {
  const mode = textSetting(env, ENV.dbSsl, DEFAULTS.dbSsl, /^(disable|require|verify-full)$/);
  return mode === 'disable' ? false : { rejectUnauthorized: mode === 'verify-full' };
}
