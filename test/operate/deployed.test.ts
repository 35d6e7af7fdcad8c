// I130: with --stack a command prints what it prints over the stores themselves, and exits with the same code; its
// function, beside the stores, does the work.
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { expect, onTestFinished, test } from 'vitest';
import { quarantineKey } from '../../functions/contracts.ts';
import { itemKeys } from '../../functions/orders/table/items.ts';
import { makeTable } from '../../functions/orders/table/table-store.ts';
import {
  changeLine,
  type DeployedStack,
  nameInStack,
  openStack,
  orderOf,
  outcomeLine,
  runScript,
  STACK,
} from '../support/deployed-stack.ts';
import { type Answer, startLambdaEndpoint } from '../support/lambda-endpoint.ts';

const TOPIC = 'dbserver1.public.orders';
const DAYS = ['2026-01-30', '2026-01-31', '2026-02-01'];

/** Sums of a customer and of two days of outcomes that are not what the rows say. */
async function damage({ stores, sql }: DeployedStack): Promise<void> {
  const table = makeTable(stores.dynamodb, stores.table);
  const key = itemKeys.base('customer', '0');
  const seen = await table.get(key);
  expect(seen?.text).toContain('12.34');
  await table.put({ key, seen, text: seen?.text.replace('12.34', '12.84') ?? '' });
  const changed = await sql`
    update outcome_days set outcomes = outcomes + 1 where day > '2026-01-30' returning day`;
  expect(changed).toHaveLength(2);
}

const NO_EVENT = { kafka: { brokers: [''], token: '' } };

/** The same command over the stores and through the stack. */
async function both(stack: DeployedStack, script: string, ...args: string[]) {
  const here = await stack.runHere(script, ...args);
  const there = await stack.run(script, ...args);
  expect(there).toEqual(here);
  return there;
}

test('audit, rebuild and migrate over a stack are those over its stores', async () => {
  const stack = await openStack();
  await stack.ingest([
    ...[1, 2].map((id) => changeLine(id, orderOf(id))),
    ...DAYS.map((day, offset) => outcomeLine(offset, day)),
  ]);
  expect(await both(stack, 'operate/audit.ts')).toMatchObject({ status: 0 });
  await damage(stack);

  const found = await both(stack, 'operate/audit.ts');
  expect(found).toMatchObject({ status: 3, stderr: '' });
  expect(found.stdout).toContain('  customer 1 amount: 12.84, by the rows 12.34\n');
  const json = await both(stack, 'operate/audit.ts', '--json');
  expect(JSON.parse(json.stdout)).toMatchObject({ rows: 2, outcomes: { differences: [{}, {}] } });
  expect(await both(stack, 'operate/rebuild.ts', '--dry-run')).toMatchObject({ status: 3 });
  const rollups = await both(stack, 'operate/rebuild.ts', '--outcomes', '--dry-run');
  expect(rollups.stdout).toMatch(/2 differences to mend\.\n$/);

  const mended = await stack.run('operate/rebuild.ts');
  expect(mended).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/1 differences mended/),
  });
  const more = await stack.run('operate/rebuild.ts', '--outcomes');
  expect(more).toMatchObject({ status: 0, stdout: expect.stringMatching(/2 differences mended/) });
  expect(await both(stack, 'operate/audit.ts')).toMatchObject({ status: 0 });

  const status = await stack.run('local/commands/migrate.ts', '--status');
  expect(status).toMatchObject({ status: 0, stdout: expect.stringMatching(/^(\[X\] .*\n)+$/) });
  const plan = await stack.run('local/commands/migrate.ts', '--plan');
  expect(plan.stdout).toBe('Nothing to apply: the schema is up to date.\n');
  const asked = new Set(stack.invocations.map(({ functionName }) => functionName));
  expect([...asked]).toEqual(['operate-stores', 'migrate-database'].map(nameInStack));
});

test('quarantine: list, show and a dry run are the same; a redrive hands over a login signed here', async () => {
  const events: (typeof NO_EVENT)[] = [];
  const stack = await openStack({
    withDatabase: false,
    answer: ({ event }) => {
      const request = JSON.parse(event);
      if (request.kafka) events.push(request);
      return request.kafka && ({ kind: 'answer', payload: { text: 'sent\n' } } satisfies Answer);
    },
  });
  await stack.ingest([changeLine(1, orderOf(1)), changeLine(2, { id: 'none' }), changeLine(3, {})]);
  const Key = quarantineKey(TOPIC, 0, 7n);
  const { s3, bucket } = stack.stores;
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: '[]' }));

  const listed = await both(stack, 'operate/quarantine.ts', 'list');
  expect(listed.stdout.trimEnd().split('\n')).toHaveLength(2);
  expect(listed.stderr).toMatch(/quarantine\/dbserver1.public.orders\/0\/7.json cannot be read/);
  await both(stack, 'operate/quarantine.ts', 'list', '--json', '--since', '2026-01-01');
  const names = [2, 3].map((offset) => `${TOPIC}/0/${offset}`);
  await both(stack, 'operate/quarantine.ts', 'show', ...names);
  await both(stack, 'operate/quarantine.ts', 'show', '--json', ...names);
  expect(await both(stack, 'operate/quarantine.ts', 'show', `${TOPIC}/0/99`)).toMatchObject({
    ...{ status: 1, stderr: expect.stringMatching(/is not there\.\n$/) },
  });
  const dry = await both(stack, 'operate/quarantine.ts', 'redrive', '--all', '--dry-run');
  expect(dry).toMatchObject({ status: 3, stdout: expect.stringMatching(/^2 records of 2/m) });

  const redrive = ['redrive', '--topic', TOPIC, '--brokers', 'b-1.msk:9098,b-2.msk:9098'];
  const sent = await stack.run('operate/quarantine.ts', ...redrive);
  expect(sent).toEqual({ status: 0, stdout: 'sent\n', stderr: '' });
  expect(events).toMatchObject([{ command: 'redrive', topic: TOPIC, names: [], isDryRun: false }]);
  const [
    {
      kafka: { brokers, token },
    } = NO_EVENT,
  ] = events;
  expect(brokers).toEqual(['b-1.msk:9098', 'b-2.msk:9098']);
  const signed = Buffer.from(token, 'base64url').toString();
  expect(signed).toMatch(
    /^https:\/\/kafka\.us-east-1\..*Action=kafka-cluster%3AConnect.*X-Amz-Sig/,
  );
});

test.for([
  [
    { kind: 'failed', errorType: 'Sandbox.Timedout', errorMessage: 'Task timed out' },
    /Lambda ends/,
  ],
  [{ kind: 'failed', errorType: 'Runtime.OutOfMemory', errorMessage: 'killed' }, /operatorMemory/],
  [{ kind: 'answer', payload: { text: '', refusal: 'Not now.' } }, /^rebuild: Not now\.\n$/],
  [{ kind: 'refused', status: 404, type: 'ResourceNotFoundException' }, /no such function/],
  [{ kind: 'refused', status: 429, type: 'TooManyRequestsException' }, /TooManyRequests/],
] as const)('%j is an error of one line, and nothing is asked twice', async ([answer, reason]) => {
  const endpoint = await startLambdaEndpoint(() => answer);
  onTestFinished(() => endpoint.close());
  const args = ['--stack', STACK];
  const { status, stdout, stderr } = await runScript('operate/rebuild.ts', args, endpoint.env);
  expect(stderr).toMatch(reason);
  expect(stderr.trimEnd()).not.toContain('\n');
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(endpoint.invocations).toHaveLength(1);
});
