// The files of the local PostgreSQL in a data directory: made once, and whole or not at all.
import { spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chown, mkdir, readFile, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { errorCode, explainFileError, UserError } from '../shared/user-error.ts';
import type { DataPaths } from './data-directory.ts';
import { type Account, mayPass, OPEN_FOLDER, type Programs } from './postgres-program.ts';

export const DATABASE_USER = 'postgres';

/** @returns the folder itself, where `paths.postgres` may be a link to it. */
export async function openCluster(
  paths: DataPaths,
  programs: Programs,
  account: Account | undefined,
): Promise<string> {
  try {
    if (!existsSync(paths.postgres)) await makeCluster(paths, programs, account);
    return await realpath(paths.postgres);
  } catch (error) {
    throw explainFileError(error, paths.postgres);
  }
}

/** libpq's password file: `PGPASSFILE=.data/pgpass psql …` asks for nothing. */
export async function readPassword({ pgpass }: DataPaths): Promise<string> {
  const line = await readFile(pgpass, 'utf8').catch((error: unknown) => {
    if (errorCode(error) !== 'ENOENT') throw explainFileError(error, pgpass);
    return '';
  });
  const password = /:([^:\n]+)\n$/.exec(line)?.[1];
  if (password) return password;
  throw new UserError(
    `${pgpass} is damaged or gone, and with it the password of the database. Restore it from a copy, or ` +
      'start anew in another directory with --data-dir.',
  );
}

/** A kill on the way leaves only a draft: the folder gets its name when it is whole. */
async function makeCluster(
  paths: DataPaths,
  programs: Programs,
  account: Account | undefined,
): Promise<void> {
  const password = randomBytes(24).toString('base64url');
  const line = `127.0.0.1:*:*:${DATABASE_USER}:${password}\n`;
  await rm(paths.pgpass, { force: true });
  await writeFile(paths.pgpass, line, { mode: 0o600 });

  const isOpen = !account || mayPass(paths.root, account);
  const folder = isOpen ? paths.postgres : join(OPEN_FOLDER, randomUUID());
  const draft = `${folder}.draft`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true });
  const passwordFile = join(draft, 'password');
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (account) {
    for (const path of [draft, passwordFile]) await chown(path, account.uid, account.gid);
  }
  const files = join(draft, 'files');
  await initialise(programs, account, files, passwordFile);
  await rename(files, folder);
  await rm(draft, { recursive: true });
  if (!isOpen) await symlink(folder, paths.postgres);
}

async function initialise(
  { initdb }: Programs,
  account: Account | undefined,
  folder: string,
  passwordFile: string,
): Promise<void> {
  const args = [`--pgdata=${folder}`, `--username=${DATABASE_USER}`, `--pwfile=${passwordFile}`];
  const common = ['--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', '--no-sync'];
  const child = spawn(initdb, [...args, ...common], {
    ...account,
    cwd: '/',
    env: { LC_ALL: 'C', TZ: 'UTC' },
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const errors = text(child.stderr);
  const [status] = await once(child, 'exit');
  if (status === 0) return;
  const reason = (await errors).replaceAll(/\s+/g, ' ').trim();
  throw new UserError(`PostgreSQL could not be set up in ${folder}: ${reason || status}`);
}
