// npm run test:clients: the running product as its users' tools meet it. A client generated from the API's
// description is compiled strictly and used on every path; schemathesis holds the description against the
// answers; pandas and DuckDB read the exports.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePorts } from '../platform/free-ports.ts';
import { waitUntil } from '../platform/wait-until.ts';
import { installTools, run, type Tools } from './tools.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const START_TIMEOUT_MS = 90_000;
const CAPTURES = ['api/outcomes.ndjson', 'captures/platform.ndjson'];
/** Of each operation; the rest of the time is schemathesis' own boundary values. */
const EXAMPLES = '25';

interface Product {
  readonly url: string;
  stop(): Promise<void>;
}

async function main(): Promise<void> {
  const tools = installTools();
  const folder = mkdtempSync(join(tmpdir(), 'clients-'));
  try {
    const captures = CAPTURES.map((name) => join(ROOT, 'test', 'fixtures', name));
    local('replay', [...captures, '--data-dir', join(folder, 'data'), '--json']);
    const product = await startProduct(join(folder, 'data'));
    try {
      await step('generated client', () => useGeneratedClient(tools, product.url));
      await step('pandas and DuckDB', () => readExports(tools, product.url, folder));
      await step('schemathesis', () => fuzzDescription(tools, product.url));
    } finally {
      await product.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function step(name: string, work: () => Promise<string> | string): Promise<void> {
  const started = performance.now();
  const said = await work();
  const seconds = ((performance.now() - started) / 1_000).toFixed(1);
  process.stdout.write(`${said.trimEnd()}\n${name}: passed in ${seconds} s\n`);
}

function local(command: string, args: readonly string[]): string {
  return run(process.execPath, [join(ROOT, 'local', 'commands', `${command}.ts`), ...args], ROOT);
}

async function startProduct(dataDir: string): Promise<Product> {
  const port = await firstOfFourFree();
  const args = ['--port', String(port), '--data-dir', dataDir, '--no-sample'];
  const service = spawn(process.execPath, [join(ROOT, 'local', 'commands', 'start.ts'), ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const url = `http://127.0.0.1:${port}`;
  const stop = async () => {
    const ended = once(service, 'exit');
    if (service.exitCode !== null || !service.kill('SIGTERM')) return;
    await ended;
  };
  try {
    await waitUntil(
      'the service to answer',
      async () => (await fetch(`${url}/api/health/`)).ok,
      START_TIMEOUT_MS,
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, stop };
}

/** The service takes three more ports after its own. */
async function firstOfFourFree(): Promise<number> {
  const [port = 0] = await findFreePorts(1);
  return port > 60_000 ? port - 1_000 : port;
}

function useGeneratedClient({ folder }: Tools, url: string): string {
  const bin = (name: string) => join(folder, 'node_modules', '.bin', name);
  run(bin('openapi-typescript'), [`${url}/api/schema/`, '-o', 'schema.d.ts'], folder);
  const source = 'use-every-operation.ts';
  cpSync(join(import.meta.dirname, 'generated', source), join(folder, source));
  const strictly = ['--strict', '--noUncheckedIndexedAccess', '--exactOptionalPropertyTypes'];
  const how = ['--noEmit', '--target', 'es2024', '--lib', 'es2024,dom', '--skipLibCheck'];
  const modules = ['--module', 'nodenext', '--allowImportingTsExtensions'];
  const types = ['--types', 'node', '--typeRoots', join(ROOT, 'node_modules', '@types')];
  run(bin('tsc'), [...strictly, ...how, ...modules, ...types, source], folder);
  return run(process.execPath, [source, url], folder);
}

async function readExports({ python }: Tools, url: string, folder: string): Promise<string> {
  const files = ['csv', 'ndjson'].map((format) => join(folder, `outcomes.${format}`));
  for (const [index, format] of ['csv', 'ndjson'].entries()) {
    const response = await fetch(`${url}/api/outcomes.${format}?win_status=true`);
    writeFileSync(files[index] ?? '', await response.text());
  }
  const stats = await (await fetch(`${url}/api/outcomes/stats/`)).text();
  const [, revenue = ''] = /"total_revenue":([\d.]+)/.exec(stats) ?? [];
  return run(python, [join(import.meta.dirname, 'read_exports.py'), ...files, revenue], ROOT);
}

function fuzzDescription({ schemathesis, folder }: Tools, url: string): string {
  // One worker: CPython 3.11 fails now and then when two parse code at once.
  const bounds = ['--max-examples', EXAMPLES, '--workers', '1', '--seed', '1'];
  const quietly = ['--no-color', '--checks', 'all'];
  return run(schemathesis, ['run', ...bounds, ...quietly, `${url}/api/schema/`], folder);
}

await main();
