// The Postgres client of every function, from its environment.
import { DEFAULTS, ENV, type FunctionName } from '../contracts.ts';
import { makePool } from './connection-pool.ts';
import { openConnection } from './postgres-connection.ts';
import type { ServerAddress } from './postgres-wire.ts';
import { type Environment, integerSetting, textSetting } from './settings.ts';
import { makeSql, type Sql } from './sql-client.ts';

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
  const connection = {
    ...{ host, port, database, user: env[ENV.dbUser] || DEFAULTS.dbUser, password },
    tls: tlsSetting(env),
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    answerTimeoutMs: statementTimeoutMs + SILENCE_MS,
    parameters: {
      application_name: options.functionName,
      TimeZone: 'UTC',
      DateStyle: 'ISO',
      statement_timeout: statementTimeoutMs,
      lock_timeout: LOCK_TIMEOUT_MS,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
      // A stream takes all rows, so its plan is that of a plain query.
      cursor_tuple_fraction: 1,
    },
  };
  const pool = makePool(() => openConnection(connection), {
    connectionsMax: options.connectionsMax,
    waitTimeoutMs: CONNECT_TIMEOUT_MS,
    idleTimeoutMs: IDLE_TIMEOUT_MS,
  });
  return makeSql(pool, `${host}:${port}/${database}`);
}

function tlsSetting(env: Environment): ServerAddress['tls'] {
  const mode = textSetting(env, ENV.dbSsl, DEFAULTS.dbSsl, /^(disable|require|verify-full)$/);
  return mode as ServerAddress['tls'];
}
