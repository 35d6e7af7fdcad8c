// Writes refused records to S3. The key is the record's position, so a redelivery writes the same
// object again instead of a second one.
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import pMap from 'p-map';
import { quarantineKey } from '../contracts.ts';
import { type Rejection, renderQuarantineDocument } from './quarantine.ts';

const WRITES_AT_ONCE = 8;

export interface QuarantineStore {
  put(rejections: readonly Rejection[]): Promise<void>;
}

export function makeQuarantineStore(s3: S3Client, bucket: string): QuarantineStore {
  async function putOne(rejection: Rejection): Promise<void> {
    const { topic, partition, offset } = rejection.record;
    await s3.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: quarantineKey(topic, partition, offset),
        Body: renderQuarantineDocument(rejection),
        ContentType: 'application/json',
      }),
    );
  }
  return {
    async put(rejections) {
      await pMap(rejections, putOne, { concurrency: WRITES_AT_ONCE, stopOnError: false });
    },
  };
}
