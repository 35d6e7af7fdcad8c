// The source of a seed: the topic's partitions from their first record to their last, and how far the
// consumer group has acknowledged them.
import type { LambdaKafkaEvent } from '../../../functions/kafka/records.ts';
import type { Random } from '../../support/random.ts';
import { MADE_MONTH } from './database.ts';
import { type MadeMessage, makeMessage } from './messages.ts';

export const TOPIC = 'auction-outcomes-1';

export interface SourceRecord extends MadeMessage {
  readonly offset: bigint;
  readonly timestamp: number;
}

export interface SourcePartition {
  readonly partition: number;
  readonly records: readonly SourceRecord[];
  /** Everything below this index was acknowledged. */
  committed: number;
}

export interface History {
  readonly partitions: readonly SourcePartition[];
  readonly months: readonly string[];
  readonly batchMax: number;
}

/** Two and two on one rollup shard. */
const PARTITIONS = [0, 8, 1, 9];
/** Within the ten years back that get a partition. */
const NEW_MONTHS = ['2025-01', '2025-02', '2025-03', '2025-04'];
const BEYOND_DOUBLE = 9_007_199_254_740_990n;

export function makeHistory(random: Random): History {
  const newMonths = random.pick([0, 0, 1, 1, 2, 3]);
  const firstNew = random.below(NEW_MONTHS.length - newMonths + 1);
  const months = [...NEW_MONTHS.slice(firstNew, firstNew + newMonths), MADE_MONTH];
  const badShare = random.pick([0, 0.1, 0.3]);
  const first = random.pick([0n, 0n, 17n, BEYOND_DOUBLE]);
  const partitions = PARTITIONS.slice(0, 1 + random.below(3)).map((partition) => {
    let offset = first + BigInt(random.below(3));
    const records = Array.from({ length: 3 + random.below(14) }, () => {
      const timestamp = Date.parse(`${random.pick(months)}-01T12:00:00Z`) + random.below(864e5);
      const made = makeMessage({ random, months, timestamp, badShare }, offset);
      const record = { ...made, offset, timestamp };
      // Transactions' markers and compaction leave gaps.
      offset += random.chance(0.2) ? 3n : 1n;
      return record;
    });
    return { partition, records: withDuplicates(random, records), committed: 0 };
  });
  return { partitions, months, batchMax: 2 + random.below(9) };
}

/** A producer that sends the same message twice makes two records. */
function withDuplicates(random: Random, records: SourceRecord[]): SourceRecord[] {
  return records.map((record, index) => {
    const before = records[index - 1];
    if (!before || !random.chance(0.05)) return record;
    const { value, becomes, timestamp } = before;
    return { ...record, value, becomes, timestamp };
  });
}

export const isDelivered = ({ partitions }: History) =>
  partitions.every(({ committed, records }) => committed >= records.length);

export interface Delivery {
  readonly event: LambdaKafkaEvent;
  readonly size: number;
  acknowledge(): void;
}

/** A batch of some partitions: from where the group stands or from before, to anywhere. */
export function nextDelivery({ partitions, batchMax }: History, random: Random): Delivery {
  const open = partitions.filter(({ committed, records }) => committed < records.length);
  const chosen = open.filter(() => random.chance(0.6));
  const parts = (chosen.length > 0 ? chosen : open.slice(0, 1)).map((source) => {
    const back = random.chance(0.3) ? random.below(batchMax) : 0;
    const start = Math.max(0, source.committed - back);
    const end = Math.min(source.records.length, source.committed + 1 + random.below(batchMax));
    return { source, start, end };
  });
  const records = parts.map(
    ({ source, start, end }) =>
      [
        `${TOPIC}-${source.partition}`,
        source.records.slice(start, end).map((record) => toLambda(record, source.partition)),
      ] as const,
  );
  return {
    event: { records: Object.fromEntries(records) },
    size: parts.reduce((sum, { start, end }) => sum + end - start, 0),
    acknowledge() {
      for (const { source, end } of parts) source.committed = Math.max(source.committed, end);
    },
  };
}

function toLambda({ offset, timestamp, value }: SourceRecord, partition: number) {
  const isExact = offset <= BigInt(Number.MAX_SAFE_INTEGER);
  return {
    ...{ topic: TOPIC, partition, timestamp },
    offset: isExact ? Number(offset) : offset.toString(),
    value: value === null ? null : value.toString('base64'),
    headers: [{ source: [-61, -92] }],
  };
}
