// The stores that a command works on: a data directory's, or one's own in AWS, found by the AWS SDK's own
// settings. The database of the outcomes is the directory's, or the one that DB_HOST names.
import { existsSync } from 'node:fs';
import { ENV } from '../functions/contracts.ts';
import { makePostgres } from '../functions/platform/postgres.ts';
import type { Sql } from '../functions/platform/sql-client.ts';
import { databaseSettings } from '../local/shared/settings.ts';
import { UserError } from '../local/shared/user-error.ts';
import { openStores, type Stores } from '../local/stores/open-stores.ts';

const STATEMENT_TIMEOUT_MS = 840_000;

export interface Database {
  readonly sql: Sql;
  close(): Promise<void>;
}

/** @throws {UserError} when more than one place is named. */
export function chooseOne(places: Readonly<Record<string, string | undefined>>): void {
  const given = Object.keys(places).filter((option) => places[option] !== undefined);
  if (given.length > 1) throw new UserError(`${given.join(' and ')}: choose one.`);
  if (given.includes('--stack') && process.env[ENV.dbHost]) {
    throw new UserError(`${ENV.dbHost} names a database, and so does --stack: choose one.`);
  }
}

/** @throws {UserError} when it is not there: these commands never make one. */
export function openDirectory(dataDir: string, command: string): Promise<Stores> {
  return openStores(dataDir, { command, env: process.env, mustExist: true });
}

/** `undefined` where there are no outcomes: no database in the directory, and none named. */
export async function openDatabase(stores: Stores | undefined): Promise<Database | undefined> {
  const { env } = process;
  if (env[ENV.dbHost]) return connect(databaseSettings(env));
  if (!stores || !existsSync(stores.paths.postgres)) return undefined;
  return connect(await stores.openDatabase());
}

function connect(settings: Readonly<Record<string, string>>): Database {
  const sql = makePostgres(settings, {
    functionName: 'migrate-database',
    connectionsMax: 1,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
  });
  return { sql, close: () => sql.end() };
}
