// npm run test:browser: the console in Debian's Chromium. Where there is none, root gets it from apt; others
// are told what to do, and the tests are skipped.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser'];
const ROOT = join(import.meta.dirname, '..', '..');

const hasChromium = () => PLACES.some((path) => existsSync(path));

function install(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root can install it: apt-get install chromium';
  if (!existsSync('/usr/bin/apt-get'))
    return 'this is no Debian: install Chromium as /usr/bin/chromium';
  process.stderr.write('Installing Chromium by apt ...\n');
  const quiet = { stdio: ['ignore', 'ignore', 'inherit'] as ['ignore', 'ignore', 'inherit'] };
  spawnSync('apt-get', ['update', '-q'], quiet);
  const args = ['install', '-q', '-y', '--no-install-recommends', 'chromium'];
  spawnSync('apt-get', args, {
    ...quiet,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  return hasChromium() ? undefined : 'apt-get could not install it';
}

const reason = hasChromium() ? undefined : install();
if (reason) {
  process.stderr.write(`SKIPPED test:browser: there is no Chromium, and ${reason}.\n`);
} else {
  const vitest = join(ROOT, 'node_modules', '.bin', 'vitest');
  const { status } = spawnSync(vitest, ['run', 'test/browser', ...process.argv.slice(2)], {
    cwd: ROOT,
    env: { ...process.env, TEST_BROWSER: '1' },
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
}
