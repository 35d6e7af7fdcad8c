// Reads the order reports from S3, where materialize-reports writes them: as text, for a parsed number
// could lose digits and a parsed object its rank order.
import {
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  type S3Client,
} from '@aws-sdk/client-s3';
import { type ReportName, reportKey } from '../../contracts.ts';
import { makeS3Client } from '../../platform/aws.ts';
import { isStamp, type Stamp } from '../query/run-stamp.ts';
import { type Run, type RunListing, runsAfter, runsUpTo } from './report-runs.ts';

export interface WrittenReport {
  readonly document: string;
  /** ISO 8601. */
  readonly writtenAt: string | null;
}

export interface ReportsStore {
  /** `undefined` before the first run. */
  newest(name: ReportName): Promise<WrittenReport | undefined>;
  at(name: ReportName, stamp: Stamp): Promise<WrittenReport | undefined>;
  /** At or before the stamp, at most so many, newest first. */
  runsUpTo(name: ReportName, last: Stamp, count: number): Promise<readonly Run[]>;
  /** Those that follow the stamp, at most so many, newest first. */
  runsAfter(name: ReportName, stamp: Stamp, count: number): Promise<readonly Run[]>;
}

const LATEST = 'latest';

export function openReportsStore(bucket: string, prefix: string): ReportsStore {
  return makeReportsStore(makeS3Client(), bucket, prefix);
}

export function makeReportsStore(s3: S3Client, bucket: string, prefix: string): ReportsStore {
  async function read(name: ReportName, stamp: string): Promise<WrittenReport | undefined> {
    try {
      const place = { Bucket: bucket, Key: reportKey(prefix, name, stamp) };
      const { Body, LastModified } = await s3.send(new GetObjectCommand(place));
      const document = (await Body?.transformToString()) ?? '';
      return { document, writtenAt: LastModified?.toISOString() ?? null };
    } catch (error) {
      if (error instanceof NoSuchKey) return undefined;
      throw error;
    }
  }
  const listOf = (name: ReportName) => async (after: Stamp | undefined) => {
    const folder = reportKey(prefix, name, '').replace(/\.json$/, '');
    const StartAfter = after === undefined ? folder : reportKey(prefix, name, after);
    const page = await s3.send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: folder, StartAfter }),
    );
    const runs = (page.Contents ?? []).flatMap(({ Key = '', LastModified, Size = 0 }): Run[] => {
      const stamp = Key.slice(folder.length).replace(/\.json$/, '');
      if (!isStamp(stamp) || !LastModified) return [];
      return [{ stamp, writtenAt: LastModified.toISOString(), bytes: Size }];
    });
    return { runs, isCut: page.IsTruncated === true } satisfies RunListing;
  };
  return {
    newest: (name) => read(name, LATEST),
    at: read,
    runsUpTo: (name, last, count) => runsUpTo(last, count, listOf(name)),
    runsAfter: (name, stamp, count) => runsAfter(stamp, count, listOf(name)),
  };
}
