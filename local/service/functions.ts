// The functions of the service, each in its host, over the stores they are given.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { FunctionName } from '../../functions/contracts.ts';
import { buildFunctions } from '../../scripts/bundle.ts';
import { LambdaHost } from '../lambda/host.ts';
import { RotatingLog } from '../lambda/rotating-log.ts';
import { describeError } from '../shared/command.ts';
import { FunctionError } from '../shared/function-error.ts';
import { type Environment, functionEnvironment } from '../shared/settings.ts';
import { explainFileError, UserError } from '../shared/user-error.ts';
import type { Stores } from '../stores/open-stores.ts';

const DIST = join(import.meta.dirname, '..', '..', 'dist');
const TIMEOUT_MS = 300_000;
const MIGRATION: FunctionName = 'migrate-database';
const DATABASE_FUNCTIONS: ReadonlySet<FunctionName> = new Set([
  MIGRATION,
  'record-outcomes',
  'serve-api',
  'operate-stores',
]);

export interface Functions {
  /** @throws {FunctionError}, or a UserError when it names a setting that is wrong. */
  invoke(name: FunctionName, event: string): Promise<string>;
  /** After the invocations in hand. */
  close(): Promise<void>;
}

export interface Surroundings {
  /** What every function has in its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** What the functions that need PostgreSQL have besides; asked before the first of them starts. */
  readonly openDatabase: () => Promise<Readonly<Record<string, string>>>;
  /** Whether its schema is ours to bring up to date before anything else reads it. */
  readonly ownsDatabase: boolean;
  readonly logs: string;
  readonly debug: boolean;
}

/** What the stores of a data directory are to the functions. */
export function surroundingsOf(stores: Stores, env: Environment): Surroundings {
  return {
    env: functionEnvironment(env, stores.endpoints),
    openDatabase: stores.openDatabase,
    ownsDatabase: true,
    logs: stores.paths.logs,
    debug: env.LOG_LEVEL === 'DEBUG',
  };
}

let building: Promise<unknown> | undefined;

/** Once in a process: whoever changes a function starts another. */
function build(): Promise<unknown> {
  building ??= buildFunctions().catch((error: unknown) => {
    building = undefined;
    throw error;
  });
  return building;
}

/** Builds the bundles and starts each function with its first invocation. */
export async function hostFunctions(surroundings: Surroundings): Promise<Functions> {
  await build();
  const { openDatabase, ownsDatabase } = surroundings;
  const hosts = new Map<FunctionName, Promise<LambdaHost>>();
  function hostOf(name: FunctionName): Promise<LambdaHost> {
    const host = hosts.get(name) ?? startHost(name);
    hosts.set(name, host);
    // What could not start is started again by the next invocation.
    host.catch(() => hosts.delete(name));
    return host;
  }
  async function startHost(name: FunctionName): Promise<LambdaHost> {
    const needsDatabase = DATABASE_FUNCTIONS.has(name);
    const database = needsDatabase ? await openDatabase() : {};
    if (needsDatabase && ownsDatabase && name !== MIGRATION) await invoke(MIGRATION, '{}');
    const bundle = join(DIST, name, 'index.mjs');
    const log = openLog(surroundings.logs, name, surroundings.debug);
    const env = { ...surroundings.env, ...database };
    return new LambdaHost({ name, bundle, timeoutMs: TIMEOUT_MS, env, log });
  }
  async function invoke(name: FunctionName, event: string): Promise<string> {
    const host = await hostOf(name);
    return host.invoke(event).catch((error: unknown) => {
      throw isSettingError(error) ? new UserError(error.message) : error;
    });
  }
  return {
    invoke,
    close: async () => {
      const started = (await Promise.allSettled(hosts.values())).flatMap((host) =>
        host.status === 'fulfilled' ? [host.value] : [],
      );
      await Promise.all(started.map((host) => host.close()));
    },
  };
}

/** Functions of this machine never get another: to try again does not help. */
function isSettingError(error: unknown): error is FunctionError {
  return error instanceof FunctionError && error.name === 'SettingError';
}

/** While debugging, what a function prints belongs before one's eyes; else into its log file. */
function openLog(folder: string, name: string, debug: boolean): (chunk: Buffer) => void {
  if (debug) return (chunk) => process.stderr.write(chunk);
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw explainFileError(error, folder);
  }
  const log = new RotatingLog(join(folder, `${name}.log`), {
    onFailure: (error) => process.stderr.write(`${describeError(error)}\n`),
  });
  return (chunk) => log.append(chunk);
}
