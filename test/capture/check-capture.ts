// A capture that lacks its last records would make every test on it wrong, so before it is written,
// the rows that its records leave alive are compared with the rows of the source.
import type { CapturedRecord } from './recorder.ts';
import type { Scenario } from './scenarios.ts';
import type { Source } from './source.ts';

export async function checkCapture(
  records: CapturedRecord[],
  topics: Scenario['topics'],
  { sql }: Source,
): Promise<void> {
  const orders = await sql`select id from orders`;
  const items = await sql`select id from order_items`;
  compareIds('orders', orders, liveIds(records, topics.orders));
  compareIds('order_items', items, liveIds(records, topics.order_items));
}

/** Every encoding in use leaves a tombstone as the last record of a deleted row's key, though not
 *  always as a record without a value: see "What Debezium really sent" in the captures' README. */
function liveIds(records: CapturedRecord[], topics: readonly string[]): Set<number> {
  const live = new Map<string, number>();
  for (const record of records) {
    if (!topics.includes(record.topic) || record.key === null) continue;
    if (isTombstone(record.value)) live.delete(record.key);
    else live.set(record.key, rowId(record.key));
  }
  return new Set(live.values());
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

function compareIds(table: string, rows: Iterable<{ id?: number }>, live: Set<number>): void {
  const expected = new Set([...rows].map((row) => row.id));
  const missing = [...expected].filter((id) => id !== undefined && !live.has(id));
  const surplus = [...live].filter((id) => !expected.has(id));
  if (missing.length + surplus.length === 0) return;
  throw new Error(`${table}: rows missing: ${missing}; rows that should be gone: ${surplus}`);
}
