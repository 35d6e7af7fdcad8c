// One partition's batch from records to aggregates: decode → fold → apply. What cannot be read goes
// to quarantine before anything is applied, so that it is kept even if the rest fails.

import type { BatchCounts } from '../kafka/batch-counts.ts';
import type { Rejection } from '../kafka/quarantine.ts';
import type { QuarantineStore } from '../kafka/quarantine-store.ts';
import type { KafkaRecord, PartitionBatch } from '../kafka/records.ts';
import { streamName } from '../kafka/stream.ts';
import type { ChangeEvent } from './change.ts';
import type { Decode } from './debezium/decode.ts';
import { foldChanges } from './fold.ts';
import type { AggregateStore } from './store/aggregate-store.ts';

export interface AggregatePorts {
  readonly decode: Decode;
  readonly aggregates: AggregateStore;
  readonly quarantine: QuarantineStore;
  readonly streamEpoch: string;
}

export async function aggregatePartition(
  batch: PartitionBatch,
  { decode, aggregates, quarantine, streamEpoch }: AggregatePorts,
): Promise<BatchCounts> {
  const { topic, partition, records } = batch;
  const { changes, rejections, ignored } = decodeAll(records, decode);
  const name = streamName(streamEpoch, topic, partition);
  const offsets = stretchOf(records);
  const cut = await aggregates.begin(topic, name, offsets.lastOffset);
  const stored = await aggregates.readImages(changes);
  const stream = { name, partition, ...(cut && { cut }) };
  const fold = foldChanges(changes, stored, stream);
  const unresolved = fold.unresolved.map(({ change, reason }) => {
    return { record: recordOf(change, records), reason };
  });
  const refused = [...rejections, ...unresolved];
  await quarantine.put(refused.map((rejection) => ({ ...rejection, streamEpoch })));
  await aggregates.apply(fold, stream, offsets);
  await aggregates.end(topic, name, offsets.lastOffset);
  return {
    records: records.length,
    applied: fold.applied,
    skipped: records.length - fold.applied - refused.length - ignored,
    ignored,
    quarantined: refused.length,
  };
}

function decodeAll(records: readonly KafkaRecord[], decode: Decode) {
  const changes: ChangeEvent[] = [];
  const rejections: Omit<Rejection, 'streamEpoch'>[] = [];
  for (const record of records) {
    const decoded = decode(record);
    if (decoded.kind === 'change') changes.push(decoded.change);
    if (decoded.kind === 'reject') rejections.push({ record, reason: decoded.reason });
  }
  return { changes, rejections, ignored: records.length - changes.length - rejections.length };
}

function recordOf({ offset }: ChangeEvent, records: readonly KafkaRecord[]): KafkaRecord {
  const record = records.find((candidate) => candidate.offset === offset);
  if (!record) throw new RangeError(`No record of the batch has offset ${offset}.`);
  return record;
}

function stretchOf(records: readonly KafkaRecord[]) {
  const [first, last] = [records.at(0), records.at(-1)];
  if (!first || !last) throw new RangeError('A partition batch is never empty.');
  return { firstOffset: first.offset, lastOffset: last.offset };
}
