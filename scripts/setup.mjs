// Makes a fresh clone ready: installs the locked dependencies when one is missing or they are older than the lockfile. Plain
// JavaScript, because it runs before anything is installed, on whatever Node the machine has.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bringsNode, thisMachine, whatIsNeeded } from './support.mjs';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
/** Brought by a package, first in npm's path. */
const NODE = join(ROOT, 'node_modules', '.bin', 'node');
const stamp = join(ROOT, 'node_modules', '.installed-lockfile');

/** Ends the process with one line when the machine cannot run the service, or the installation fails. */
export function setUp() {
  const needed = whatIsNeeded(thisMachine());
  if (needed) fail(needed);
  const lockHash = createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .digest('hex');
  const installed = existsSync(stamp) ? readFileSync(stamp, 'utf8') : '';
  const missing = installed === lockHash ? missingPackage() : undefined;
  if (missing) process.stderr.write(`${missing} is not there any more.\n`);
  if (missing || installed !== lockHash) install(lockHash);
  const { platform, arch } = process;
  if (bringsNode(platform, arch) && !existsSync(NODE)) {
    fail(`node-${platform}-${arch} was not installed: npm must take optional packages.`);
  }
}

/** The first package that npm installed and that has gone since. */
function missingPackage() {
  const list = join(ROOT, 'node_modules', '.package-lock.json');
  if (!existsSync(list)) return 'node_modules/.package-lock.json';
  const { packages } = JSON.parse(readFileSync(list, 'utf8'));
  return Object.keys(packages).find((folder) => !existsSync(join(ROOT, folder)));
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
