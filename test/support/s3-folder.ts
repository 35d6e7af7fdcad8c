// A bucket on the disk behind the runner's own S3, for the tests of what reads and writes documents.
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll } from 'vitest';
import { ObjectFiles } from '../../local/stores/object-files.ts';
import { createS3Server } from '../../local/stores/s3-server.ts';

export const BUCKET = 'documents';

export interface TestBucket {
  readonly s3: S3Client;
  put(key: string, body: string): Promise<void>;
}

/** Opened before the tests of the file, gone after them. */
export function useTestBucket(): TestBucket {
  let folder: string;
  let server: ReturnType<typeof createS3Server>;
  let s3: S3Client;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bucket-'));
    const files = new ObjectFiles(folder);
    await files.prepare();
    await files.createBucket(BUCKET);
    server = createS3Server(files, 'test', () => {});
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    s3 = new S3Client({
      ...{ region: 'us-east-1', credentials: { accessKeyId: 'x', secretAccessKey: 'x' } },
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      forcePathStyle: true,
    });
  });
  afterAll(async () => {
    s3.destroy();
    server.close();
    await rm(folder, { recursive: true });
  });
  return {
    get s3() {
      return s3;
    },
    put: async (Key, Body) => {
      await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }));
    },
  };
}
