// A failure that the person at the terminal can act on: shown as one line, without a stack trace.

export class UserError extends Error {
  override readonly name = 'UserError';
}

const ADVICE: Readonly<Record<string, string>> = {
  EACCES: 'permission denied. Give this user access, or choose another with --data-dir.',
  EPERM: 'permission denied. Give this user access, or choose another with --data-dir.',
  EROFS: 'the file system is read-only. Choose another with --data-dir.',
  ENOSPC: 'the disk is full. Free some space and start again: nothing that was done is lost.',
  EDQUOT: 'the disk quota is used up. Free some space and start again: nothing done is lost.',
  ENOTDIR: 'a file stands where a folder should be. Move it away, or choose another --data-dir.',
  EEXIST: 'a file stands where a folder should be. Move it away, or choose another --data-dir.',
  EISDIR: 'a folder stands where a file should be. Move it away, or choose another --data-dir.',
  EIO: 'the disk reports an input/output error.',
};

export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** The same failure as a UserError when it is one a person can mend, else the error as it came. */
export function explainFileError(error: unknown, path: string): unknown {
  const advice = ADVICE[errorCode(error) ?? ''];
  return advice ? new UserError(`Cannot use ${path}: ${advice}`) : error;
}
