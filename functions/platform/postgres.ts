// The Postgres client of every function, from its environment.
import { DEFAULTS, ENV, type FunctionName } from '../contracts.ts';
import { makePool } from './connection-pool.ts';
import { type Credentials, type Login, readLogin } from './database-login.ts';
import { explainRefusal, isPasswordRefusal } from './login-errors.ts';
import { type Connection, type ConnectionOptions, openConnection } from './postgres-connection.ts';
import type { ServerAddress } from './postgres-wire.ts';
import { type Environment, integerSetting, textSetting } from './settings.ts';
import { makeSql, type Sql } from './sql-client.ts';

export interface PostgresOptions {
  readonly functionName: FunctionName;
  readonly connectionsMax: number;
  /** Instead of the one that the environment names. */
  readonly login?: Login;
  readonly statementTimeoutMs?: number;
}

const CONNECT_TIMEOUT_MS = 10_000;
const WAIT_TIMEOUT_MS = 11_000;
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
  const connection = {
    ...{ host, port, database },
    tls: tlsSetting(env),
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    answerTimeoutMs: statementTimeoutMs + SILENCE_MS,
    keepsStatements: !keepsSettingsWithRole(env),
    parameters: {
      application_name: options.functionName,
      TimeZone: 'UTC',
      DateStyle: 'ISO',
      ...(keepsSettingsWithRole(env) ? {} : sessionSettings(statementTimeoutMs)),
    },
  };
  const login = options.login ?? readLogin(env, { host, port });
  const pool = makePool(() => logOn(connection, login), {
    connectionsMax: options.connectionsMax,
    waitTimeoutMs: WAIT_TIMEOUT_MS,
    idleTimeoutMs: IDLE_TIMEOUT_MS,
  });
  return makeSql(pool, `${host}:${port}/${database}`);
}

/** What roles.sql keeps with the roles. */
function sessionSettings(statementTimeoutMs: number) {
  return {
    statement_timeout: statementTimeoutMs,
    lock_timeout: LOCK_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    // A stream takes all rows, so its plan is that of a plain query.
    cursor_tuple_fraction: 1,
  };
}

/** Once more when the password was refused and there is another by now. */
async function logOn(
  options: Omit<ConnectionOptions, 'credentials'>,
  login: Login,
): Promise<Connection> {
  let used: Credentials | undefined;
  const open = (credentials: () => Promise<Credentials>) =>
    openConnection({
      ...options,
      credentials: async () => {
        used = await credentials();
        return used;
      },
    });
  try {
    return await open(login.credentials).catch(async (error: unknown) => {
      const renewed = used && isPasswordRefusal(error) && (await login.renewed(used));
      if (!renewed) throw error;
      return open(async () => renewed);
    });
  } catch (error) {
    throw explainRefusal(error, login.setting);
  }
}

function keepsSettingsWithRole(env: Environment): boolean {
  const { dbSessionSettings } = DEFAULTS;
  return (
    textSetting(env, ENV.dbSessionSettings, dbSessionSettings, /^(connection|role)$/) === 'role'
  );
}

function tlsSetting(env: Environment): ServerAddress['tls'] {
  const mode = textSetting(env, ENV.dbSsl, DEFAULTS.dbSsl, /^(disable|require|verify-full)$/);
  return mode as ServerAddress['tls'];
}
