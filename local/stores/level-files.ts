// The files of LevelDB, under dynalite: whether they are all there, and what its failures mean. LevelDB itself begins
// anew, without a word, when the file that names the others is gone, and drops what was in a log that is gone.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, explainFileError, UserError } from '../shared/user-error.ts';

const CURRENT = 'CURRENT';
const DATA_FILE = /\.(?:ldb|sst|log)$|^MANIFEST-/;

/** @throws {UserError} that names what is missing. */
export async function checkLevelFiles(folder: string): Promise<void> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw explainFileError(error, folder);
  });
  if (!names.some((name) => DATA_FILE.test(name) || name === CURRENT)) return;
  if (!names.includes(CURRENT)) throw missing(folder, CURRENT);
  const manifest = (await readFile(join(folder, CURRENT), 'utf8')).trim();
  if (!names.includes(manifest)) throw missing(folder, manifest);
  // An open database writes to one, and a closed one keeps it.
  if (!names.some((name) => name.endsWith('.log'))) throw missing(folder, 'its newest .log');
}

function missing(folder: string, name: string): UserError {
  return new UserError(
    `The DynamoDB files in ${folder} are not whole: ${name} is missing. ` +
      `Nothing was changed. ${RESTORE}`,
  );
}

const RESTORE = 'Restore the folder from a copy, or start anew in another with --data-dir.';

/** By what LevelDB writes, which carries the system's words rather than its codes. */
const CAUSES: readonly (readonly [RegExp, string])[] = [
  [/No space left|Disk quota|ENOSPC|EDQUOT/i, 'ENOSPC'],
  [/Read-only file system|EROFS/i, 'EROFS'],
  [/Permission denied|EACCES|EPERM/i, 'EACCES'],
  [/Input\/output error|EIO/i, 'EIO'],
];

export function explainLevelFailure(code: string, message: string, folder: string): UserError {
  const reason = message.replaceAll(/\s+/g, ' ').trim();
  if (code === 'LEVEL_LOCKED') {
    return new UserError(`${folder} is in use by another process. Wait until it ends, or stop it.`);
  }
  const system = CAUSES.find(([words]) => words.test(reason))?.[1] ?? code;
  const explained = explainFileError(Object.assign(new Error(reason), { code: system }), folder);
  if (explained instanceof UserError) return explained;
  if (/corruption|missing file|checksum/i.test(`${code} ${reason}`)) {
    return new UserError(`The DynamoDB files in ${folder} are damaged (${reason}). ${RESTORE}`);
  }
  return new UserError(
    `The local DynamoDB over ${folder} ended (${reason}). Its files are as they were, with all that ` +
      'it had answered: start again.',
  );
}

export function levelFailureOf(error: unknown, folder: string): UserError {
  if (error instanceof UserError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return explainLevelFailure(errorCode(error) ?? '', message, folder);
}
