import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { expect, onTestFinished, test } from 'vitest';
import { openStores, type Stores } from '../../local/stores/open-stores.ts';
import { temporaryDirectory } from './temporary-directory.ts';

async function open(dataDir: string, command = 'replay'): Promise<Stores> {
  const stores = await openStores(dataDir, { command, env: {} });
  onTestFinished(() => stores.close().catch(() => {}));
  return stores;
}

function putItem({ dynamodb, table }: Stores, id: string, amount: number) {
  const Item = { pk: { S: id }, sk: { S: 'a' }, a: { N: String(amount) } };
  return dynamodb.send(new PutItemCommand({ TableName: table, Item }));
}

function putObject({ s3, bucket }: Stores, key: string, body: string | Readable, length?: number) {
  const ContentLength = length === undefined ? {} : { ContentLength: length };
  return s3.send(
    new PutObjectCommand({
      Bucket: bucket,
      Key: key,
      Body: body,
      ContentType: 'application/json',
      Metadata: { kind: 'test' },
      ...ContentLength,
    }),
  );
}

test('what was stored is there after a restart, the object as a plain file', async () => {
  const dataDir = temporaryDirectory();
  const first = await open(dataDir);
  await putItem(first, 'x', 5);
  await putObject(first, 'analytics/summary/latest.json', '{"a": 1.10}\n');
  await first.close();
  expect(existsSync(join(dataDir, 'runner.json'))).toBe(false);

  const file = join(dataDir, 's3', first.bucket, 'analytics', 'summary', 'latest.json');
  expect(readFileSync(file, 'utf8')).toBe('{"a": 1.10}\n');
  const { dynamodb, s3, table, bucket, ...second } = await open(dataDir);
  expect(second.owned).toBe(true);
  const Key = { pk: { S: 'x' }, sk: { S: 'a' } };
  const { Item } = await dynamodb.send(new GetItemCommand({ TableName: table, Key }));
  expect(Item?.a).toEqual({ N: '5' });
  const object = { Bucket: bucket, Key: 'analytics/summary/latest.json' };
  const read = await s3.send(new GetObjectCommand(object));
  expect(read).toMatchObject({ ContentType: 'application/json', Metadata: { kind: 'test' } });
  expect(await read.Body?.transformToString()).toBe('{"a": 1.10}\n');
  expect(await s3.send(new HeadObjectCommand(object))).toMatchObject({ ContentLength: 12 });
});

test('any key is a file inside the bucket, streamed bodies without their framing', async () => {
  const stores = await open(temporaryDirectory());
  const keys = ['../../escape', 'a//b', 'a/ü?%2E.json', './c', 'tab\there'];
  for (const key of keys) {
    await putObject(
      stores,
      key,
      Readable.from(['x'.repeat(70_000), key]),
      70_000 + Buffer.byteLength(key),
    );
  }
  const { s3, bucket, paths } = stores;
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
  expect(Contents.map((object) => object.Key)).toEqual(keys.toSorted());
  expect(readdirSync(paths.root).toSorted()).toEqual([
    'dynamodb',
    'form.json',
    'runner.json',
    's3',
  ]);
  const read = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: '../../escape' }));
  expect(await read.Body?.transformToString()).toBe(`${'x'.repeat(70_000)}../../escape`);
});

test('listings come in pages and by folder', async () => {
  const stores = await open(temporaryDirectory());
  const { s3, bucket: Bucket } = stores;
  for (const key of ['a/1', 'a/2', 'a-3', 'b/1', 'c']) await putObject(stores, key, '{}');
  const folders = await s3.send(new ListObjectsV2Command({ Bucket, Delimiter: '/' }));
  expect(folders.CommonPrefixes?.map(({ Prefix }) => Prefix)).toEqual(['a/', 'b/']);
  expect(folders.Contents?.map(({ Key }) => Key)).toEqual(['a-3', 'c']);

  const pages: (string | undefined)[][] = [];
  let token: string | undefined;
  do {
    const from = token ? { ContinuationToken: token } : {};
    const page = await s3.send(new ListObjectsV2Command({ Bucket, MaxKeys: 2, ...from }));
    pages.push((page.Contents ?? []).map(({ Key }) => Key));
    token = page.NextContinuationToken;
  } while (token);
  expect(pages).toEqual([['a-3', 'a/1'], ['a/2', 'b/1'], ['c']]);
});

test('S3 says what is missing and refuses what it does not do', async () => {
  const stores = await open(temporaryDirectory());
  const { s3, bucket: Bucket } = stores;
  await putObject(stores, 'a', '{}');
  await s3.send(new DeleteObjectCommand({ Bucket, Key: 'a' }));
  await expect(s3.send(new GetObjectCommand({ Bucket, Key: 'a' }))).rejects.toThrow(NoSuchKey);
  await expect(s3.send(new GetObjectCommand({ Bucket: 'other', Key: 'a' }))).rejects.toHaveProperty(
    'name',
    'NoSuchBucket',
  );
  await expect(
    s3.send(new CopyObjectCommand({ Bucket, Key: 'b', CopySource: `${Bucket}/a` })),
  ).rejects.toHaveProperty('name', 'NotImplemented');
});

test('others attach to a running service and are kept from a running command', async () => {
  const [served, replayed] = [temporaryDirectory(), temporaryDirectory()];
  const service = await open(served, 'start');
  const attached = await open(served, 'report');
  expect(attached.owned).toBe(false);
  expect(attached.endpoints).toEqual(service.endpoints);
  await attached.close();
  await putObject(service, 'still', 'open');
  await expect(open(served, 'start')).rejects.toThrow(/in use by "npm run start" \(process \d+\)/);

  await open(replayed, 'replay');
  await expect(open(replayed, 'report')).rejects.toThrow(/in use by "npm run replay"/);
});

test('a client that hangs up in mid-request harms nobody', async () => {
  const stores = await open(temporaryDirectory());
  for (const endpoint of Object.values(stores.endpoints)) {
    const { port } = new URL(endpoint);
    const client = connect(Number(port), '127.0.0.1');
    client.write('PUT /analytics-local/x HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nabc');
    await new Promise((resolve) => setTimeout(resolve, 50));
    client.destroy();
  }
  await new Promise((resolve) => setTimeout(resolve, 50));
  await putItem(stores, 'x', 1);
  await putObject(stores, 'x', '{}');
});

test('an owner that crashed holds nobody up, even when its process number lives on', async () => {
  const dataDir = temporaryDirectory();
  const endpoints = { dynamodb: 'http://127.0.0.1:9', s3: 'http://127.0.0.1:9' };
  const owner = { id: 'gone', pid: process.pid, command: 'start', endpoints };
  writeFileSync(join(dataDir, 'runner.json'), JSON.stringify(owner));
  expect((await open(dataDir, 'start')).owned).toBe(true);
});
