// Delivers histories to a table through the pipeline, batch by batch, undisturbed.
import type { QuarantineStore } from '../../functions/kafka/quarantine-store.ts';
import type { KafkaRecord } from '../../functions/kafka/records.ts';
import type { Decoded } from '../../functions/orders/debezium/decode.ts';
import type { ChangeEvent } from '../../functions/orders/fold/change.ts';
import type { Table as AggregatesTable } from '../../functions/orders/table/table-store.ts';
import { NO_QUARANTINE, ordersOver } from './orders.ts';
import type { History, Table } from './shop-history.ts';

export const topicOf = (table: Table): string => `shop.public.${table}`;

export interface Delivery {
  readonly table: Table;
  readonly partition: number;
  readonly changes: readonly ChangeEvent[];
}

/** @param refuse what is to be quarantined, with its reason */
export function deliverTo(
  table: AggregatesTable,
  quarantine: QuarantineStore = NO_QUARANTINE,
  refuse: (change: ChangeEvent) => string | undefined = () => undefined,
) {
  return async ({ table: name, partition, changes }: Delivery) => {
    const byOffset = new Map(changes.map((change) => [change.offset, change]));
    const decode = ({ offset }: KafkaRecord): Decoded => {
      const change = byOffset.get(offset);
      if (!change) return { kind: 'ignore' };
      const reason = refuse(change);
      return reason === undefined ? { kind: 'change', change } : { kind: 'reject', reason };
    };
    const topic = topicOf(name);
    const records = changes.map(({ offset }): KafkaRecord => {
      return { topic, partition, offset, timestamp: 0, key: null, value: null, headers: [] };
    });
    return ordersOver(table, { decode, quarantine }).aggregate({ topic, partition, records });
  };
}

/** All of a history. Answers how many changes were applied. */
export async function deliver(table: AggregatesTable, history: History, batchSize: () => number) {
  const deliverBatch = deliverTo(table);
  let applied = 0;
  for (const name of ['orders', 'order_items'] as const) {
    for (const [partition, log] of history.logs[name].entries()) {
      for (let at = 0; at < log.length; ) {
        const changes = log.slice(at, at + batchSize());
        applied += (await deliverBatch({ table: name, partition, changes })).applied;
        at += changes.length;
      }
    }
  }
  return applied;
}
