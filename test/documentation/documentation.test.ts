// Each command of README and docs/ is run as it stands, in the order in which it stands, or is named in elsewhere.ts
// with the reason why not. Only port and data directory of npm start are this test's own.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, expect, test } from 'vitest';
import { findFreePorts } from '../platform/free-ports.ts';
import { commandsOf, type DocumentedCommand } from './documented-commands.ts';
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

test('every excuse excuses something, and enough is left', () => {
  const idle = ELSEWHERE.filter(
    ([pattern]) => !documented.some(({ command }) => pattern.test(command)),
  );
  expect(idle).toEqual([]);
  expect(runnable.length).toBeGreaterThan(5);
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

test.each(runnable)(
  '$file: $command',
  async ({ command }) => {
    if (command === 'npm start') return startService(command);
    const own = command
      .replace('localhost:8000', `localhost:${port}`)
      .replace(/^curl /, 'curl --fail ');
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

test('Ctrl-C ends it', async () => {
  service?.kill('SIGINT');
  expect(service && (await once(service, 'exit'))).toEqual([0, null]);
  service = undefined;
});

function startService(command: string): void {
  const args = `-- --port ${port} --data-dir ${dataDir}`;
  service = spawn('sh', ['-c', `exec ${command} ${args}`], {
    cwd: ROOT,
    stdio: 'ignore',
    detached: true,
  });
}

async function runToEnd(command: string) {
  const child = spawn('sh', ['-c', command], { cwd: ROOT });
  const outputs = Promise.all([text(child.stdout), text(child.stderr)]);
  const [status] = await once(child, 'exit');
  return { status, output: (await outputs).join('') };
}

async function eventually(run: () => Promise<string>): Promise<void> {
  await expect.poll(() => run().catch(() => ''), PATIENCE).not.toBe('');
}
