// The stream functions composed of their real parts over stores in memory, and what must be true after any
// batch: each record is in the result, skipped by a rule or in quarantine with all its bytes; and the rest
// is as if the refused ones had never been sent.
import type { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type BatchCounts, sumCounts } from '../../functions/kafka/batch-counts.ts';
import { makeQuarantineStore } from '../../functions/kafka/quarantine-store.ts';
import type { PartitionBatch } from '../../functions/kafka/records.ts';
import { makeDecode } from '../../functions/orders/debezium/decode.ts';
import { readDecodeOptions } from '../../functions/orders/debezium/options.ts';
import { recordPartition } from '../../functions/outcomes/record/record.ts';
import type { RecorderStore } from '../../functions/outcomes/record/recorder-store.ts';
import { allSettledOrThrow } from '../../functions/platform/settle.ts';
import { MemoryTable } from '../support/memory-table.ts';
import { ordersOver } from '../support/orders.ts';
import { strictAsDynamoDb } from './dynamodb-limits.ts';

/** A record as it was sent, and what may become of it. */
export interface Sent {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** Nothing is wrong with it: it may not be refused. */
  readonly isGood: boolean;
}

export interface Ran {
  readonly counts: BatchCounts;
  /** The objects in S3 by key. */
  readonly quarantine: ReadonlyMap<string, string>;
  /** All that the stores hold, as text. */
  readonly contents: string;
}

export type Run = (batches: readonly PartitionBatch[]) => Promise<Ran>;

const KEY_BYTES_MAX = 1_024;
/** Kept, so that what it remembers of schemas is tried, too. */
const decode = makeDecode(readDecodeOptions({}));

export const runOrders: Run = async (batches) => {
  const table = strictAsDynamoDb(new MemoryTable());
  const { objects, quarantine } = memoryQuarantine();
  const orders = ordersOver(table, { decode, quarantine });
  const counts: BatchCounts[] = [];
  // One after the other: a row that stands in two partitions, as no row of Kafka's does, would have it
  // depend on chance which of them counts.
  for (const batch of batches) counts.push(await orders.aggregate(batch));
  const reports = await orders.reports();
  const { rows, differences } = await orders.audit();
  return {
    counts: sumCounts(counts),
    quarantine: objects,
    contents: JSON.stringify({ reports, rows, differences }),
  };
};

export const runOutcomes: Run = async (batches) => {
  const rows: string[] = [];
  const { objects, quarantine } = memoryQuarantine();
  const outcomes: RecorderStore = {
    makePartitions: async () => true,
    record: (stream, work) =>
      work({
        lastOffset: -1n,
        insert: async (inserted) => {
          rows.push(...inserted.map((row) => `${stream.partition} ${JSON.stringify(row)}`));
        },
        recordedAmong: async () => new Set(),
        strangersAmong: async () => [],
        moveTo: async () => {},
      }),
  };
  const ports = { outcomes, quarantine, streamEpoch: '0', logger: { warn: () => {} } };
  const counts = await allSettledOrThrow(batches.map((batch) => recordPartition(batch, ports)));
  return { counts: sumCounts(counts), quarantine: objects, contents: rows.sort().join('\n') };
};

function memoryQuarantine() {
  const objects = new Map<string, string>();
  const send = async ({ input: { Key = '', Body } }: PutObjectCommand) => {
    if (Buffer.byteLength(Key) > KEY_BYTES_MAX) throw new Error(`KeyTooLongError: ${Key}`);
    objects.set(Key, String(Body));
  };
  return { objects, quarantine: makeQuarantineStore({ send } as unknown as S3Client, 'bucket') };
}

/** `sent`: each position once. `skippable`: how many of them a rule lets the function skip. */
export async function checkBatches(
  sent: readonly Sent[],
  batches: readonly PartitionBatch[],
  run: Run,
  skippable: () => number,
): Promise<string | undefined> {
  const { counts, quarantine, contents } = await run(batches);
  const { records, applied, skipped, ignored, quarantined } = counts;
  const shown = JSON.stringify(counts);
  if (records !== sent.length) return `not every record is counted: ${shown} of ${sent.length}`;
  if (applied + skipped + ignored + quarantined !== records)
    return `the counts do not add up: ${shown}`;
  if (quarantine.size !== quarantined) return `${quarantine.size} objects for ${quarantined}`;
  if (skipped > 0 && skipped > skippable()) {
    return `skipped without a rule: ${shown}, at most ${skippable()}`;
  }
  const known = new Map(sent.map((record) => [keyOf(record), record]));
  for (const [key, text] of quarantine) {
    const record = known.get(key);
    const complaint = record ? documentComplaint(record, text) : 'is of no record';
    if (complaint !== undefined) return `the object ${JSON.stringify(key)} ${complaint}`;
  }
  // A stream is one partition of the one topic that feeds an aggregate.
  const topics = new Set(sent.map(({ topic }) => topic));
  if (quarantine.size === 0 || topics.size > 1) return undefined;
  const alone = await run(withoutRefused(batches, quarantine));
  if (alone.quarantine.size > 0) return 'without the refused records others are refused';
  return alone.contents === contents ? undefined : 'a refused record changed the result of others';
}

export function keyOf({ topic, partition, offset }: Omit<Sent, 'isGood'>): string {
  return `quarantine/${topic}/${partition}/${offset}.json`;
}

export function withoutRefused(
  batches: readonly PartitionBatch[],
  refused: { has(key: string): boolean },
): PartitionBatch[] {
  return batches
    .map((batch) => ({
      ...batch,
      records: batch.records.filter((record) => !refused.has(keyOf(record))),
    }))
    .filter(({ records }) => records.length > 0);
}

/** A changed record may be taken, and say that its row is of another schema: what follows it is refused then. */
const OF_TWO_SCHEMAS = /has the key of a row of schema/;

/** What is wrong with the quarantine document of a record. */
export function documentComplaint(record: Sent, text: string): string | undefined {
  const document = readDocument(text);
  const { topic, partition, offset, reason } = document;
  if (record.isGood && !OF_TWO_SCHEMAS.test(String(reason))) return `is of a good record: ${text}`;
  const isPlace = topic === record.topic && partition === record.partition;
  if (!isPlace || offset !== String(record.offset)) return 'names another position';
  if (typeof reason !== 'string' || reason === '') return 'gives no reason';
  for (const part of ['key', 'value'] as const) {
    if (!isSame(bytesOf(document, part), record[part])) return `lost bytes of the ${part}`;
  }
  return undefined;
}

type Document = Readonly<Record<string, unknown>>;

/** The offset as text, for a double may not hold it. */
function readDocument(text: string): Document {
  return JSON.parse<unknown>(text, (name, value, { source }) =>
    name === 'offset' ? source : value,
  ) as Document;
}

function bytesOf(document: Document, part: string): Buffer | null {
  const base64 = document[`${part}_base64`];
  if (typeof base64 === 'string') return Buffer.from(base64, 'base64');
  const text = document[part];
  return typeof text === 'string' ? Buffer.from(text) : null;
}

function isSame(a: Buffer | null, b: Buffer | null): boolean {
  return a === null || b === null ? a === b : a.equals(b);
}
