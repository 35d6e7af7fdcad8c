// `npm run consume -- --invoke lambda`: how it speaks to Lambda, and what it does about each of Lambda's answers.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { readDeployed } from '../../local/consume/consume-options.ts';
import { checkDeployed, deployedFunctions } from '../../local/consume/deployed-functions.ts';
import { FunctionError } from '../../local/shared/function-error.ts';
import { UserError } from '../../local/shared/user-error.ts';
import { type Delivery, EventSourceMapping } from '../../local/stream/event-source-mapping.ts';
import { EVENT_BYTES_MAX } from '../../local/stream/msk-event.ts';
import type { RawRecord } from '../../local/stream/record.ts';
import { routeTopics } from '../../local/stream/routes.ts';
import {
  type Answer,
  countsOf,
  type Invocation,
  type LambdaEndpoint,
  startLambdaEndpoint,
} from '../support/lambda-endpoint.ts';

const OUTCOMES = 'auction_outcomes';
const succeed = ({ event, isDryRun }: Invocation): Answer => ({
  kind: 'answer',
  payload: isDryRun ? null : countsOf(event),
});
const throttled: Answer = { kind: 'refused', status: 429, type: 'TooManyRequestsException' };

let answer: (invocation: Invocation) => Answer = succeed;
let endpoint: LambdaEndpoint;

beforeEach(async () => {
  answer = succeed;
  endpoint = await startLambdaEndpoint((invocation) => answer(invocation));
  for (const [name, value] of Object.entries(endpoint.env)) vi.stubEnv(name, value);
});

afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await endpoint.close();
});

test('event and answer cross as they are, to the function of that name', async () => {
  answer = () => ({ kind: 'answer', payload: { generated_at: '2025-01-01T00:00:00' } });
  const text = await deployedFunctions('shop-').invoke('materialize-reports', '{"a": 1.10}');
  expect(text).toBe('{"generated_at":"2025-01-01T00:00:00"}');
  expect(endpoint.invocations).toEqual([
    { functionName: 'shop-materialize-reports', event: '{"a": 1.10}', isDryRun: false },
  ]);
});

test('what the function threw is its error', async () => {
  answer = () => ({ kind: 'failed', errorType: 'RangeError', errorMessage: 'too far' });
  const failure = await deployedFunctions('')
    .invoke('aggregate-orders', '{}')
    .catch((error) => error);
  expect(failure).toBeInstanceOf(FunctionError);
  expect(`${failure.name}: ${failure.message}`).toBe('RangeError: too far');
});

test('a batch is sent again until it succeeds, and counts as consumed only then', async () => {
  const refusals = [throttled, { kind: 'failed', errorType: 'Error', errorMessage: 'no' } as const];
  const asWhole = { kind: 'answer', payload: { batchItemFailures: [{}] } } as const;
  const answers: Answer[] = [...refusals, asWhole];
  answer = (invocation) => answers.shift() ?? succeed(invocation);
  const delivered: Delivery[] = [];
  const retries: string[] = [];
  const mapping = mapTo(delivered, retries);
  for (let offset = 0n; offset < 5n; offset += 1n) await mapping.push(outcome(offset));
  await mapping.flush();
  expect(delivered.map(({ lastOffsets }) => [...lastOffsets])).toEqual([
    [[0, 1n]],
    [[0, 3n]],
    [[0, 4n]],
  ]);
  // The SDK itself repeats what was throttled; the mapping repeats what the function refused.
  expect(retries).toEqual([
    expect.stringContaining('Error: no'),
    expect.stringContaining('answered'),
  ]);
  const bodies = endpoint.invocations.map(({ event }) => event);
  expect(new Set(bodies.slice(0, 4)).size).toBe(1);
  expect(bodies.length).toBe(6);
});

test('a throttle that outlasts the SDK lets the batch wait', async () => {
  let left = 5;
  answer = (invocation) => (left-- > 0 ? throttled : succeed(invocation));
  const delivered: Delivery[] = [];
  const retries: string[] = [];
  const mapping = mapTo(delivered, retries);
  await mapping.push(outcome(0n));
  await mapping.flush();
  expect(retries).toEqual([expect.stringContaining('TooManyRequestsException')]);
  expect(delivered).toMatchObject([{ functionName: 'record-outcomes', counts: { records: 1 } }]);
});

test('an event is never larger than Lambda takes', async () => {
  const mapping = mapTo([], [], 10_000);
  const value = Buffer.alloc(1_000_000, 'x');
  for (let offset = 0n; offset < 10n; offset += 1n) await mapping.push(outcome(offset, value));
  await mapping.flush();
  const sizes = endpoint.invocations.map(({ event }) => Buffer.byteLength(event));
  expect(Math.max(...sizes)).toBeLessThanOrEqual(EVENT_BYTES_MAX);
  expect(sizes.length).toBe(3);
});

test.each([
  [404, 'ResourceNotFoundException', /shop-record-outcomes .* no such function .*--stack/],
  [403, 'AccessDeniedException', /allow lambda:InvokeFunction/],
  [413, 'RequestTooLargeException', /one record alone is larger than .*6 MB/],
])('%i %s ends the command with what to do', async (status, type, advice) => {
  answer = () => ({ kind: 'refused', status, type });
  const invoked = deployedFunctions('shop-').invoke('record-outcomes', '{}');
  await expect(invoked).rejects.toThrow(advice);
  await expect(invoked).rejects.toBeInstanceOf(UserError);
  expect(endpoint.invocations.length).toBe(1);
});

test('the functions are looked for before the first record, without invoking them', async () => {
  await checkDeployed('shop-', ['aggregate-orders', 'record-outcomes']);
  expect(
    endpoint.invocations.map(({ functionName, isDryRun }) => [functionName, isDryRun]),
  ).toEqual([
    ['shop-aggregate-orders', true],
    ['shop-record-outcomes', true],
  ]);
  answer = () => ({ kind: 'refused', status: 404, type: 'ResourceNotFoundException' });
  const missing = checkDeployed('shop-', ['serve-api']);
  await expect(missing).rejects.toThrow(/shop-serve-api cannot be invoked: there is no such/);
  vi.stubEnv('AWS_ENDPOINT_URL_LAMBDA', 'http://127.0.0.1:1');
  const silent = checkDeployed('shop-', ['serve-api']);
  await expect(silent).rejects.toThrow(/Lambda does not answer: .*ECONNREFUSED/);
  await expect(silent).rejects.toBeInstanceOf(UserError);
});

test.each([
  [{ invoke: 'lambda' }, { prefix: 'analytics-service-', withReports: false }],
  [
    { invoke: 'lambda', stack: 'shop', reports: true },
    { prefix: 'shop-', withReports: true },
  ],
  [
    { invoke: 'lambda', functionPrefix: 'shop_' },
    { prefix: 'shop_', withReports: false },
  ],
  [{ dataDir: 'here' }, undefined],
] as const)('%j says which functions', (given, deployed) => {
  expect(readDeployed(given)).toEqual(deployed);
});

test.each([
  [{ invoke: 'lamda' }, /--invoke must be "lambda", not "lamda"/],
  [{ stack: 'a' }, /--stack belongs to --invoke lambda/],
  [{ reports: true }, /--reports belongs to --invoke lambda/],
  [{ invoke: 'lambda', stack: 'a', functionPrefix: 'b' }, /choose one/],
  [{ invoke: 'lambda', dataDir: 'd' }, /--data-dir belongs to functions that run here/],
] as const)('%j is refused', (given, reason) => {
  expect(() => readDeployed(given)).toThrow(reason);
});

function mapTo(delivered: Delivery[], retries: string[], batchSize = 2): EventSourceMapping {
  return new EventSourceMapping({
    routes: routeTopics(OUTCOMES),
    invoke: deployedFunctions('shop-').invoke,
    batchSize,
    attemptsMax: Number.POSITIVE_INFINITY,
    onRetry: (failure) => retries.push(failure),
    onDelivered: (delivery) => void delivered.push(delivery),
  });
}

function outcome(offset: bigint, value: string | Buffer = '{"bid_id": "b"}'): RawRecord {
  return { topic: OUTCOMES, partition: 0, offset, timestamp: 0, key: null, value, headers: [] };
}
