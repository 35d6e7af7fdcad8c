// I76: what two report runs at once leave: stamped keys written once, `latest` forward only, five of one plan.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { REPORTS, reportKey } from '../../functions/contracts.ts';
import { makeReportStore, TAKEN } from '../../functions/orders/reports/report-store.ts';
import { openStores, type Stores } from '../../local/stores/open-stores.ts';

let stores: Stores;
let dataDir = '';
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'reports-'));
  stores = await openStores(dataDir, { command: 'test', env: {} });
});
afterAll(async () => {
  await stores.close();
  await rm(dataDir, { recursive: true });
});

function documentsOf(generatedAt: string, epoch: number) {
  const text = JSON.stringify({ generated_at: generatedAt, epoch });
  return new Map(REPORTS.map(({ name }) => [name, text]));
}

async function epochsOf(s3: S3Client, prefix: string, stamp: string): Promise<number[]> {
  const read = async ({ name }: (typeof REPORTS)[number]) => {
    const Key = reportKey(prefix, name, stamp);
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: stores.bucket, Key }));
    return JSON.parse((await Body?.transformToString()) ?? '{}').epoch;
  };
  return Promise.all(REPORTS.map(read));
}

const run = (generatedAt: string, epoch: number) => ({ generatedAt, epoch });
const [EARLIER, LATER] = ['2026-01-01T10:00:00', '2026-01-01T10:00:01'];

test('a stamp is of the run that wrote its first document', async () => {
  const reports = makeReportStore(stores.s3, stores.bucket, 'one');
  expect(await reports.put(documentsOf(EARLIER, 1), run(EARLIER, 1))).toHaveLength(10);
  expect(await reports.put(documentsOf(EARLIER, 2), run(EARLIER, 2))).toBe(TAKEN);
  expect(await epochsOf(stores.s3, 'one', '20260101_100000')).toEqual([1, 1, 1, 1, 1]);
});

test('a write whose answer was lost is known again', async () => {
  const reports = makeReportStore(stores.s3, stores.bucket, 'lost');
  const first = await reports.put(documentsOf(EARLIER, 1), run(EARLIER, 1));
  expect(await reports.put(documentsOf(EARLIER, 1), run(EARLIER, 1))).toEqual(first);
});

test('latest only moves forward, whoever is the last to write', async () => {
  const reports = makeReportStore(stores.s3, stores.bucket, 'two');
  await reports.put(documentsOf(LATER, 8), run(LATER, 8));
  await reports.put(documentsOf(EARLIER, 7), run(EARLIER, 7));
  expect(await epochsOf(stores.s3, 'two', 'latest')).toEqual([8, 8, 8, 8, 8]);
});

test('of two runs at once all five of latest are of the later', async () => {
  for (let round = 0; round < 10; round++) {
    const prefix = `race-${round}`;
    const reports = makeReportStore(stores.s3, stores.bucket, prefix);
    await Promise.all([
      reports.put(documentsOf(EARLIER, 1), run(EARLIER, 1)),
      reports.put(documentsOf(LATER, 2), run(LATER, 2)),
    ]);
    expect(await epochsOf(stores.s3, prefix, 'latest')).toEqual([2, 2, 2, 2, 2]);
  }
});
