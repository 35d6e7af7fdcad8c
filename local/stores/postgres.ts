// Starts the local PostgreSQL: the real server as a child process, in a session of its own, so that a
// terminal's Ctrl-C reaches the runner alone and the order of the shutdown is the runner's.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync, renameSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import postgres, { type Sql } from 'postgres';
import { ENV } from '../../functions/contracts.ts';
import { portRefused } from '../http/listen.ts';
import { errorCode, explainFileError, UserError } from '../shared/user-error.ts';
import type { DataPaths } from './data-directory.ts';
import { DATABASE_USER, openCluster, readPassword } from './postgres-cluster.ts';
import { checkVersion, explainPostgresLog } from './postgres-failure.ts';
import { type Account, findPrograms, type Programs, serverAccount } from './postgres-program.ts';

export interface PostgresOrder {
  readonly paths: DataPaths;
  /** 0 takes a free one. */
  readonly port: number;
  readonly database: string;
  /** Told when the server ends later. */
  readonly onFailure: (error: unknown) => void;
}

export interface LocalPostgres {
  readonly port: number;
  /** The major version of its files and its programs. */
  readonly major: number;
  /** Where its files are, after the link. */
  readonly folder: string;
  close(): Promise<void>;
}

interface Cluster {
  readonly programs: Programs;
  readonly account: Account | undefined;
  readonly folder: string;
  readonly logFile: string;
  readonly password: string;
}

const HOST = '127.0.0.1';
/** Ports that the system does not give to outgoing connections. */
const FREE_PORTS = { first: 20_000, count: 12_000 };
const FREE_PORT_ATTEMPTS = 20;
const START_TIMEOUT_MS = 60_000;
const LOOK_AGAIN_AFTER_MS = 50;
const SETTINGS = {
  listen_addresses: HOST,
  unix_socket_directories: '',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  // What a statement complains of, its client logs: here only what the server itself has to say.
  log_min_messages: 'log',
};

/** @throws {UserError} when the port is in use or the files are damaged. */
export async function startPostgres(order: PostgresOrder): Promise<LocalPostgres> {
  const { paths } = order;
  const account = await serverAccount();
  const programs = await findPrograms(account);
  const folder = await openCluster(paths, programs, account);
  const major = await checkVersion(folder, programs, account);
  await mkdir(paths.logs, { recursive: true });
  const logFile = join(paths.logs, 'postgres.log');
  const cluster = { programs, account, folder, logFile, password: await readPassword(paths) };
  await stopLeftBehind(cluster);
  const { server, port } = await startOnPort(cluster, order.port);
  const killAtExit = () => void server.kill('SIGINT');
  process.once('exit', killAtExit);
  const fail = () => order.onFailure(explainPostgresLog(cluster));
  server.once('exit', fail);
  async function close(): Promise<void> {
    server.off('exit', fail);
    await stop(server);
    process.off('exit', killAtExit);
  }
  try {
    await createDatabase(cluster, port, order.database);
  } catch (error) {
    await close();
    throw error;
  }
  return { port, major, folder, close };
}

/** The environment in which a function finds the database. */
export async function databaseEnvironment(
  paths: DataPaths,
  port: number,
  database: string,
): Promise<Record<string, string>> {
  return {
    [ENV.dbHost]: HOST,
    [ENV.dbPort]: String(port),
    [ENV.dbName]: database,
    [ENV.dbUser]: DATABASE_USER,
    [ENV.dbPassword]: await readPassword(paths),
  };
}

/** A runner that was killed leaves its server running: the one that answers for this very folder. */
async function stopLeftBehind({ programs, account, folder, password }: Cluster): Promise<void> {
  const file = join(folder, 'postmaster.pid');
  const [pid, , , port] = (await readIfThere(file)).split('\n');
  if (!pid || !port) return;
  const sql = connect(Number(port), password);
  const answer = await sql<{ data_directory: string }[]>`show data_directory`
    .then(([row]) => row?.data_directory, errorCode)
    .finally(() => sql.end({ timeout: 0 }));
  if (answer !== folder && answer !== STARTING_UP) return;
  const args = ['stop', '-D', folder, '-m', 'fast', '-t', String(START_TIMEOUT_MS / 1000)];
  const stopping = spawn(programs.pg_ctl, args, { ...account, cwd: '/', stdio: 'ignore' });
  await once(stopping, 'exit');
}

const STARTING_UP = '57P03';

async function startOnPort(cluster: Cluster, wanted: number) {
  for (let attempt = 1; ; attempt += 1) {
    const port = wanted || FREE_PORTS.first + Math.floor(Math.random() * FREE_PORTS.count);
    const server = spawnServer(cluster, port);
    await once(server, 'spawn');
    if (await hasStarted(server, cluster, port)) return { server, port };
    const log = readFileSync(cluster.logFile, 'utf8');
    if (/could not bind/.test(log)) {
      const code = /could not bind.*Permission denied/.test(log) ? 'EACCES' : 'EADDRINUSE';
      if (wanted || attempt === FREE_PORT_ATTEMPTS) throw portRefused(code, port, 'PostgreSQL');
    } else if (!/shared memory block .* is still in use/.test(log))
      throw explainPostgresLog(cluster);
    // The processes of a server that was killed need a moment to notice it.
    else if (attempt === FREE_PORT_ATTEMPTS) throw explainPostgresLog(cluster);
    else await sleep(START_TIMEOUT_MS / FREE_PORT_ATTEMPTS);
  }
}

function spawnServer({ programs, account, folder, logFile }: Cluster, port: number): ChildProcess {
  const log = openLog(logFile);
  const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = spawn(programs.postgres, ['-D', folder, '-p', String(port), ...settings], {
    ...account,
    cwd: '/',
    env: { LC_ALL: 'C' },
    detached: true,
    // A file, not a pipe: a server that outlives its runner must still be able to write.
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  return server;
}

/** Each start begins a new log; the one before is kept beside it. */
function openLog(logFile: string): number {
  try {
    if (existsSync(logFile)) renameSync(logFile, `${logFile}.1`);
    return openSync(logFile, 'a');
  } catch (error) {
    throw explainFileError(error, logFile);
  }
}

/** False when the server ended. */
async function hasStarted(server: ChildProcess, cluster: Cluster, port: number): Promise<boolean> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  const pidFile = join(cluster.folder, 'postmaster.pid');
  while (!hasEnded(server)) {
    // "ready" stands there when the server takes connections; another server on the port cannot say it.
    const [pid, , , , , , , state] = (await readIfThere(pidFile)).split('\n');
    if (Number(pid) === server.pid && state?.trim() === 'ready') return true;
    if (performance.now() > deadline) {
      await stop(server);
      throw new UserError(`PostgreSQL did not start on port ${port} within a minute.`);
    }
    await sleep(LOOK_AGAIN_AFTER_MS);
  }
  return false;
}

/** A server that ends takes its file away at any moment. */
async function readIfThere(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return '';
    throw error;
  }
}

async function stop(server: ChildProcess): Promise<void> {
  if (hasEnded(server)) return;
  const ended = once(server, 'exit');
  server.kill('SIGINT');
  await ended;
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

async function createDatabase({ password }: Cluster, port: number, name: string): Promise<void> {
  const sql = connect(port, password);
  try {
    const found = await sql`select datname from pg_database where datname = ${name}`;
    if (found.length === 0) await sql`create database ${sql(name)}`;
  } finally {
    await sql.end({ timeout: 0 });
  }
}

function connect(port: number, password: string): Sql {
  const database = 'postgres';
  return postgres({ host: HOST, port, user: DATABASE_USER, password, database, max: 1 });
}
