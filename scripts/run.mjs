// What every npm script runs: node scripts/run.mjs [NAME=value …] PROGRAM [argument …]. Sets up a fresh clone, then
// runs the program by the project's own Node: a file of the project, or a tool that it depends on. In no shell's
// words, so that it is the same in each. Signals go to the program, its exit code comes back.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { ROOT, setUp } from './setup.mjs';

/** The packages of the tools. */
const TOOLS = { biome: '@biomejs/biome', cdk: 'aws-cdk', tsc: 'typescript', vitest: 'vitest' };
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

const words = process.argv.slice(2);
const env = { ...process.env };
while (/^[A-Z][A-Z0-9_]*=/.test(words[0] ?? '')) {
  const [name = '', ...value] = String(words.shift()).split('=');
  env[name] = value.join('=');
}
const [program = '', ...args] = words;

setUp();
// The project's Node is there now; npm puts it first in the path, and so does this where npm is not used.
env.PATH = [join(ROOT, 'node_modules', '.bin'), env.PATH ?? ''].join(delimiter);
const child = spawn('node', [fileOf(program), ...args], { env, stdio: 'inherit' });
for (const signal of SIGNALS) process.on(signal, () => child.kill(signal));
child.on('error', (error) => {
  process.stderr.write(`${program}: ${error.message}\n`);
  process.exit(1);
});
child.on('exit', (code, signal) => {
  process.exit(code ?? 128 + (constants.signals[signal] ?? 0));
});

/** @param {string} name */
function fileOf(name) {
  const tool = TOOLS[name];
  if (!tool) return join(ROOT, name);
  const folder = join(ROOT, 'node_modules', tool);
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return join(folder, typeof bin === 'string' ? bin : bin[name]);
}
