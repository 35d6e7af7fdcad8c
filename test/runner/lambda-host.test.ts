import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type HostedFunction, LambdaHost } from '../../local/lambda/host.ts';
import { temporaryDirectory } from './temporary-directory.ts';

function hostCode(code: string, options: Partial<HostedFunction> = {}): LambdaHost {
  const bundle = join(temporaryDirectory(), 'index.mjs');
  writeFileSync(bundle, code);
  const log = () => {};
  const host = new LambdaHost({ name: 'f', bundle, timeoutMs: 60_000, env: {}, log, ...options });
  onTestFinished(() => host.close());
  return host;
}

const COUNTING = `
  let calls = 0;
  export const handler = async (event) => {
    calls += 1;
    if (event.wait) await new Promise((resolve) => setTimeout(resolve, event.wait));
    if (event.fail) throw new RangeError('no such row');
    if (event.exit) process.exit(3);
    if (event.lateCrash) setTimeout(() => { throw new Error('late'); }, 100);
    return { calls };
  };`;

test('a warm function keeps its state, an error does not end it', async () => {
  const host = hostCode(COUNTING);
  expect(await host.invoke('{}')).toBe('{"calls":1}');
  const failure = host.invoke('{"fail":true}');
  await expect(failure).rejects.toMatchObject({ name: 'RangeError', message: 'no such row' });
  await expect(failure).rejects.toHaveProperty('stack', expect.stringContaining('index.mjs'));
  expect(await host.invoke('{}')).toBe('{"calls":3}');
});

test('a timeout stops the function and the next call is a cold start', async () => {
  let ticks = 0;
  const ticking = `setInterval(() => console.log('tick'), 10);${COUNTING}`;
  const host = hostCode(ticking, { timeoutMs: 4_000, log: () => void ticks++ });
  expect(await host.invoke('{}')).toBe('{"calls":1}');
  await expect(host.invoke('{"wait":60000}')).rejects.toMatchObject({
    name: 'Sandbox.Timedout',
    message: 'Task timed out after 4 seconds',
  });
  await new Promise((resolve) => setTimeout(resolve, 500));
  const ticksAtTheEnd = ticks;
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(ticks).toBe(ticksAtTheEnd);
  expect(await host.invoke('{}')).toBe('{"calls":1}');
});

test('an exit, in a call or after it, makes the next call a cold start', async () => {
  const host = hostCode(COUNTING);
  await expect(host.invoke('{"exit":true}')).rejects.toMatchObject({ name: 'Runtime.ExitError' });
  expect(await host.invoke('{"lateCrash":true}')).toBe('{"calls":1}');
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(await host.invoke('{}')).toBe('{"calls":1}');
});

test('a bundle that cannot load fails each call with its own reason', async () => {
  const host = hostCode('throw new TypeError("AGGREGATES_TABLE is missing");');
  for (const _ of [1, 2]) {
    await expect(host.invoke('{}')).rejects.toMatchObject({
      name: 'TypeError',
      message: 'AGGREGATES_TABLE is missing',
    });
  }
});

test('the function sees its own environment and nothing of ours', async () => {
  const code = 'export const handler = () => process.env;';
  process.env.RUNNER_TEST_SECRET = 'ours';
  const env = JSON.parse(await hostCode(code, { env: { TOP_N: '5' } }).invoke('{}'));
  expect(env).toEqual({
    TOP_N: '5',
    AWS_LAMBDA_FUNCTION_NAME: 'f',
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
  });
});

test('calls run one after the other, and the context counts down', async () => {
  const host = hostCode(`
    let running = 0;
    export const handler = async (event, context) => {
      running += 1;
      await new Promise((resolve) => setTimeout(resolve, 20));
      const answer = { running, left: context.getRemainingTimeInMillis(), id: context.awsRequestId };
      running -= 1;
      return answer;
    };`);
  const answers = await Promise.all([1, 2, 3].map(() => host.invoke('{}')));
  const parsed = answers.map((text) => JSON.parse(text));
  expect(parsed.map(({ running }) => running)).toEqual([1, 1, 1]);
  expect(new Set(parsed.map(({ id }) => id)).size).toBe(3);
  for (const { left } of parsed) {
    expect(left).toBeGreaterThan(30_000);
    expect(left).toBeLessThan(60_000);
  }
});

test('what the function prints goes to its log', async () => {
  const chunks: Buffer[] = [];
  const code = 'export const handler = () => { console.log("out"); console.error("err"); };';
  const host = hostCode(code, { log: (chunk) => chunks.push(chunk) });
  expect(await host.invoke('{}')).toBe('null');
  await expect.poll(() => Buffer.concat(chunks).toString()).toMatch(/out\n.*err\n/s);
});
