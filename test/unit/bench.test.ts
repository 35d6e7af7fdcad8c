// The bench runs as Node runs it, without a bundler: what it imports must be loadable so.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');

test('the bench loads, and says what is wrong with an argument', () => {
  const { stderr } = spawnSync(process.execPath, ['bench/bench.ts', '--rows', '1'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  expect(stderr).toContain('--rows must be a whole number from 10000');
});
