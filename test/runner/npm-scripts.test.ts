// I108: npm scripts hold no shell's own words, and what they run gets arguments, variables, signals, and gives its
// exit code back.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryDirectory } from './temporary-directory.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

test.each(Object.entries<string>(scripts))('the script %s runs in any shell', (_name, script) => {
  for (const one of script.split(' && ')) {
    expect(one).toMatch(/^(?:node scripts\/run\.mjs [\w./:= -]+|npm test|npm run [\w:]+)$/);
  }
});

function run(source: string, ...words: string[]) {
  const folder = temporaryDirectory();
  const file = join(folder, 'program.ts');
  writeFileSync(file, source);
  const place = relative(ROOT, file);
  const at = words.findIndex((word) => !word.includes('='));
  const before = at < 0 ? words : words.slice(0, at);
  const args = at < 0 ? [] : words.slice(at);
  const program = [join(ROOT, 'scripts', 'run.mjs'), ...before, place, ...args];
  const child = spawn(process.execPath, program);
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

test('arguments and variables go in, the exit code comes out', async () => {
  const child = run(
    'console.log(process.env.E2E_WORD, ...process.argv.slice(2)); process.exitCode = 3 as number;',
    ...['E2E_WORD=a b', '--x', 'c d'],
  );
  const output = text(child.stdout);
  expect(await once(child, 'exit')).toEqual([3, null]);
  expect(await output).toBe('a b --x c d\n');
});

test('a signal reaches the program, which ends in its own way', async () => {
  const source = `
    process.on('SIGTERM', () => process.exit(7));
    console.log('ready');
    setInterval(() => {}, 1000);`;
  const child = run(source);
  await once(child.stdout, 'data');
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([7, null]);
});
