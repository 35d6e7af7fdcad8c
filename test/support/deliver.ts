// Delivers histories to a table through the pipeline, batch by batch, undisturbed.
import type { KafkaRecord } from '../../functions/kafka/records.ts';
import { aggregatePartition } from '../../functions/orders/aggregate.ts';
import type { ChangeEvent } from '../../functions/orders/change.ts';
import { makeAggregateStore } from '../../functions/orders/store/aggregate-store.ts';
import { makeRankings } from '../../functions/orders/store/rankings.ts';
import type { MemoryTable } from './memory-table.ts';
import type { History } from './shop-history.ts';

const now = () => 0;

/** Answers how many changes were applied. */
export async function deliver(table: MemoryTable, history: History, batchSize: () => number) {
  let applied = 0;
  for (const log of Object.values(history.logs).flat()) {
    for (let at = 0; at < log.length; ) {
      const batch = log.slice(at, at + batchSize());
      applied += await deliverBatch(table, batch, history.partitions);
      at += batch.length;
    }
  }
  return applied;
}

export async function deliverBatch(table: MemoryTable, changes: ChangeEvent[], partitions: number) {
  const byOffset = new Map(changes.map((change) => [change.offset, change]));
  const partition = Number(changes[0]?.key.id ?? 0n) % partitions;
  const records = changes.map(({ offset }): KafkaRecord => {
    const empty = { timestamp: 0, key: null, value: null, headers: [] };
    return { topic: 'shop', partition, offset, ...empty };
  });
  const counts = await aggregatePartition(
    { topic: 'shop', partition, records },
    {
      decode: ({ offset }) => {
        const change = byOffset.get(offset);
        return change ? { kind: 'change', change } : { kind: 'ignore' };
      },
      aggregates: makeAggregateStore({ table, rankings: makeRankings(table, now), now }),
      quarantine: { put: async () => {} },
      streamEpoch: '0',
    },
  );
  return counts.applied;
}
