// Writes the documents of one run to S3: all under the run's own stamp first, each once; then all as
// `latest`, which only moves forward, whichever of two runs is the later to write.
import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { pipelineKey, type ReportName, reportKey } from '../../contracts.ts';

/** Another run has this stamp. */
export const TAKEN = 'taken';
/** In each object's metadata: the plan that it is of. */
const PLAN = 'plan';

export interface Run {
  /** UTC without a zone, `2025-01-15T10:30:00`. */
  readonly generatedAt: string;
  readonly epoch: number;
}

export interface ReportStore {
  /** Answers the keys written, the run's own first. */
  put(documents: ReadonlyMap<ReportName, string>, run: Run): Promise<string[] | typeof TAKEN>;
  putPipeline(document: string, run: Run): Promise<void>;
}

interface Found extends Run {
  readonly etag: string;
}

export function makeReportStore(s3: S3Client, bucket: string, prefix: string): ReportStore {
  async function put(key: string, body: string, { epoch }: Run, seen: Found | undefined) {
    try {
      await s3.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: key,
          Body: body,
          ContentType: 'application/json',
          Metadata: { [PLAN]: String(epoch) },
          ...(seen ? { IfMatch: seen.etag } : { IfNoneMatch: '*' }),
        }),
      );
      return true;
    } catch (error) {
      // 409: another write of the key is under way; 404: what was seen is gone.
      const refusals = seen ? [404, 409, 412] : [409, 412];
      if (refusals.some((status) => isStatus(error, status))) return false;
      throw error;
    }
  }

  async function find(key: string): Promise<Found | undefined> {
    try {
      const object = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      const text = (await object.Body?.transformToString()) ?? '';
      return {
        etag: object.ETag ?? '',
        generatedAt: /"generated_at":\s*"([^"]*)"/.exec(text)?.[1] ?? '',
        epoch: Number(object.Metadata?.[PLAN] ?? 0),
      };
    } catch (error) {
      if (isStatus(error, 404)) return undefined;
      throw error;
    }
  }

  /** A write that was refused may have been made before: its answer was lost, and the SDK sent it again. */
  async function putOnce(key: string, body: string, run: Run): Promise<boolean> {
    if (await put(key, body, run, undefined)) return true;
    const found = await find(key);
    return found?.epoch === run.epoch && found.generatedAt === run.generatedAt;
  }

  async function moveForward(key: string, body: string, run: Run): Promise<void> {
    for (;;) {
      const latest = await find(key);
      if (latest && latest.generatedAt >= run.generatedAt) return;
      if (await put(key, body, run, latest)) return;
    }
  }

  return {
    async put(documents, run) {
      const stamp = run.generatedAt.replaceAll(/[-:]/g, '').replace('T', '_');
      const own = [...documents].map(([name, body]) => {
        return { body, key: reportKey(prefix, name, stamp) };
      });
      // Who writes the first has the stamp.
      const [claim, ...others] = own;
      if (!claim || !(await putOnce(claim.key, claim.body, run))) return TAKEN;
      const written = await Promise.all(others.map(({ key, body }) => putOnce(key, body, run)));
      if (written.includes(false)) return TAKEN;
      const latest = [...documents].map(([name, body]) => {
        return { body, key: reportKey(prefix, name, 'latest') };
      });
      await Promise.all(latest.map(({ key, body }) => moveForward(key, body, run)));
      return [...own, ...latest].map(({ key }) => key);
    },
    putPipeline: (document, run) => moveForward(pipelineKey(prefix), document, run),
  };
}

function isStatus(error: unknown, status: number): boolean {
  if (typeof error !== 'object' || error === null || !('$metadata' in error)) return false;
  const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
  return $metadata?.httpStatusCode === status;
}
