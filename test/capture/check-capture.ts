// A capture that lacks its last records would make every test on it wrong, so before it is written,
// the rows that its records leave alive are compared with the rows of the source.
import { ITEMS_TOPIC, ORDERS_TOPIC } from './connector-settings.ts';
import type { CapturedRecord } from './recorder.ts';
import type { Source } from './source.ts';

export async function checkCapture(records: CapturedRecord[], { sql }: Source): Promise<void> {
  const orders = await sql`select id from orders`;
  const items = await sql`select id from order_items`;
  compareIds(ORDERS_TOPIC, orders, liveIds(records, ORDERS_TOPIC));
  compareIds(ITEMS_TOPIC, items, liveIds(records, ITEMS_TOPIC));
}

/** Every encoding in use leaves a tombstone as the last record of a deleted row's key, though not
 *  always as a record without a value: see "What Debezium really sent" in the captures' README. */
function liveIds(records: CapturedRecord[], topic: string): Set<number> {
  const live = new Set<number>();
  for (const record of records) {
    if (record.topic !== topic || record.key === null) continue;
    const id = rowId(record.key);
    if (isTombstone(record.value)) live.delete(id);
    else live.add(id);
  }
  return live;
}

function isTombstone(value: string | null): boolean {
  if (value === null || value === 'null') return true;
  return (JSON.parse(value) as { payload?: unknown }).payload === null;
}

function rowId(key: string): number {
  const parsed = JSON.parse(key) as { id?: number; payload?: { id: number } };
  const id = parsed.payload?.id ?? parsed.id;
  if (id === undefined) throw new Error(`A key without an id: ${key}`);
  return id;
}

function compareIds(topic: string, rows: Iterable<{ id?: number }>, live: Set<number>): void {
  const expected = new Set([...rows].map((row) => row.id));
  const missing = [...expected].filter((id) => id !== undefined && !live.has(id));
  const surplus = [...live].filter((id) => !expected.has(id));
  if (missing.length + surplus.length === 0) return;
  throw new Error(`${topic}: rows missing: ${missing}; rows that should be gone: ${surplus}`);
}
