// The Postgres client of every function. Times, dates, numerics and bigints come back as the text that
// the server wrote: a JavaScript number or Date would lose digits.
import { setTimeout as sleep } from 'node:timers/promises';
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

const CONFLICT_ATTEMPTS_MAX = 5;
const CONFLICT_PAUSE_MS = 20;
const SERIALIZATION_FAILURE = '40001';
const DEADLOCK_DETECTED = '40P01';
const LOCK_NOT_AVAILABLE = '55P03';
const CONFLICTS = new Set([SERIALIZATION_FAILURE, DEADLOCK_DETECTED, LOCK_NOT_AVAILABLE]);

/** Whether the server gave up a transaction for the sake of another: run again, it may well do. */
export function isConflict(error: unknown): boolean {
  return error instanceof postgres.PostgresError && CONFLICTS.has(error.code);
}

/** Runs the work again after a conflict, a bounded number of times; other errors are thrown at once. */
export async function retryConflicts<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isConflict(error) || attempt === CONFLICT_ATTEMPTS_MAX) throw error;
      await sleep(CONFLICT_PAUSE_MS * 2 ** attempt * (0.5 + Math.random()));
    }
  }
}

const UNDEFINED_TABLE = '42P01';
const UNDEFINED_FUNCTION = '42883';
const UNDEFINED_COLUMN = '42703';
const NOT_MIGRATED = new Set([UNDEFINED_TABLE, UNDEFINED_FUNCTION, UNDEFINED_COLUMN]);
const UNREACHABLE = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EHOSTUNREACH'],
  ...['CONNECT_TIMEOUT', 'CONNECTION_CLOSED', 'CONNECTION_DESTROYED', 'CONNECTION_ENDED'],
]);

/** A failure that the operator can mend, in one line that says how; the driver's error is its cause. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
}

/** Waits for the work, and turns the driver's errors into DatabaseErrors where there is more to say. */
export async function explainDatabaseErrors<T>(sql: Sql, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw explain(sql, error);
  }
}

function explain(sql: Sql, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const { host, port, database } = sql.options;
  const server = `PostgreSQL at ${host[0]}:${port[0]}`;
  if (UNREACHABLE.has(code)) {
    return new DatabaseError(`No connection to ${server}: ${code}.`, { cause: error });
  }
  if (NOT_MIGRATED.has(code)) {
    const message = `The schema of ${database} in ${server} is missing or older than this code: run migrate-database.`;
    return new DatabaseError(message, { cause: error });
  }
  return error;
}
