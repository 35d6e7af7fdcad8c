// I140: each command of README and docs/ is run as it stands, in the order in which it stands, or is named in elsewhere.ts
// with the reason why not. Only ports and data directory are this test's own.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, expect, test } from 'vitest';
import { findFreePorts } from '../platform/free-ports.ts';
import { commandsOf, type DocumentedCommand, optionsOf } from './documented-commands.ts';
import { ELSEWHERE } from './elsewhere.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const PAGES = ['README.md', 'CONTRIBUTING.md', ...pagesIn('docs')];
const PATIENCE = { timeout: 120_000, interval: 1_000 };

function pagesIn(folder: string): string[] {
  const names = readdirSync(join(ROOT, folder)).filter((name) => name.endsWith('.md'));
  return names.map((name) => `${folder}/${name}`);
}

const documented = PAGES.flatMap((page) =>
  commandsOf(page, readFileSync(join(ROOT, page), 'utf8')),
);
const reasonOf = ({ command }: DocumentedCommand) =>
  ELSEWHERE.find(([pattern]) => pattern.test(command))?.[1];
const runnable = documented.filter((one) => reasonOf(one) === undefined);

test('every excuse excuses something and names tests that are there, and enough is left', () => {
  const idle = ELSEWHERE.filter(
    ([pattern]) => !documented.some(({ command }) => pattern.test(command)),
  );
  expect(idle).toEqual([]);
  const named = ELSEWHERE.flatMap(([, reason]) => reason.match(/\btest\/[\w./-]*\w/g) ?? []);
  expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  expect(runnable.length).toBeGreaterThan(12);
});

const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const options = Map.groupBy(
  PAGES.flatMap((page) => optionsOf(page, readFileSync(join(ROOT, page), 'utf8'))),
  ({ script }) => script,
);

test.each([...options])('npm run %s knows each option that is named', (script, uses) => {
  const [, program = ''] = / (\S+\.ts)$/.exec(scripts[script]) ?? [];
  const helpOf = (...words: string[]) =>
    execFileSync(process.execPath, [join(ROOT, program), ...words, '--help'], { encoding: 'utf8' });
  const help = helpOf();
  const [, commands = ''] = help.split(/^Commands:$/m);
  const inner = [...commands.matchAll(/^ {2}([a-z]+)/gm)].map(([, name = '']) => helpOf(name));
  const known = new Set([help, ...inner].flatMap((text) => text.match(/--[a-z][\w-]*/g) ?? []));
  const unknown = uses.flatMap(({ file, options: named }) =>
    named.filter((option) => !known.has(option)).map((option) => `${file}: ${option}`),
  );
  expect(unknown).toEqual([]);
});

let service: ChildProcess | undefined;
const [port = 0] = await findFreePorts(4);
const dataDir = mkdtempSync(join(tmpdir(), 'documentation-'));
rmSync('/tmp/killed', { recursive: true, force: true });
afterAll(() => {
  // With all that npm has started.
  if (service?.pid && service.exitCode === null) process.kill(-service.pid, 'SIGKILL');
  rmSync(dataDir, { recursive: true, force: true });
});

/** What a page has exported stays for its later commands. */
const exported = new Map<string, string>();

test.each(runnable)(
  '$file: $command',
  async ({ file, command }) => {
    if (command === 'npm start') return startService(command);
    if (command.startsWith('export ')) {
      exported.set(file, `${exported.get(file) ?? ''}${command}; `);
      return;
    }
    const own = `${exported.get(file) ?? ''}${here(command)}`;
    const run = async () => {
      const { status, output } = await runToEnd(own);
      expect(status, output).toBe(0);
      return output;
    };
    // What the service shows comes within its first moments.
    await (command.startsWith('curl ') ? eventually(run) : run());
  },
  300_000,
);

/** The ports and the data directory of this test's service. */
function here(command: string): string {
  return command
    .replace('localhost:8000', `localhost:${port}`)
    .replace('-p 8003 ', `-p ${port + 3} `)
    .replace('.data', dataDir)
    .replace(/^npm run quarantine .*/, `$& --data-dir ${dataDir}`)
    .replace(/^curl /, 'curl --fail ');
}

test('Ctrl-C ends it', async () => {
  service?.kill('SIGINT');
  expect(service && (await once(service, 'exit'))).toEqual([0, null]);
  service = undefined;
});

/** Where --table and --bucket find the service's own stores, as they would find AWS. */
const STORES = {
  ...process.env,
  ...{ AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' },
  AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${port + 1}`,
  AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port + 2}`,
};

function startService(command: string): void {
  const args = `-- --port ${port} --data-dir ${dataDir}`;
  service = spawn('sh', ['-c', `exec ${command} ${args}`], {
    cwd: ROOT,
    stdio: 'ignore',
    detached: true,
  });
}

async function runToEnd(command: string) {
  const child = spawn('sh', ['-c', command], { cwd: ROOT, env: STORES });
  child.stdin.end();
  const outputs = Promise.all([text(child.stdout), text(child.stderr)]);
  const [status] = await once(child, 'exit');
  return { status, output: (await outputs).join('') };
}

async function eventually(run: () => Promise<string>): Promise<void> {
  await expect.poll(() => run().catch(() => ''), PATIENCE).not.toBe('');
}
