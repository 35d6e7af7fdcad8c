// The product itself, as `npm start` runs it, over data of its own.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const COMMANDS = join(import.meta.dirname, '..', '..', 'local', 'commands');
const START_MS = 60_000;

export interface Service {
  readonly url: string;
  readonly close: () => Promise<void>;
}

export interface ServiceOptions {
  readonly port: number;
  /** Records that are there before it starts. */
  readonly lines?: string;
  readonly hasSample?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** What must answer before the service is taken as started. */
  readonly readyPath?: string;
}

export async function openService(options: ServiceOptions): Promise<Service> {
  const { port, lines, hasSample = false, readyPath = '/api/health/' } = options;
  const root = mkdtempSync(join(tmpdir(), 'console-'));
  // PostgreSQL runs as another user when the tests run as root.
  chmodSync(root, 0o755);
  const dataDir = join(root, 'data');
  const env = { ...process.env, ...options.env };
  if (lines) {
    const file = join(root, 'records.ndjson');
    writeFileSync(file, lines);
    const args = [join(COMMANDS, 'replay.ts'), file, '--data-dir', dataDir];
    const replay = spawnSync(process.execPath, args, { env, encoding: 'utf8' });
    if (replay.status !== 0) throw new Error(`The replay failed: ${replay.stderr}`);
  }
  const sample = hasSample ? [] : ['--no-sample'];
  const args = [
    join(COMMANDS, 'start.ts'),
    '--port',
    String(port),
    '--data-dir',
    dataDir,
    ...sample,
  ];
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const url = `http://127.0.0.1:${port}`;
  await untilAnswered(`${url}${readyPath}`, child);
  return {
    url,
    close: async () => {
      child.kill('SIGINT');
      if (child.exitCode === null) await once(child, 'exit');
      rmSync(root, { recursive: true, force: true });
    },
  };
}

async function untilAnswered(url: string, child: ChildProcess): Promise<void> {
  const endMs = Date.now() + START_MS;
  while (Date.now() < endMs) {
    if (child.exitCode !== null) throw new Error('npm start ended before it answered.');
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    await pause(200);
  }
  child.kill('SIGKILL');
  throw new Error(`npm start did not answer ${url} in ${START_MS / 1000} s.`);
}
