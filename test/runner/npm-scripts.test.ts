// I108: npm scripts hold no shell's own words, and what they run gets arguments, variables, signals, and gives its
// exit code back.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryDirectory } from './temporary-directory.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

test.each(Object.entries<string>(scripts))('the script %s runs in any shell', (_name, script) => {
  const [last = '', ...before] = script.split(' && ').reverse();
  for (const one of before) {
    expect(one).toMatch(/^(?:node scripts\/run\.mjs [\w./:= -]+|npm test|npm run [\w:]+)$/);
  }
  // Without exec, a shell of npm's own may stand between: a signal to npm would end there.
  expect(last).toMatch(/^(?:exec node scripts\/run\.mjs [\w./:= -]+|npm test|npm run [\w:]+)$/);
});

test('where a shell knows no exec, as Windows’ cmd, a file of that name runs the rest', () => {
  const lines = readFileSync(join(ROOT, 'exec.cmd'), 'utf8').split('\r\n');
  expect(lines.filter((line) => !line.startsWith('@rem '))).toEqual(['@%*', '']);
});

test('a signal to npm reaches the program', async () => {
  const folder = temporaryDirectory();
  const program = `process.on('SIGTERM', () => process.exit(7)); console.log('rea' + 'dy'); setInterval(() => {}, 1000);`;
  writeFileSync(join(folder, 'program.ts'), program);
  const start = scripts.start
    .replace('scripts/run.mjs', join(ROOT, 'scripts', 'run.mjs'))
    .replace('local/commands/start.ts', relative(ROOT, join(folder, 'program.ts')));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ scripts: { start } }));
  const child = spawn('npm', ['start'], { cwd: folder, detached: true });
  onTestFinished(() => endGroup(child));
  let output = '';
  for await (const part of child.stdout) {
    output += part;
    if (output.includes('ready')) break;
  }
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([7, null]);
});

function endGroup({ pid = 0 }: ChildProcess): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

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
