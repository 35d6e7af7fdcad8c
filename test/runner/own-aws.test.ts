// npm start --aws: aggregates and reports are where the AWS SDK's own settings lead, here to stand-ins of DynamoDB and
// S3; nothing of them is in the data directory.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { expect, onTestFinished, test } from 'vitest';
import { openStores } from '../../local/stores/open-stores.ts';
import { findFreePorts } from '../platform/free-ports.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const START = join(import.meta.dirname, '..', '..', 'local', 'commands', 'start.ts');
const NAMES = { AGGREGATES_TABLE: 'shop-aggregates', S3_BUCKET: 'shop-documents' };

function start(args: readonly string[], env: NodeJS.ProcessEnv) {
  const child = spawn(process.execPath, [START, ...args], { env: { ...process.env, ...env } });
  onTestFinished(() => void child.kill('SIGKILL'));
  return { child, outputs: Promise.all([text(child.stdout), text(child.stderr)]) };
}

test('reports go to the bucket that is named and come from it; the directory holds nothing of them', async () => {
  const aws = await openStores(temporaryDirectory(), { command: 'test', env: NAMES });
  onTestFinished(() => aws.close());
  const dataDir = join(temporaryDirectory(), 'data');
  const [port = 0] = await findFreePorts(4);
  const served = start(['--aws', '--migrate', '--port', String(port), '--data-dir', dataDir], {
    ...{ ...NAMES, FLUSH_INTERVAL: '1' },
    ...(await aws.openDatabase()),
    ...{ AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' },
    AWS_ENDPOINT_URL_DYNAMODB: aws.endpoints.dynamodb,
    AWS_ENDPOINT_URL_S3: aws.endpoints.s3,
  });
  const summary = async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/api/reports/summary/`).catch(() => {});
    return answer?.ok ? answer.text() : undefined;
  };
  await expect.poll(summary, { timeout: 90_000, interval: 500 }).toContain('"total_orders": 0');
  served.child.kill('SIGTERM');
  expect(await once(served.child, 'exit')).toEqual([0, null]);
  const [lines] = await served.outputs;
  expect(lines).toContain('AWS       table shop-aggregates, bucket shop-documents');
  expect(lines).toMatch(/traffic {3}none/);
  const newest = { Bucket: NAMES.S3_BUCKET, Key: 'analytics/summary/latest.json' };
  const object = await aws.s3.send(new GetObjectCommand(newest));
  expect(await object.Body?.transformToString()).toContain('"total_orders": 0');
  for (const one of ['s3', 'dynamodb', 'postgres']) {
    expect(existsSync(join(dataDir, one)), one).toBe(false);
  }
}, 240_000);

test('without the names of both it ends with one line, before anything is made', async () => {
  const dataDir = join(temporaryDirectory(), 'data');
  const { child, outputs } = start(['--aws', '--data-dir', dataDir], {
    S3_BUCKET: 'shop-documents',
    AGGREGATES_TABLE: '',
  });
  expect(await once(child, 'exit')).toEqual([1, null]);
  expect((await outputs)[1]).toBe('start: --aws needs both AGGREGATES_TABLE and S3_BUCKET.\n');
  expect(existsSync(dataDir)).toBe(false);
});
