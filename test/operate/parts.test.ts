// I132: what is longer than an invocation, or larger than an answer, goes on in the next one or says what to do;
// nothing is left out, nothing twice. The clock is the test's: each look at it is two minutes on.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { expect, onTestFinished, test } from 'vitest';
import { ENV, quarantineKey } from '../../functions/contracts.ts';
import { renderQuarantineDocument } from '../../functions/kafka/quarantine.ts';
import { makeOperate } from '../../functions/operate/operate.ts';
import { openMskTarget } from '../../functions/operate/quarantine/msk-target.ts';
import type { OperatorAnswer, OperatorRequest } from '../../functions/operate/request.ts';
import { isPaused } from '../../functions/orders/merge/plan.ts';
import { makePlanStore } from '../../functions/orders/merge/plan-store.ts';
import { pauseMerges } from '../../functions/orders/repair/pause.ts';
import { makeTable } from '../../functions/orders/table/table-store.ts';
import { changeLine, openStack, orderOf, outcomeLine } from '../support/deployed-stack.ts';
import { startBroker } from '../support/kafka-broker.ts';

const AUTHORITY = join(import.meta.dirname, '..', 'fixtures', 'tls', 'authority.crt');
const TOPIC = 'dbserver1.public.orders';
const DAYS = ['2026-01-30', '2026-01-31', '2026-02-01', '2026-02-02'];
const REMAINING_MS = 900_000;
const LOOK_MS = 120_000;
const PARTS_MAX = 30;
const LARGE = 'x'.repeat(2_000_000);

const stack = async (withDatabase: boolean) => {
  const opened = await openStack({ withDatabase });
  const outcomes = withDatabase ? DAYS.map((day, offset) => outcomeLine(offset, day)) : [];
  await opened.ingest([changeLine(1, orderOf(1)), ...outcomes]);
  const { stores, sql } = opened;
  const { s3, bucket, dynamodb } = stores;
  for (const [offset, value] of [...'123'].entries()) {
    const record = {
      ...{ topic: TOPIC, partition: 0, offset: BigInt(9 + offset), timestamp: Date.now() },
      ...{ key: null, value: Buffer.from(offset === 2 ? LARGE : value), headers: [] },
    };
    const Body = renderQuarantineDocument({ record, reason: `because ${value}`, streamEpoch: '0' });
    const Key = quarantineKey(TOPIC, 0, record.offset);
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
  }
  let nowMs = Date.now();
  const env = {
    ...{ [ENV.aggregatesTable]: stores.table, [ENV.bucket]: bucket },
    [ENV.outcomesTopic]: 'auction_outcomes',
  };
  const operateAt = (lookMs: number) => {
    const now = () => {
      nowMs += lookMs;
      return nowMs;
    };
    const ports = { env, now, sql, s3, dynamoDb: dynamodb, openTarget: openMskTarget };
    return makeOperate({ ...ports, sleep: async () => {} });
  };
  return { ...opened, operateAt, slow: operateAt(LOOK_MS), quick: operateAt(1) };
};

type Operate = ReturnType<typeof makeOperate>;

/** As the command does it. */
async function whole(operate: Operate, request: OperatorRequest) {
  const answers: OperatorAnswer[] = [];
  let next: OperatorAnswer['next'];
  do {
    const event = JSON.parse(JSON.stringify({ ...request, ...(next && { next }) }));
    const answer = await operate(event, REMAINING_MS);
    expect(answer.refusal).toBeUndefined();
    answers.push(answer);
    expect(answers.length).toBeLessThan(PARTS_MAX);
    next = answer.next;
  } while (next);
  const text = answers.map((answer) => answer.text).join('');
  return { text, parts: answers.length, isFound: answers.some(({ isFound }) => isFound === true) };
}

test('in many parts it is the same as in one', async () => {
  const { slow, quick, sql, operateAt } = await stack(true);
  await sql`update outcome_days set outcomes = outcomes + 1 where day <> '2026-01-31'`;
  const requests: OperatorRequest[] = [
    { command: 'rebuild', outcomes: true, isDryRun: true },
    { command: 'list', json: false },
    { command: 'list', json: true, reason: 'because' },
    ...[false, true].map((json) => {
      const names = [11, 9].map((offset) => `${TOPIC}/0/${offset}`);
      return { command: 'show' as const, names, json };
    }),
    { command: 'redrive', names: [], isDryRun: true, mayBeOld: false },
    {
      command: 'redrive',
      names: [`${TOPIC}/0/9`, `${TOPIC}/0/10`],
      isDryRun: true,
      mayBeOld: false,
    },
  ];
  for (const request of requests) {
    const once = await whole(quick, request);
    const inParts = await whole(slow, request);
    expect(inParts.text).toBe(once.text);
    expect(inParts.isFound).toBe(once.isFound);
    expect(inParts.parts).toBeGreaterThan(1);
    expect(once.text).not.toBe('');
  }
  const outcomes = await operateAt(LOOK_MS)(
    { command: 'audit', json: true, next: { from: '', differences: [] } },
    REMAINING_MS,
  );
  expect(outcomes).toMatchObject({ text: '', next: { from: expect.any(String) } });
  const audited = await whole(quick, { command: 'audit', json: true });
  expect(JSON.parse(audited.text)).toMatchObject({ rows: 1, outcomes: { rows: 7 } });
  expect(JSON.parse(audited.text).outcomes.differences).toHaveLength(3);
  expect(audited.isFound).toBe(true);

  const mended = await whole(slow, { command: 'rebuild', outcomes: true, isDryRun: false });
  expect(mended.text).toMatch(/4 rows: 3 differences mended\.\n$/);
  expect((await whole(quick, { command: 'audit', json: false })).isFound).toBe(false);
});

test('a redrive goes on where it was, and each record is sent once', async () => {
  const { slow } = await stack(false);
  const known = getCACertificates('default');
  setDefaultCACertificates([...known, readFileSync(AUTHORITY, 'utf8')]);
  onTestFinished(() => setDefaultCACertificates(known));
  const broker = await startBroker({ topics: { [TOPIC]: 1 }, accepts: () => true });
  onTestFinished(() => broker.close());
  const kafka = { brokers: [broker.address], token: 'signed' };
  const done = await whole(slow, {
    ...{ command: 'redrive', names: [], isDryRun: false, mayBeOld: false, kafka },
  });
  expect(done.parts).toBeGreaterThan(1);
  expect(done.text).toBe('3 records of 3 objects sent again.\n');
  expect(broker.sent.map(({ value }) => value)).toEqual(['1', '2', LARGE]);
  expect(await whole(slow, { command: 'list', json: false })).toMatchObject({ text: '' });
  const alone = { command: 'redrive', names: [], isDryRun: false, mayBeOld: false };
  expect(await slow(alone, REMAINING_MS)).toMatchObject({
    refusal: expect.stringMatching(/brokers/),
  });
});

test('a table too large for an invocation is said, nothing stays paused; one rebuild at a time', async () => {
  const { operateAt, quick, stores } = await stack(false);
  const rebuild = { command: 'rebuild', outcomes: false, isDryRun: false };
  const refused = {
    text: '',
    refusal: expect.stringMatching(/^The table is too large .* --table/),
  };
  const late = operateAt(REMAINING_MS);
  expect(await late({ command: 'audit', json: false }, REMAINING_MS)).toEqual(refused);
  const plans = makePlanStore(makeTable(stores.dynamodb, stores.table));
  const { refusal } = await late(rebuild, REMAINING_MS);
  expect(refusal).toMatch(/too large|was late/);
  const future = Date.now() + 10 * REMAINING_MS;
  expect(isPaused((await plans.read()).plan, future)).toBe(false);

  const other = await pauseMerges(plans, () => future * 2);
  expect(await quick(rebuild, REMAINING_MS)).toMatchObject({
    refusal: expect.stringMatching(/^Another rebuild has/),
  });
  await other.lift();
  expect(await quick(rebuild, REMAINING_MS)).toMatchObject({
    text: expect.stringMatching(/equal the row images/),
  });
});

test.for([
  null,
  { command: 'drop' },
  { command: 'audit' },
  { command: 'audit', json: false, more: 1 },
  { command: 'show', names: [], json: false },
])('%j is of another version', async (event) => {
  const env = { [ENV.aggregatesTable]: 't', [ENV.bucket]: 'b', [ENV.outcomesTopic]: 'o' };
  const none = {} as never;
  const operate = makeOperate({
    ...{ env, now: () => 0, sql: none, s3: none, dynamoDb: none },
    ...{ openTarget: async () => none, sleep: async () => {} },
  });
  const { refusal } = await operate(event, REMAINING_MS);
  expect(refusal).toMatch(/of another version than the stack/);
});
