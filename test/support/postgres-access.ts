// How the test server lets clients in: its certificate, and the lines of its pg_hba.conf. `superuser` is a
// client of the server to change.
import { chmod, chown, copyFile, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ENV } from '../../functions/contracts.ts';
import type { Sql } from '../../functions/platform/sql-client.ts';
import { waitUntil } from '../platform/wait-until.ts';
import type { TestPostgres } from './postgres.ts';

export const CERTIFICATES = join(import.meta.dirname, '..', 'fixtures', 'tls');
const RELOAD_TIMEOUT_MS = 20_000;

/** @param name of a certificate in the fixtures. */
export async function serveTls(superuser: Sql, name: string): Promise<void> {
  const folder = await settingOf(superuser, 'data_directory');
  const { uid, gid } = await stat(folder);
  for (const file of ['crt', 'key']) {
    const path = join(folder, `server.${file}`);
    await copyFile(join(CERTIFICATES, `${name}.${file}`), path);
    // The server takes no key that others can read.
    await chmod(path, 0o600);
    await chown(path, uid, gid);
  }
  await superuser.unsafe('alter system set ssl = on');
  await reload(superuser);
}

/** Ahead of the lines that are there. */
export async function admit(superuser: Sql, ...lines: readonly string[]): Promise<void> {
  const path = await settingOf(superuser, 'hba_file');
  await writeFile(path, `${lines.join('\n')}\n${await readFile(path, 'utf8')}`);
  await reload(superuser);
}

async function settingOf(superuser: Sql, name: string): Promise<string> {
  const [row] = await superuser<{ value: string }>`select current_setting(${name}) as value`;
  return String(row?.value);
}

/** The server's own process reads first, and lets nobody in meanwhile; then it tells the connections. */
async function reload(superuser: Sql): Promise<void> {
  const loadedAt = async () => {
    const [row] = await superuser<{ at: string }>`select pg_conf_load_time() as at`;
    return row?.at;
  };
  const before = await loadedAt();
  await superuser.unsafe('select pg_reload_conf()');
  const isLoaded = async () => (await loadedAt()) !== before;
  await waitUntil('PostgreSQL to read its settings', isLoaded, RELOAD_TIMEOUT_MS);
}

/** A database of an administrator like RDS's: it may make roles and databases, and is no superuser. */
export async function administeredDatabase(
  server: Pick<TestPostgres, 'freshDatabase' | 'connect'>,
  administrator: string,
) {
  const { env, sql: superuser } = await server.freshDatabase('template1');
  await superuser.unsafe(`create role ${administrator} login createrole createdb password 'rds'`);
  await superuser.unsafe(`alter database ${env[ENV.dbName]} owner to ${administrator}`);
  const as = (user: string, password = 'rds') =>
    server.connect({ ...env, [ENV.dbUser]: user, [ENV.dbPassword]: password }, 1);
  return { env, superuser, as };
}
