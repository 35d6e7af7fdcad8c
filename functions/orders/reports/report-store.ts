// Writes the documents of one run to S3: all under the run's own stamp first, then all as `latest`, so
// that `latest` never names a run that is not there.
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { type ReportName, reportKey } from '../../contracts.ts';

export interface ReportStore {
  /** `stamp`: `YYYYMMDD_HHMMSS`. Answers the keys written, the run's own first. */
  put(documents: ReadonlyMap<ReportName, string>, stamp: string): Promise<string[]>;
}

export function makeReportStore(s3: S3Client, bucket: string, prefix: string): ReportStore {
  async function putAll(documents: ReadonlyMap<ReportName, string>, stamp: string) {
    const writes = [...documents].map(async ([name, body]) => {
      const key = reportKey(prefix, name, stamp);
      await s3.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: key,
          Body: body,
          ContentType: 'application/json',
        }),
      );
      return key;
    });
    return Promise.all(writes);
  }
  return {
    async put(documents, stamp) {
      const own = await putAll(documents, stamp);
      return [...own, ...(await putAll(documents, 'latest'))];
    },
  };
}
