// Where things are in a data directory, and who owns it. LevelDB's file lock keeps two owners
// apart; `runner.json` only tells other commands where the owner's endpoints are.
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Endpoints } from '../shared/settings.ts';
import { errorCode, explainFileError, UserError } from '../shared/user-error.ts';

/** The header in which the S3 endpoint tells whose it is. */
export const OWNER_HEADER = 'x-runner-id';

const PROBE_TIMEOUT_MS = 2000;

export interface Owner {
  readonly id: string;
  readonly pid: number;
  /** The npm script that holds the directory, such as `start`. */
  readonly command: string;
  readonly endpoints: Endpoints;
}

export interface DataPaths {
  readonly root: string;
  readonly runner: string;
  /** How its parts are written: see data-form.ts. */
  readonly form: string;
  readonly dynamodb: string;
  readonly s3: string;
  readonly postgres: string;
  /** The password of the database, in libpq's form. */
  readonly pgpass: string;
  readonly logs: string;
  readonly topics: string;
  readonly positions: string;
  readonly shop: string;
  readonly auctions: string;
}

export function dataPaths(dataDir: string): DataPaths {
  const root = resolve(dataDir);
  return {
    root,
    runner: join(root, 'runner.json'),
    form: join(root, 'form.json'),
    dynamodb: join(root, 'dynamodb'),
    s3: join(root, 's3'),
    postgres: join(root, 'postgres'),
    pgpass: join(root, 'pgpass'),
    logs: join(root, 'logs'),
    topics: join(root, 'topics'),
    positions: join(root, 'positions.json'),
    shop: join(root, 'shop.json'),
    auctions: join(root, 'auctions.json'),
  };
}

export async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true }).catch((error: unknown) => {
    throw explainFileError(error, path);
  });
}

/** A reader, or the next start after a kill, sees the old file or the new one, never half of it. */
export async function writeWholeFile(path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}.draft`;
  try {
    await writeFile(draft, text);
    await rename(draft, path);
  } catch (error) {
    throw explainFileError(error, path);
  }
}

/** The JSON of a file, or undefined when there is no such file. */
export async function readJsonFile(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw explainFileError(error, path);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw damagedFile(path);
  }
}

export function damagedFile(path: string): UserError {
  return new UserError(
    `${path} is damaged: it is not the JSON that the runner writes. ` +
      'Restore it from a copy, or start anew in another directory with --data-dir.',
  );
}

/** Who has it open now; nobody when the last one closed it, or crashed. */
export async function findOwner(paths: DataPaths): Promise<Owner | undefined> {
  const owner = await readJsonFile(paths.runner);
  if (owner === undefined) return undefined;
  if (!isOwner(owner)) throw damagedFile(paths.runner);
  // A process number is soon given to someone else, so the endpoint must answer with the same id.
  const lives = isProcessAlive(owner.pid) && (await ownerIdAt(owner.endpoints.s3)) === owner.id;
  return lives ? owner : undefined;
}

export async function recordOwner(paths: DataPaths, owner: Owner): Promise<void> {
  await writeWholeFile(paths.runner, `${JSON.stringify(owner, null, 2)}\n`);
}

export async function forgetOwner(paths: DataPaths): Promise<void> {
  await rm(paths.runner, { force: true });
}

export function newOwnerId(): string {
  return randomUUID();
}

function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

async function ownerIdAt(endpoint: string): Promise<string | null> {
  try {
    const answer = await fetch(endpoint, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
    await answer.body?.cancel();
    return answer.headers.get(OWNER_HEADER);
  } catch {
    return null;
  }
}

function isOwner(value: unknown): value is Owner {
  if (typeof value !== 'object' || value === null) return false;
  const { id, pid, command, endpoints } = value as Partial<Record<keyof Owner, unknown>>;
  if (typeof id !== 'string' || !Number.isSafeInteger(pid) || typeof command !== 'string') {
    return false;
  }
  const { dynamodb, s3, postgres } = (endpoints ?? {}) as Partial<Record<keyof Endpoints, unknown>>;
  const isPort = postgres === undefined || Number.isSafeInteger(postgres);
  return typeof dynamodb === 'string' && typeof s3 === 'string' && isPort;
}

/**
 * Orders of the sample and orders of one's own have the same ids and positions: they never share a directory.
 * @throws {UserError}
 */
export function refuseSampleData(dataDir: string): void {
  if (!existsSync(dataPaths(dataDir).shop)) return;
  throw new UserError(`${dataDir} holds the sample shop's orders: choose another with --data-dir.`);
}
