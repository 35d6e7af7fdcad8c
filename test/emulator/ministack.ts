// MiniStack (https://github.com/ministackorg/ministack), an emulator of AWS that needs Python and no Docker:
// its functions run as processes of this machine. Installed once, under .cache, from wheels whose hashes
// are pinned.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { findFreePorts } from '../platform/free-ports.ts';
import { FatalError, waitUntil } from '../platform/wait-until.ts';
import { startTlsFront } from './tls-front.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const VENV = join(ROOT, '.cache', 'ministack');
const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt');
/** By name, since no host name may end in an address. */
export const HOST_NAME = 'localhost';
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 10_000;

export interface MiniStack {
  /** Where clients reach it, and the functions too: as if encrypted. */
  readonly endpoint: string;
  readonly port: number;
  stop(): Promise<void>;
}

/** @param folder of its temporary files. */
export async function startMiniStack(folder: string): Promise<MiniStack> {
  install();
  const [port = 0] = await findFreePorts(1);
  const front = await startTlsFront(port);
  const logFile = join(folder, 'ministack.log');
  const log = openSync(logFile, 'a');
  const server = spawn(join(VENV, 'bin', 'ministack'), [], {
    cwd: folder,
    env: environment(folder, port, front.endpoint),
    // A process group of its own: its functions end with it.
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const killAtExit = () => kill(server, 'SIGKILL');
  process.once('exit', killAtExit);
  const { endpoint } = front;
  async function stop(): Promise<void> {
    front.close();
    await end(server);
    process.off('exit', killAtExit);
  }
  try {
    await waitUntil(
      'MiniStack to start',
      async () => {
        if (hasEnded(server)) throw new FatalError(`It ended: ${readFileSync(logFile, 'utf8')}`);
        return (await fetch(`${endpoint}/_ministack/health`)).ok;
      },
      START_TIMEOUT_MS,
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return { endpoint, port, stop };
}

/** Nothing of a person's own environment: the functions would inherit it. */
function environment(folder: string, port: number, endpoint: string): NodeJS.ProcessEnv {
  return {
    // It runs functions with the first `node` that it finds: this one, Node 24.
    PATH: [dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin'].join(delimiter),
    HOME: folder,
    TMPDIR: folder,
    LANG: 'C.UTF-8',
    TZ: 'UTC',
    // A function has the rights of its role and no others; the bucket policies count as well.
    AUTH: 'true',
    AWS_ENDPOINT_URL: endpoint,
    BIND_HOST: '127.0.0.1',
    GATEWAY_PORT: String(port),
    // The name in the addresses that it gives out: `<api>.execute-api.localhost`.
    MINISTACK_HOST: HOST_NAME,
    // The CDK's own custom resources expect the SDK that Lambda's runtime has.
    NODE_PATH: join(ROOT, 'node_modules'),
  };
}

function install(): void {
  const stamp = join(VENV, 'installed');
  const wanted = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  rmSync(VENV, { recursive: true, force: true });
  run(
    'python3',
    ['-c', 'import sys; sys.exit(sys.version_info < (3, 11))'],
    'Python 3.11 or newer',
  );
  run('python3', ['-m', 'venv', VENV], 'the venv module of Python');
  const pinned = ['--only-binary', ':all:', '--require-hashes', '-r', REQUIREMENTS];
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...pinned];
  run(join(VENV, 'bin', 'python'), pip, 'the Python Package Index');
  writeFileSync(stamp, wanted);
}

function run(command: string, args: string[], needs: string): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (status === 0) return;
  const reason = (error?.message ?? stderr).trim();
  throw new Error(`The emulator's tests need ${needs}: ${command} ${args[0]} failed. ${reason}`);
}

async function end(server: ChildProcess): Promise<void> {
  if (hasEnded(server)) return;
  const ended = once(server, 'exit');
  const timer = setTimeout(() => kill(server, 'SIGKILL'), STOP_TIMEOUT_MS);
  server.kill('SIGTERM');
  await ended;
  clearTimeout(timer);
  // What is left of its functions.
  kill(server, 'SIGKILL');
}

function kill({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // The group is empty already.
  }
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
