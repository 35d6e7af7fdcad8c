// A stack as an operator meets it: its functions behind Lambda's Invoke API under the names of a deployment, over
// the embedded stores. Commands are run as processes, with --stack, as on a laptop.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { ENV, FUNCTIONS } from '../../functions/contracts.ts';
import { makePostgres } from '../../functions/platform/postgres.ts';
import type { Sql } from '../../functions/platform/sql-client.ts';
import { openCaptures } from '../../local/replay/captures.ts';
import { type ReplayResult, replayCaptures } from '../../local/replay/replay-captures.ts';
import { type Functions, hostFunctions, surroundingsOf } from '../../local/service/functions.ts';
import { readReports, runReports } from '../../local/service/reports.ts';
import { FunctionError } from '../../local/shared/function-error.ts';
import { type Environment, functionEnvironment } from '../../local/shared/settings.ts';
import { openStores, type Stores } from '../../local/stores/open-stores.ts';
import { OUTCOMES_TOPIC, routeTopics } from '../../local/stream/routes.ts';
import { type Answer, type Invocation, startLambdaEndpoint } from './lambda-endpoint.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const BATCH_SIZE = 50;
export const STACK = 'shop';

export interface Run {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface DeployedStack {
  readonly stores: Stores;
  readonly sql: Sql;
  readonly functions: Functions;
  readonly invocations: readonly Invocation[];
  /** `run('operate/audit.ts')`: through the functions of the stack. */
  run(script: string, ...args: string[]): Promise<Run>;
  /** The same over the stores themselves. */
  runHere(script: string, ...args: string[]): Promise<Run>;
  /** Through the functions, as mappings would; then a report run. `env`: of the functions. */
  ingest(lines: readonly string[], env?: Environment): Promise<ReplayResult>;
  /** A report run now, by name. */
  reports(env?: Environment): Promise<ReadonlyMap<string, string>>;
  /** As another deployment would set them. */
  functionsWith(env: Environment): Promise<Functions>;
}

export interface StackOptions {
  /** Instead of the functions' own answer, where it is one. */
  readonly answer?: (invocation: Invocation) => Promise<Answer | undefined> | Answer | undefined;
  /** Without one nothing may be asked of it. */
  readonly withDatabase?: boolean;
}

export async function openStack(options: StackOptions = {}): Promise<DeployedStack> {
  const stack = await startStack(options);
  onTestFinished(() => stack.close());
  return stack;
}

export async function startStack({
  answer = () => undefined,
  withDatabase = true,
}: StackOptions = {}): Promise<DeployedStack & { close(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'stack-'));
  // PostgreSQL runs as another user when the tests run as root.
  await chmod(folder, 0o755);
  const stores = await openStores(join(folder, 'data'), { command: 'test', env: {} });
  const byEnv = new Map<string, Promise<Functions>>();
  const functionsWith = (env: Environment) => {
    const key = JSON.stringify(env);
    const own = byEnv.get(key) ?? hosted(stores, env, withDatabase);
    byEnv.set(key, own);
    return own;
  };
  const functions = await functionsWith({});
  const endpoint = await startLambdaEndpoint(
    async (invocation) => (await answer(invocation)) ?? invoke(functions, invocation),
  );
  const database = withDatabase ? await stores.openDatabase() : {};
  const sql = makePostgres(database, {
    functionName: 'operate-stores',
    connectionsMax: 2,
  });
  if (withDatabase) await functions.invoke('migrate-database', '{}');
  return {
    ...{ stores, sql, functions, invocations: endpoint.invocations },
    run: (script, ...args) => runScript(script, [...args, '--stack', STACK], endpoint.env),
    runHere: (script, ...args) => {
      const isNamed = args.includes('--table');
      const place = isNamed
        ? []
        : script.includes('quarantine')
          ? ['--bucket', stores.bucket]
          : ['--table', stores.table];
      const env = { ...functionEnvironment({}, stores.endpoints), ...database };
      return runScript(script, [...args, ...place], env);
    },
    ingest: async (lines, env = {}) => {
      const file = join(folder, `${randomUUID()}.ndjson`);
      await writeFile(file, `${lines.join('\n')}\n`);
      const options = { batchSize: BATCH_SIZE, routes: routeTopics(OUTCOMES_TOPIC) };
      return replayCaptures(stores, await functionsWith(env), await openCaptures([file]), options);
    },
    functionsWith,
    reports: async (env = {}) => readReports(stores, await runReports(await functionsWith(env))),
    close: async () => {
      await endpoint.close();
      await sql.end();
      for (const own of await Promise.all(byEnv.values())) await own.close();
      await stores.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function hosted(stores: Stores, env: Environment, withDatabase: boolean): Promise<Functions> {
  const { env: given, ...surroundings } = surroundingsOf(stores, env);
  const all = { ...given, [ENV.outcomesTopic]: OUTCOMES_TOPIC };
  const none = { openDatabase: async () => ({}), ownsDatabase: false };
  const name = env[ENV.dbName];
  const named = {
    openDatabase: async () => ({
      ...(await surroundings.openDatabase()),
      ...(name && { [ENV.dbName]: name }),
    }),
  };
  return hostFunctions({ ...surroundings, ...(withDatabase ? named : none), env: all });
}

async function invoke(functions: Functions, { functionName, event }: Invocation): Promise<Answer> {
  const name = FUNCTIONS.find((one) => functionName === `${STACK}-${one}`);
  if (!name) return { kind: 'refused', status: 404, type: 'ResourceNotFoundException' };
  try {
    return { kind: 'answer', payload: JSON.parse(await functions.invoke(name, event)) };
  } catch (error) {
    if (!(error instanceof FunctionError)) throw error;
    return { kind: 'failed', errorType: error.name, errorMessage: error.message };
  }
}

export async function runScript(
  script: string,
  args: readonly string[],
  env: Environment,
): Promise<Run> {
  const child = spawn(process.execPath, [join(ROOT, script), ...args], {
    env: { ...process.env, ...env },
  });
  const outputs = Promise.all([text(child.stdout), text(child.stderr)]);
  const [status] = await once(child, 'exit');
  const [stdout, stderr] = await outputs;
  return { status, stdout, stderr };
}

/** One record of a table of Debezium's, as a line of a capture. */
export function changeLine(
  offset: number,
  after: Readonly<Record<string, unknown>>,
  { table = 'orders', op = 'c', partition = 0, timestamp = Date.now() } = {},
): string {
  const topic = `dbserver1.public.${table}`;
  const key = JSON.stringify({ id: after.id });
  const source = { table, lsn: 1_000 + offset, ts_ms: timestamp };
  const value = JSON.stringify({ op, after, source });
  return JSON.stringify({ topic, partition, offset, timestamp, key, value, headers: [] });
}

export function orderOf(id: number, amount = 'BNI='): Readonly<Record<string, unknown>> {
  return {
    ...{ id, customer_id: id, total_amount: amount, status: 'paid' },
    created_at: 1_769_000_000_000,
  };
}

export function outcomeLine(
  offset: number,
  day: string,
  { value = '', partition = 0 } = {},
): string {
  const timestamp = Date.parse(`${day}T12:00:00Z`);
  const outcome = {
    ...{ bid_id: `bid-${partition}-${offset}`, timestamp: `${day}T12:00:00Z` },
    ...{ site_domain: 'example.com', win_status: true, win_price: '1.10', bid_price: '2.20' },
  };
  return JSON.stringify({
    ...{ topic: OUTCOMES_TOPIC, partition, offset, timestamp, key: null, headers: [] },
    value: value || JSON.stringify(outcome),
  });
}

export const nameInStack = (name: string) => `${STACK}-${name}`;
