// Reads from S3 what the pipeline's endpoints tell. Bounded: so many listings and so many beginnings of documents, and
// whoever asks is told when there is more. A record in quarantine is written once, so its reason is read once.
import {
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  type S3Client,
} from '@aws-sdk/client-s3';
import pMap from 'p-map';
import {
  ABANDONED_PREFIX,
  hostKey,
  pipelineKey,
  QUARANTINE_PREFIX,
  quarantineKey,
} from '../../contracts.ts';
import { makeS3Client } from '../../platform/aws.ts';
import { newestFirst, readKey, readReason } from './refusals.ts';
import type { Position, Refusal, RefusedRecord } from './state.ts';

export interface RefusedListing {
  /** Newest first. */
  readonly records: readonly RefusedRecord[];
  readonly isComplete: boolean;
}

export interface StoredRecord extends RefusedRecord {
  readonly document: string;
}

export interface PipelineStore {
  /** As text; `undefined` when it is not there. */
  runDocument(): Promise<string | undefined>;
  hostDocument(): Promise<string | undefined>;
  listRefused(topic?: string): Promise<RefusedListing>;
  withReasons(records: readonly RefusedRecord[]): Promise<Refusal[]>;
  refused(position: Position): Promise<StoredRecord | undefined>;
  /** Batches that Lambda gave up; as many as one listing holds. */
  countAbandoned(): Promise<number>;
}

const LISTINGS_MAX = 10;
const READS_AT_ONCE = 16;
/** The reason stands before the record's own bytes. */
const BEGINNING = 'bytes=0-8191';
const REMEMBERED_MAX = 10_000;

export function openPipelineStore(bucket: string, prefix: string): PipelineStore {
  return makePipelineStore(makeS3Client(), bucket, prefix);
}

export function makePipelineStore(s3: S3Client, bucket: string, prefix: string): PipelineStore {
  const reasons = new Map<string, string | undefined>();

  async function read(Key: string, Range?: string) {
    try {
      const target = { Bucket: bucket, Key, ...(Range && { Range }) };
      const { Body, LastModified, ContentLength } = await s3.send(new GetObjectCommand(target));
      const document = (await Body?.transformToString()) ?? '';
      return { document, keptMs: LastModified?.getTime() ?? 0, bytes: ContentLength ?? 0 };
    } catch (error) {
      if (error instanceof NoSuchKey) return undefined;
      throw error;
    }
  }
  const text = async (key: string) => (await read(key))?.document;

  async function reasonOf({ key, keptMs }: RefusedRecord): Promise<string | undefined> {
    const place = `${key} ${keptMs}`;
    if (!reasons.has(place)) {
      const found = await read(key, BEGINNING);
      if (reasons.size >= REMEMBERED_MAX) reasons.clear();
      reasons.set(place, found && readReason(found.document));
    }
    return reasons.get(place);
  }

  async function listRefused(topic?: string): Promise<RefusedListing> {
    const Prefix = topic === undefined ? QUARANTINE_PREFIX : `${QUARANTINE_PREFIX}${topic}/`;
    const records: RefusedRecord[] = [];
    let token: string | undefined;
    for (let listing = 0; listing < LISTINGS_MAX; listing += 1) {
      const page = await s3.send(
        new ListObjectsV2Command({
          Bucket: bucket,
          Prefix,
          ...(token && { ContinuationToken: token }),
        }),
      );
      for (const { Key = '', LastModified, Size = 0 } of page.Contents ?? []) {
        const position = readKey(Key);
        const keptMs = LastModified?.getTime() ?? 0;
        if (position) records.push({ ...position, key: Key, keptMs, bytes: Size });
      }
      token = page.NextContinuationToken;
      if (!token) break;
    }
    return { records: records.sort(newestFirst), isComplete: token === undefined };
  }

  return {
    runDocument: () => text(pipelineKey(prefix)),
    hostDocument: () => text(hostKey(prefix)),
    listRefused,
    withReasons: (records) =>
      pMap(records, async (record) => ({ ...record, reason: await reasonOf(record) }), {
        concurrency: READS_AT_ONCE,
      }),
    async refused(position) {
      const { topic, partition, offset } = position;
      const key = quarantineKey(topic, partition, BigInt(offset));
      const found = await read(key);
      return found && { ...position, key, ...found };
    },
    async countAbandoned() {
      const target = { Bucket: bucket, Prefix: ABANDONED_PREFIX };
      const { KeyCount } = await s3.send(new ListObjectsV2Command(target));
      return KeyCount ?? 0;
    },
  };
}
