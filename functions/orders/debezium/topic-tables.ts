// Which table's rows a topic holds: what the deployment says, and where it says nothing Debezium's own
// naming. The table's name inside a record never decides: partitions and routed tables have another. Pure.
import type { TableName } from '../fold/change.ts';
import type { DecodeOptions } from './options.ts';

export interface TopicTable {
  readonly table: TableName;
  /** Its rows' keys mean something within this source alone; `null` where all topics share them. */
  readonly source: string | null;
}

export type TopicTables = (topic: string) => TopicTable | undefined;

export function makeTopicTables({ topics }: Pick<DecodeOptions, 'topics'>): TopicTables {
  const known = new Map<string, TopicTable | undefined>();
  const find = (topic: string): TopicTable | undefined => {
    for (const table of ['orders', 'order_items'] as const) {
      const source = topics[table]?.get(topic);
      if (source !== undefined) return { table, source };
    }
    const name = lastSegment(topic);
    const isNamed = (name === 'orders' || name === 'order_items') && !topics[name];
    return isNamed ? { table: name, source: null } : undefined;
  };
  return (topic) => {
    if (!known.has(topic)) known.set(topic, find(topic));
    return known.get(topic);
  };
}

/** Debezium names a topic `<prefix>.<schema>.<table>`. */
function lastSegment(topic: string): string {
  return topic.slice(topic.lastIndexOf('.') + 1);
}
