// A linter that is a Python program: installed once, at its pinned version, into .cache.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const CACHE = join(import.meta.dirname, '..', '..', '.cache');

/** @returns the folder of its programs. */
export function installPython(name: string, version: string): string {
  const folder = join(CACHE, `${name}-${version}`);
  const programs = join(folder, 'bin');
  if (existsSync(join(programs, name))) return programs;
  run('python3', '-m', 'venv', folder);
  const quietly = ['--quiet', '--disable-pip-version-check'];
  run(join(programs, 'pip'), 'install', ...quietly, `${name}==${version}`);
  return programs;
}

export function run(command: string, ...args: string[]): void {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' });
  if (error) throw new Error(`${command} cannot be started (${error.message}): it needs Python 3.`);
  if (status !== 0) throw new Error(`${[command, ...args].join(' ')} ended with ${status}`);
}
