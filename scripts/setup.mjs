// Makes a fresh clone ready: installs the locked dependencies when they are missing or older than the lockfile. Plain
// JavaScript, because it runs before anything is installed, on whatever Node the machine has.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { thisMachine, whatIsNeeded } from './support.mjs';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const stamp = join(ROOT, 'node_modules', '.installed-lockfile');

/** Ends the process with one line when the machine cannot run the service, or the installation fails. */
export function setUp() {
  const needed = whatIsNeeded(thisMachine());
  if (needed) fail(needed);
  const lockHash = createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .digest('hex');
  const installed = existsSync(stamp) ? readFileSync(stamp, 'utf8') : '';
  if (installed !== lockHash) install(lockHash);
}

/** @param {string} lockHash */
function install(lockHash) {
  process.stderr.write('Installing dependencies (once for each version of the lockfile) ...\n');
  const npm = process.env.npm_execpath;
  const args = ['ci', '--include=dev', '--include=optional', '--loglevel=error'];
  const [command, commandArgs] = npm ? [process.execPath, [npm, ...args]] : ['npm', args];
  const result = spawnSync(command, commandArgs, { cwd: ROOT, stdio: ['ignore', 2, 2] });
  if (result.status !== 0) fail(`"npm ci" failed with status ${result.status ?? result.signal}.`);
  writeFileSync(stamp, lockHash);
}

/** @param {string} reason */
function fail(reason) {
  process.stderr.write(`setup: ${reason}\n`);
  process.exit(1);
}
