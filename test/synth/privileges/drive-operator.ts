// Drives the operators' function through all it can do. What it sends to Kafka needs no privilege of its own: the
// command has signed for it; so a redrive is driven without a broker, by the same code over the same bucket.
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import { makeQuarantineCommands } from '../../../functions/operate/quarantine/commands.ts';
import { NO_TARGET } from '../../../functions/operate/quarantine/redriving.ts';
import type { OperatorAnswer, OperatorRequest } from '../../../functions/operate/request.ts';
import type { Stores } from '../../../local/stores/open-stores.ts';

const ABANDONED = 'aws/lambda/0a1b2c3d/shop-0/2026/11/22/batch';
const TOPIC = 'auction_outcomes';

type Ask = (request: OperatorRequest) => Promise<OperatorAnswer>;

export async function driveOperator(ask: Ask): Promise<void> {
  const whole = async (request: OperatorRequest) => {
    let answer = await ask(request);
    let text = answer.text;
    while (answer.next) {
      answer = await ask({ ...request, next: answer.next } as OperatorRequest);
      text += answer.text;
    }
    expect(answer.refusal).toBeUndefined();
    return text;
  };
  expect(await whole({ command: 'audit', json: false })).toMatch(/ rows, [\s\S]* outcomes/);
  for (const outcomes of [false, true]) {
    const rebuilt = await whole({ command: 'rebuild', outcomes, isDryRun: false });
    expect(rebuilt).toMatch(/ rows: /);
  }
  const listed = await whole({ command: 'list', json: false });
  expect(listed.split('\n').length).toBeGreaterThan(3);
  const [, key = ''] = /(quarantine\/\S+)/.exec(listed) ?? [];
  expect(await whole({ command: 'show', names: [key], json: false })).toContain('reason: ');
}

/** All that is there, and then one of them once more. */
export async function driveRedrive(
  { s3, bucket }: Stores,
  endpoints: Readonly<Record<string, string>>,
): Promise<void> {
  const record = { topic: TOPIC, partition: 0, offset: 99, timestamp: Date.now(), value: 'e30=' };
  const event = { eventSource: 'aws:kafka', records: { [`${TOPIC}-0`]: [record] } };
  const batch = { requestContext: { condition: 'x' }, payload: JSON.stringify(event) };
  await s3.send(
    new PutObjectCommand({ Bucket: bucket, Key: ABANDONED, Body: JSON.stringify(batch) }),
  );
  const recorded = new S3Client({
    endpoint: endpoints.AWS_ENDPOINT_URL_S3 ?? '',
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const { redrive } = makeQuarantineCommands({
    ...{ s3: recorded, bucket, streamEpoch: '0', topic: TOPIC, now: Date.now },
    openTarget: async () => NO_TARGET,
  });
  const request = { isDryRun: false, mayBeOld: true, kafka: { brokers: ['b:9098'], token: 't' } };
  const deadline = { now: Date.now, atMs: Date.now() + 60_000 };
  for (const names of [[], [`redriven/${ABANDONED}`]]) {
    const { text, isFound } = await redrive({ command: 'redrive', names, ...request }, deadline);
    expect(text).toMatch(/^[1-9]\d* records of /);
    expect(isFound).toBe(false);
  }
  recorded.destroy();
}
