import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { AGGREGATES_FORM } from '../../local/stores/data-form.ts';
import { findFreePorts } from '../platform/free-ports.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const [FIRST_PORT = 0] = await findFreePorts(7);
const ROOT = join(import.meta.dirname, '..', '..');

async function run(command: string, args: string[], env: Record<string, string> = {}) {
  const script = join(ROOT, 'local', 'commands', `${command}.ts`);
  const child = spawn(process.execPath, [script, ...args], { env: { ...process.env, ...env } });
  const outputs = Promise.all([text(child.stdout), text(child.stderr)]);
  const [status] = await once(child, 'exit');
  const [stdout, stderr] = await outputs;
  return { status, stdout, stderr };
}

async function expectOneLineError(result: ReturnType<typeof run>, reason: RegExp): Promise<void> {
  const { status, stdout, stderr } = await result;
  expect(stderr).toMatch(reason);
  expect(stderr.trimEnd()).not.toContain('\n');
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
}

test.concurrent.each([
  ['replay', [], /Missing required argument 'file'\. "npm run replay -- --help" shows/],
  ['replay', ['/no/such/file'], /capture file \/no\/such\/file does not exist/],
  ['replay', [import.meta.dirname], /is a folder, not a file/],
  ['replay', [import.meta.filename, '--batch-size', '0'], /--batch-size .* 1 to 10000, not "0"/],
  [
    'replay',
    [import.meta.filename, '--fast'],
    /Unknown option '--fast'\. "npm run replay -- --help" shows/,
  ],
  ['report', ['now'], /Too many arguments.* "npm run report -- --help"/],
  ['consume', ['--brokers', 'x:1', '--invoke', 'lamda'], /--invoke must be "lambda", not "lamda"/],
  ['start', ['--brokers', ''], /--brokers names no broker/],
  ['start', ['--port', '65535'], /--port .* 1 to 65532, not "65535"/],
] as const)('%s %j is an error of one line', async (command, args, reason) => {
  await expectOneLineError(run(command, [...args]), reason);
});

test('a FLUSH_INTERVAL that is no whole number is an error of one line', async () => {
  const env = { FLUSH_INTERVAL: '1.5' };
  await expectOneLineError(run('start', [], env), /FLUSH_INTERVAL .*, not "1.5"/);
});

test.each([
  [
    'replay',
    'DECIMAL_SCALE',
    /^replay: DECIMAL_SCALE is "x": it must be a whole number from 0 to 10\.\n$/,
  ],
  ['start', 'TOP_N', /^start: TOP_N is "x": it must be a whole number from 1 to 1000\.\n$/],
])(
  '%s ends at once when a function names a setting that is wrong: %s',
  async (command, name, reason) => {
    const capture = join(ROOT, 'test', 'fixtures', 'captures', 'connector-killed.ndjson');
    const args = command === 'replay' ? [capture] : ['--port', String(FIRST_PORT)];
    const dataDir = ['--data-dir', join(temporaryDirectory(), 'data')];
    const env = { [name]: 'x', FLUSH_INTERVAL: '1' };
    const { status, stderr } = await run(command, [...args, ...dataDir], env);
    expect(stderr).toMatch(reason);
    expect(status).toBe(1);
  },
);

test('a session timeout that no broker takes is an error of one line', async () => {
  const env = { KAFKA_BROKERS: 'localhost:9092', KAFKA_SESSION_TIMEOUT_MS: '5999' };
  const reason = /KAFKA_SESSION_TIMEOUT_MS .* from 6000 to 1800000, not "5999"/;
  await expectOneLineError(run('consume', [], env), reason);
});

test('a login that does not fit its protocol is an error of one line, and stays secret', async () => {
  const env = { KAFKA_SECURITY_PROTOCOL: 'SSL', KAFKA_SASL_PASSWORD: 'hush-hush' };
  const result = run('consume', ['--brokers', 'localhost:9092'], env);
  await expectOneLineError(result, /KAFKA_SASL_PASSWORD belongs to .*SASL_SSL .*, not to SSL/);
  expect((await result).stderr).not.toContain('hush-hush');
});

test('a busy port is named, with what it is for, and nothing stays behind', async () => {
  const port = FIRST_PORT + 3;
  const busy = createServer().listen(port, '127.0.0.1');
  onTestFinished(() => void busy.close());
  await once(busy, 'listening');
  const purposes = ['HTTP', 'the DynamoDB endpoint', 'the S3 endpoint', 'PostgreSQL'];
  for (const [distance, purpose] of purposes.entries()) {
    const dataDir = temporaryDirectory();
    const args = ['--port', String(port - distance), '--data-dir', dataDir];
    const reason = new RegExp(`Port ${port}, wanted for ${purpose}, is in use.*--port`);
    await expectOneLineError(run('start', args), reason);
    expect(existsSync(join(dataDir, 'runner.json'))).toBe(false);
    // What is there already is known by its note, so that the next start goes on in it.
    const hasAggregates = existsSync(join(dataDir, 'dynamodb', 'CURRENT'));
    expect([purpose, hasAggregates && !existsSync(join(dataDir, 'form.json'))]).toEqual([
      ...[purpose, false],
    ]);
  }
});

test('a damaged data directory is an error of one line', async () => {
  const dataDir = temporaryDirectory();
  mkdirSync(join(dataDir, 'dynamodb'));
  writeFileSync(join(dataDir, 'dynamodb', 'CURRENT'), 'garbage\n');
  const form = { aggregates: AGGREGATES_FORM, tables: [] };
  writeFileSync(join(dataDir, 'form.json'), JSON.stringify(form));
  const result = run('start', ['--port', String(FIRST_PORT), '--data-dir', dataDir]);
  await expectOneLineError(result, /The DynamoDB files in .* are not whole: garbage is missing/);
});
