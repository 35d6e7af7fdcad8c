// Why the local PostgreSQL does not run, by its real cause: another major version, the system, or its files.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { explainFileError, UserError } from '../shared/user-error.ts';
import type { Account, Programs } from './postgres-program.ts';

const UPGRADE = 'docs/local.md, "Another version of the service", has the steps.';

/**
 * Before the server is asked: each major version reads its own files alone.
 * @returns the major version.
 * @throws {UserError}
 */
export async function checkVersion(
  folder: string,
  { postgres }: Programs,
  account: Account | undefined,
): Promise<number> {
  const file = join(folder, 'PG_VERSION');
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw explainFileError(error, file);
  });
  const files = Number.parseInt(text, 10);
  const said = spawnSync(postgres, ['--version'], { ...account, cwd: '/', encoding: 'utf8' });
  const program = Number(/\b(\d+)(?:\.\d+|\w+\d+)?/.exec(said.stdout ?? '')?.[1]);
  if (files === program) return files;
  throw new UserError(
    `PostgreSQL in ${folder} has files of version ${files}, and this version of the service brings ` +
      `PostgreSQL ${program}, which does not read them. Nothing was changed, and nothing is lost: ` +
      `dump them with the version of the service that made them, and restore them here. ${UPGRADE}`,
  );
}

const SYSTEM: readonly (readonly [RegExp, string])[] = [
  [/No space left on device|Disk quota exceeded/, 'ENOSPC'],
  [/Read-only file system/, 'EROFS'],
  [/Permission denied|invalid permissions|has wrong ownership/, 'EACCES'],
  [/Input\/output error/, 'EIO'],
];
const DAMAGED =
  /checkpoint record|invalid page|checksum|corrupt|could not (?:open|read|access|find) (?:file|directory|the database system)|No such file|is not a valid data directory|invalid data in file/i;

interface Place {
  readonly folder: string;
  readonly logFile: string;
}

/** By the last reason in the server's log. */
export function explainPostgresLog({ folder, logFile }: Place): UserError {
  const lines = readFileSync(logFile, 'utf8').split('\n');
  const reasons = lines.filter((line) => /\b(FATAL|PANIC):|^postgres: /.test(line));
  const reason = (reasons.at(-1) ?? lines.at(-2) ?? '').replace(
    /^.*?(FATAL|PANIC|postgres): +/,
    '',
  );
  return explainPostgresReason(reason, { folder, logFile });
}

export function explainPostgresReason(reason: string, { folder, logFile }: Place): UserError {
  const code = SYSTEM.find(([words]) => words.test(reason))?.[1];
  const explained = explainFileError(Object.assign(new Error(reason), { code }), folder);
  if (explained instanceof UserError) return explained;
  return DAMAGED.test(reason)
    ? new UserError(
        `The files of PostgreSQL in ${folder} are damaged (${reason}). Restore the folder from a copy, ` +
          'or start anew in another directory with --data-dir.',
      )
    : new UserError(
        `PostgreSQL in ${folder} ended (${reason || 'without a word'}). What it had answered is kept: ` +
          `start again; ${logFile} has more.`,
      );
}
