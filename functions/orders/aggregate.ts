// One partition's batch from records to segments: decode → fold → append → images. What cannot be read goes
// to quarantine before anything is written, so that it is kept even if the rest fails. Why it is exact under
// crashes, other batch boundaries and late twins: docs/architecture.md, "Exactly once".
import type { BatchCounts } from '../kafka/batch-counts.ts';
import type { Rejection } from '../kafka/quarantine.ts';
import type { QuarantineStore } from '../kafka/quarantine-store.ts';
import type { KafkaRecord, PartitionBatch } from '../kafka/records.ts';
import { streamName } from '../kafka/stream.ts';
import type { Decode } from './debezium/decode.ts';
import type { ChangeEvent, UnreadRecord } from './fold/change.ts';
import { type Fold, foldChanges } from './fold/fold.ts';
import type { PageStore } from './pages/page-store.ts';
import { appendSegments } from './segments/append.ts';
import type { SegmentStore, StreamTable } from './segments/segment-store.ts';
import { REFUSED } from './table/table-store.ts';

export interface AggregatePorts {
  readonly decode: Decode;
  readonly pages: PageStore;
  readonly segments: SegmentStore;
  /** Every stream that was there when the event came. */
  readonly streams: () => Promise<ReadonlyMap<string, StreamTable>>;
  readonly quarantine: QuarantineStore;
  readonly streamEpoch: string;
  /** Epoch ms. */
  readonly now: () => number;
  readonly segmentBytesMax?: number;
}

/** Each refused write means that a twin wrote a page of the very batch, and there are not many of them. */
const ATTEMPTS_MAX = 20;

export async function aggregatePartition(
  batch: PartitionBatch,
  ports: AggregatePorts,
): Promise<BatchCounts> {
  const { topic, partition, records } = batch;
  const stream = streamName(ports.streamEpoch, topic, partition);
  const decoded = decodeAll(records, ports.decode);
  const { quarantine, streamEpoch } = ports;
  const refuse = (refused: readonly Omit<Rejection, 'streamEpoch'>[]) =>
    quarantine.put(refused.map((rejection) => ({ ...rejection, streamEpoch })));
  await refuse(decoded.rejections);
  const { applied, skipped, unresolved } =
    decoded.changes.length === 0
      ? await passOver(stream, records, ports.segments)
      : await writeChanges(decoded.changes, stream, records, ports, async (fold) => {
          await refuse(
            fold.unresolved.map(({ change, reason }) => ({
              record: recordOf(change, records),
              reason,
            })),
          );
        });
  return {
    records: records.length,
    applied,
    skipped,
    ignored: decoded.ignored,
    quarantined: decoded.rejections.length + unresolved.length,
  };
}

/** Again from the pages on, when a twin wrote one meanwhile: what it has written is then skipped. */
async function writeChanges(
  changes: readonly (ChangeEvent | UnreadRecord)[],
  stream: string,
  records: readonly KafkaRecord[],
  { pages, ...ports }: AggregatePorts,
  beforeWriting: (fold: Fold) => Promise<void>,
): Promise<Fold> {
  const [{ table } = { table: undefined }] = changes;
  if (table === undefined) throw new RangeError('There are no changes to write.');
  const { segments } = ports;
  const known = await ports.streams();
  if (!known.has(stream)) await segments.register(stream, table);
  const siblings = [...known].flatMap(([name, of]) => (of === table ? [name] : []));
  const all = new Set(siblings).add(stream);
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
    const read = await pages.read(changes, stream, [...all]);
    const fold = foldChanges(changes, read.images, stream);
    await beforeWriting(fold);
    const tail = await appendSegments(fold, stream, stretchOf(records), ports);
    if ((await pages.write(fold.images, read, tail.cut)) === REFUSED) continue;
    await segments.end(stream, stretchOf(records).lastOffset, tail);
    return fold;
  }
  throw new Error(`${stream}: pages were refused ${ATTEMPTS_MAX} times in a row.`);
}

/** No changes, but maybe the end of a greater batch that died: then its segment goes beyond what is noted. */
async function passOver(
  stream: string,
  records: readonly KafkaRecord[],
  segments: SegmentStore,
): Promise<Pick<Fold, 'applied' | 'skipped' | 'unresolved'>> {
  const tail = await segments.tail(stream);
  if (tail.ended < tail.to) await segments.end(stream, stretchOf(records).lastOffset, tail);
  return { applied: 0, skipped: 0, unresolved: [] };
}

function decodeAll(records: readonly KafkaRecord[], decode: Decode) {
  const changes: (ChangeEvent | UnreadRecord)[] = [];
  const rejections: Omit<Rejection, 'streamEpoch'>[] = [];
  let ignored = 0;
  for (const record of records) {
    const decoded = decode(record);
    if (decoded.kind === 'change') changes.push(decoded.change);
    if (decoded.kind === 'reject') {
      rejections.push({ record, reason: decoded.reason });
      if (decoded.row) changes.push({ ...decoded.row, offset: record.offset });
    }
    if (decoded.kind === 'ignore') ignored += 1;
  }
  return { changes, rejections, ignored };
}

function recordOf({ offset }: ChangeEvent, records: readonly KafkaRecord[]): KafkaRecord {
  const record = records.find((candidate) => candidate.offset === offset);
  if (!record) throw new RangeError(`No record of the batch has offset ${offset}.`);
  return record;
}

function stretchOf(records: readonly KafkaRecord[]) {
  const last = records.at(-1);
  if (!last) throw new RangeError('A partition batch is never empty.');
  const newestMs = records.reduce((newest, { timestamp }) => Math.max(newest, timestamp), 0);
  return { lastOffset: last.offset, newestMs };
}
