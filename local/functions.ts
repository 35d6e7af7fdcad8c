// The functions of the service, each in its host, over one data directory's stores.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { FunctionName } from '../functions/contracts.ts';
import { buildFunctions } from '../scripts/bundle.ts';
import { LambdaHost } from './lambda/host.ts';
import { RotatingLog } from './lambda/rotating-log.ts';
import { type Environment, functionEnvironment } from './settings.ts';
import type { Stores } from './stores/open-stores.ts';
import { explainFileError } from './user-error.ts';

const DIST = join(import.meta.dirname, '..', 'dist');
const TIMEOUT_MS = 300_000;

export interface Functions {
  /** @throws {FunctionError} */
  invoke(name: FunctionName, event: string): Promise<string>;
  /** After the invocations in hand. */
  close(): Promise<void>;
}

/** Builds the bundles and starts each function with its first invocation. */
export async function hostFunctions(stores: Stores, env: Environment): Promise<Functions> {
  await buildFunctions();
  const functionEnv = functionEnvironment(env, stores.endpoints);
  const hosts = new Map<FunctionName, LambdaHost>();
  function hostOf(name: FunctionName): LambdaHost {
    const host = hosts.get(name) ?? startHost(name);
    hosts.set(name, host);
    return host;
  }
  function startHost(name: FunctionName): LambdaHost {
    const bundle = join(DIST, name, 'index.mjs');
    const log = openLog(stores.paths.logs, name, env.LOG_LEVEL === 'DEBUG');
    return new LambdaHost({ name, bundle, timeoutMs: TIMEOUT_MS, env: functionEnv, log });
  }
  return {
    invoke: (name, event) => hostOf(name).invoke(event),
    close: async () => {
      await Promise.all([...hosts.values()].map((host) => host.close()));
    },
  };
}

/** While debugging, what a function prints belongs before one's eyes; else into its log file. */
function openLog(folder: string, name: string, debug: boolean): (chunk: Buffer) => void {
  if (debug) return (chunk) => process.stderr.write(chunk);
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw explainFileError(error, folder);
  }
  const log = new RotatingLog(join(folder, `${name}.log`));
  return (chunk) => log.append(chunk);
}
