// One partition's batch from records to rows, exactly once: what the position has passed is skipped,
// all else becomes a row or goes to quarantine, and the position moves in the same transaction.
// Quarantine is written before the commit: a crash between the two writes the same object again.
import type { Logger } from '@aws-lambda-powertools/logger';
import type { BatchCounts } from '../../kafka/batch-counts.ts';
import type { Rejection } from '../../kafka/quarantine.ts';
import type { QuarantineStore } from '../../kafka/quarantine-store.ts';
import type { KafkaRecord, PartitionBatch } from '../../kafka/records.ts';
import { readOrigin } from '../../kafka/redriven.ts';
import type { RecorderStore, Recording } from './recorder-store.ts';
import { type Decoded, decodeOutcome, type OutcomeRow } from './row.ts';

export interface RecordPorts {
  readonly outcomes: RecorderStore;
  readonly quarantine: QuarantineStore;
  readonly streamEpoch: string;
  readonly logger: Pick<Logger, 'warn'>;
}

/** The last moment of a JavaScript Date, which PostgreSQL holds as well. */
const TIME_MAX_MS = 8_640_000_000_000_000;

interface DecodedRecord {
  readonly record: KafkaRecord;
  readonly decoded: Decoded;
}

export async function recordPartition(
  { topic, partition, records }: PartitionBatch,
  { outcomes, quarantine, streamEpoch, logger }: RecordPorts,
): Promise<BatchCounts> {
  const all = records.map((record) => ({ record, decoded: decodeOutcome(record) }));
  const months = monthsOf(all);
  const made = await outcomes.makePartitions(months);
  if (!made) logger.warn('partitions not made: a long query is in the way', { months });
  return outcomes.record({ epoch: streamEpoch, topic, partition }, async (recording) => {
    const fresh = after(recording.lastOffset, all);
    const strangers = await strangersAmong(all, recording, streamEpoch);
    // Beside a stranger nothing of the batch was here before, whatever the position says.
    const unseen = strangers.length > 0 ? all : fresh;
    const unreadable = unseen.flatMap(({ record, decoded }) =>
      decoded.kind === 'reject' ? [{ record, reason: decoded.reason, streamEpoch }] : [],
    );
    const rejections = [...strangers, ...unreadable];
    const rows = await rowsOf(fresh, recording);
    await quarantine.put(rejections);
    if (rows.length > 0) await recording.insert(rows);
    const last = fresh.at(-1);
    if (last) await recording.moveTo(last.record.offset, newestTime(fresh));
    return {
      records: records.length,
      applied: rows.length,
      skipped: records.length - rows.length - rejections.length,
      ignored: 0,
      quarantined: rejections.length,
    };
  });
}

/**
 * Records that claim a place which the position has passed, where no row of theirs is: the topic was made anew,
 * or moved to another cluster, and its offsets start again. Taken for old ones they would be lost in silence.
 */
async function strangersAmong(
  all: readonly DecodedRecord[],
  recording: Recording,
  streamEpoch: string,
): Promise<Rejection[]> {
  const recordOf = new Map<OutcomeRow, KafkaRecord>();
  for (const { record, decoded } of all) {
    const isStale = record.offset <= recording.lastOffset;
    if (isStale && decoded.kind === 'row' && !readOrigin(record)) recordOf.set(decoded.row, record);
  }
  if (recordOf.size === 0) return [];
  const strangers = await recording.strangersAmong([...recordOf.keys()]);
  return strangers.flatMap((row) => {
    const record = recordOf.get(row);
    const reason =
      `offset ${row.kafka_offset}: all up to ${recording.lastOffset} was recorded before, and not this record: ` +
      `the topic was made anew or moved to another cluster. Give STREAM_EPOCH a new value, then redrive`;
    return record ? [{ record, reason, streamEpoch }] : [];
  });
}

/** What is to be inserted: of redriven records those that are no rows yet, each once. */
async function rowsOf(
  fresh: readonly DecodedRecord[],
  recording: Recording,
): Promise<readonly OutcomeRow[]> {
  const rows = fresh.flatMap(({ decoded }) => (decoded.kind === 'row' ? [decoded.row] : []));
  const redriven = fresh.flatMap(({ record, decoded }) =>
    decoded.kind === 'row' && readOrigin(record) ? [decoded.row] : [],
  );
  if (redriven.length === 0) return rows;
  const doubtful = new Set(redriven);
  const recorded = await recording.recordedAmong(redriven);
  const places = new Set<string>();
  return rows.filter((row) => {
    const place = `${row.kafka_offset} ${row.timestamp}`;
    const isTaken = doubtful.has(row) && (recorded.has(row) || places.has(place));
    places.add(place);
    return !isTaken;
  });
}

/** The records above the offset, each offset once; the batch is in offset order. */
function after(lastOffset: bigint, records: readonly DecodedRecord[]): DecodedRecord[] {
  let last = lastOffset;
  return records.filter(({ record }) => {
    const isFresh = record.offset > last;
    if (isFresh) last = record.offset;
    return isFresh;
  });
}

/** Kafka's own "none" is -1; what a Date cannot hold tells no time either. */
function newestTime(records: readonly DecodedRecord[]): number | undefined {
  const times = records.flatMap(({ record: { timestamp } }) =>
    timestamp >= 0 && timestamp <= TIME_MAX_MS ? [timestamp] : [],
  );
  return times.length === 0 ? undefined : times.reduce((a, b) => Math.max(a, b));
}

function monthsOf(records: readonly DecodedRecord[]): string[] {
  const months = records.flatMap(({ decoded }) =>
    decoded.kind === 'row' && decoded.month !== null ? [decoded.month] : [],
  );
  return [...new Set(months)];
}
