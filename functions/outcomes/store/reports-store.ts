// Reads the order reports from S3, where materialize-reports writes them: as text, for a parsed number
// could lose digits and a parsed object its rank order.
import {
  GetObjectCommand,
  HeadObjectCommand,
  NoSuchKey,
  NotFound,
  type S3Client,
} from '@aws-sdk/client-s3';
import { type ReportName, reportKey } from '../../contracts.ts';
import { makeS3Client } from '../../platform/aws.ts';

export interface ReportsStore {
  /** `undefined` before the first run. */
  newest(name: ReportName): Promise<string | undefined>;
  /** `stamp`: `YYYYMMDD_HHMMSS`. */
  at(name: ReportName, stamp: string): Promise<string | undefined>;
  /** ISO 8601, `null` before the first run. */
  writtenAt(name: ReportName): Promise<string | null>;
}

const LATEST = 'latest';

export function openReportsStore(bucket: string, prefix: string): ReportsStore {
  return makeReportsStore(makeS3Client(), bucket, prefix);
}

export function makeReportsStore(s3: S3Client, bucket: string, prefix: string): ReportsStore {
  const place = (name: ReportName, stamp: string) => ({
    Bucket: bucket,
    Key: reportKey(prefix, name, stamp),
  });
  async function read(name: ReportName, stamp: string): Promise<string | undefined> {
    try {
      const { Body } = await s3.send(new GetObjectCommand(place(name, stamp)));
      return await Body?.transformToString();
    } catch (error) {
      if (error instanceof NoSuchKey) return undefined;
      throw error;
    }
  }
  return {
    newest: (name) => read(name, LATEST),
    at: read,
    async writtenAt(name) {
      try {
        const { LastModified } = await s3.send(new HeadObjectCommand(place(name, LATEST)));
        return LastModified?.toISOString() ?? null;
      } catch (error) {
        if (error instanceof NotFound) return null;
        throw error;
      }
    },
  };
}
