// Makes a fresh clone ready: installs the locked dependencies when they are missing or older than
// the lockfile, and checks the Node version that will run. Plain JavaScript, because it runs before
// anything is installed, on whatever Node the machine has.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..');
const stamp = join(root, 'node_modules', '.installed-lockfile');
const lockHash = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex');

function installedHash() {
  return existsSync(stamp) ? readFileSync(stamp, 'utf8') : '';
}

function install() {
  process.stderr.write('Installing dependencies (once for each version of the lockfile) ...\n');
  const npm = process.env.npm_execpath;
  const args = ['ci', '--include=dev', '--include=optional', '--loglevel=error'];
  const [command, commandArgs] = npm ? [process.execPath, [npm, ...args]] : ['npm', args];
  const result = spawnSync(command, commandArgs, { cwd: root, stdio: ['ignore', 2, 2] });
  if (result.status !== 0) {
    process.stderr.write(`setup: "npm ci" failed with status ${result.status ?? result.signal}.\n`);
    process.exit(1);
  }
  writeFileSync(stamp, lockHash);
}

function checkNodeVersion() {
  const probe = spawnSync('node', ['--version'], { encoding: 'utf8' });
  const [major = 0, minor = 0] = (probe.stdout ?? '').replace('v', '').split('.').map(Number);
  if (major < 22 || (major === 22 && minor < 18)) {
    process.stderr.write(
      `setup: Node ${probe.stdout?.trim()} will run, but 22.18 or newer is needed. On Linux x64 and arm64 ` +
        'the project installs Node 24 by itself; here, install Node 24.\n',
    );
    process.exit(1);
  }
}

if (installedHash() !== lockHash) install();
checkNodeVersion();
