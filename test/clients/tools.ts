// What the clients' tests need beside the project's own packages, installed once under .cache: npm's part by its
// lockfile, Python's by pinned hashes.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const HERE = import.meta.dirname;
const CACHE = join(HERE, '..', '..', '.cache', 'clients');

export interface Tools {
  /** A folder that has the npm packages, for what is generated. */
  readonly folder: string;
  readonly python: string;
  readonly schemathesis: string;
}

export function installTools(): Tools {
  const folder = join(CACHE, 'npm');
  const venv = join(CACHE, 'python');
  once(folder, ['package.json', 'package-lock.json'], () => {
    for (const name of ['package.json', 'package-lock.json']) {
      cpSync(join(HERE, name), join(folder, name));
    }
    run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], folder);
  });
  once(venv, ['requirements.txt'], () => {
    run('python3', ['-m', 'venv', venv], CACHE);
    const requirements = ['--require-hashes', '-r', join(HERE, 'requirements.txt')];
    run(join(venv, 'bin', 'pip'), ['install', '-q', '--only-binary=:all:', ...requirements], CACHE);
  });
  const bin = (name: string) => join(venv, 'bin', name);
  return { folder, python: bin('python'), schemathesis: bin('schemathesis') };
}

/** Installs again when what is pinned has changed. */
function once(folder: string, pins: readonly string[], install: () => void): void {
  const stamp = join(folder, '.installed');
  const hash = createHash('sha256');
  for (const name of pins) hash.update(readFileSync(join(HERE, name)));
  const wanted = hash.digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  install();
  writeFileSync(stamp, wanted);
}

/** @throws when it fails; what it says goes to the terminal. */
export function run(command: string, args: readonly string[], cwd: string): string {
  const { status, stdout, error } = spawnSync(command, args, {
    cwd,
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error) throw error;
  if (status === 0) return stdout;
  process.stderr.write(stdout);
  throw new Error(`${command} ${args[0] ?? ''} ended with ${status}.`);
}
