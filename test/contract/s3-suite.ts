// What the stores and the simulation believe of S3, as one suite at the level of the SDK's client. It
// makes a bucket of its own.
import { randomUUID } from 'node:crypto';
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  NoSuchBucket,
  NoSuchKey,
  NotFound,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

export interface OpenS3 {
  readonly client: S3Client;
  close(): void | Promise<void>;
}

export function s3Suite(name: string, open: () => Promise<OpenS3>): void {
  describe(`S3's client (${name})`, () => {
    const bucket = `contract-${randomUUID()}`;
    let opened: OpenS3 | undefined;
    const client = () => {
      if (!opened) throw new Error('The client is not open.');
      return opened.client;
    };
    const put = (Key: string, Body: string | Buffer, Bucket = bucket) =>
      client().send(new PutObjectCommand({ Bucket, Key, Body, ContentType: 'application/json' }));
    const get = (Key: string, Bucket = bucket) =>
      client().send(new GetObjectCommand({ Bucket, Key }));
    const head = (Key: string) => client().send(new HeadObjectCommand({ Bucket: bucket, Key }));

    beforeAll(async () => {
      opened = await open();
      await client().send(new CreateBucketCommand({ Bucket: bucket }));
    });
    afterAll(() => opened?.close());

    test.for([
      'analytics/daily_sales/20250115_103000.json',
      'quarantine/dbserver1.public.orders/0/9007199254740993.json',
      "odd names/a b+c&d=é'(1).json",
    ])('an object comes back as it was put: %s', async (key) => {
      const body = '{\n  "total_amount": 10.50, "é": "\u{1f69a}"\n}\n';
      const { ETag } = await put(key, body);
      const answer = await get(key);
      expect(await answer.Body?.transformToString()).toBe(body);
      const told = {
        ContentType: 'application/json',
        ContentLength: Buffer.byteLength(body),
        ETag,
      };
      expect(answer).toMatchObject(told);
      expect(await head(key)).toMatchObject(told);
    });

    test('a second put replaces the first, bytes as well as text, nothing as well as something', async () => {
      for (const body of ['first, which is longer', Buffer.from('second'), '']) {
        await put('twice.json', body);
        expect(await (await get('twice.json')).Body?.transformToString()).toBe(body.toString());
      }
    });

    test('the time of writing is told in whole seconds', async () => {
      await put('timed.json', '{}');
      const { LastModified } = await head('timed.json');
      expect(LastModified?.getMilliseconds()).toBe(0);
    });

    test('what is not there is an error that says what', async () => {
      await expect(get('absent.json')).rejects.toBeInstanceOf(NoSuchKey);
      await expect(head('absent.json')).rejects.toBeInstanceOf(NotFound);
      await expect(put('x.json', '{}', 'no-such-bucket')).rejects.toBeInstanceOf(NoSuchBucket);
      await expect(get('x.json', 'no-such-bucket')).rejects.toBeInstanceOf(NoSuchBucket);
    });

    conditions(client, bucket);

    test('a key has at most 1,024 bytes', async () => {
      const error = { name: 'KeyTooLongError' };
      await expect(put('é'.repeat(513), '{}')).rejects.toMatchObject(error);
    });
  });
}

function conditions(client: () => S3Client, Bucket: string): void {
  const get = (Key: string) => client().send(new GetObjectCommand({ Bucket, Key }));

  test('metadata comes back', async () => {
    const object = { Bucket, Key: 'described.json', Body: '{}', Metadata: { plan: '7' } };
    await client().send(new PutObjectCommand(object));
    expect((await get('described.json')).Metadata).toEqual({ plan: '7' });
  });

  test('an object is written on condition that there is none, or that it is as it was read', async () => {
    const write = (Body: string, condition: { IfMatch?: string; IfNoneMatch?: string }) =>
      client().send(new PutObjectCommand({ Bucket, Key: 'once.json', Body, ...condition }));
    const refused = (status: number) => ({ $metadata: { httpStatusCode: status } });
    await expect(write('x', { IfMatch: '"0"' })).rejects.toMatchObject(refused(404));
    const { ETag: first = '' } = await write('first', { IfNoneMatch: '*' });
    await expect(write('x', { IfNoneMatch: '*' })).rejects.toMatchObject(refused(412));
    const { ETag: second = '' } = await write('second', { IfMatch: first });
    await expect(write('x', { IfMatch: first })).rejects.toMatchObject(refused(412));
    const answer = await get('once.json');
    expect(await answer.Body?.transformToString()).toBe('second');
    expect(answer.ETag).toBe(second);
  });
}
