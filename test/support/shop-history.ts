// A random history of orders and items: the rows a database would hold at the end, and the changes a
// connector would send of it, by topic and partition, with all it does to them on the way.

import { Decimal } from '../../functions/orders/decimal.ts';
import type { ChangeEvent, ItemRow, OrderRow, RowKey } from '../../functions/orders/fold/change.ts';
import type { Random } from './random.ts';

export type Table = 'orders' | 'order_items';

/** The key of a table whose key is one integer. */
export function integerKey(id: bigint): RowKey {
  return { text: id.toString(), id };
}

export interface History {
  readonly partitions: number;
  readonly orders: ReadonlyMap<bigint, OrderRow>;
  readonly items: ReadonlyMap<bigint, ItemRow>;
  /** By partition, each by ascending offset. */
  readonly logs: Readonly<Record<Table, ChangeEvent[][]>>;
}

const IDS = 7;
const OFFSET_GAPS_MAX = 3;

export function makeHistory(random: Random, changes: number): History {
  const partitions = 1 + random.below(3);
  const emptyLogs = () => Array.from({ length: partitions }, (): ChangeEvent[] => []);
  const logs = { orders: emptyLogs(), order_items: emptyLogs() };
  const rows = { orders: new Map<bigint, OrderRow>(), order_items: new Map<bigint, ItemRow>() };
  let lsn = 1_000n;

  const send = (table: Table, id: bigint, change: object) => {
    const log = logs[table][Number(id) % partitions] ?? [];
    // Offsets have gaps: other tables' records, transaction markers.
    const offset = (log.at(-1)?.offset ?? -1n) + 1n + BigInt(random.below(OFFSET_GAPS_MAX));
    log.push({ table, key: integerKey(id), offset, ...change } as ChangeEvent);
  };
  const position = () => ({ source: { lsn: lsn++, committedAtMs: lsn / 4n } });

  for (let step = 0; step < changes; step++) {
    const table = random.pick<Table>(['orders', 'order_items']);
    const id = BigInt(random.below(IDS));
    const stored = rows[table].get(id);
    const what = random.below(100);
    if (what < 4) resend(logs[table][random.below(partitions)] ?? [], random);
    else if (stored && what < 8) send(table, id, { row: stored });
    else if (stored && what < 35) {
      rows[table].delete(id);
      send(table, id, { row: null, ...position() });
      if (random.chance(0.5)) send(table, id, { row: null });
    } else {
      const row = table === 'orders' ? randomOrder(random) : randomItem(random);
      const kept = stored && random.chance(0.2) ? random.pick(Object.keys(row)) : undefined;
      const whole = { ...row, ...(kept && { [kept]: stored?.[kept as keyof typeof stored] }) };
      rows[table].set(id, whole as OrderRow & ItemRow);
      const { [kept ?? '']: _unavailable, ...sent } = whole as Record<string, unknown>;
      send(table, id, { row: sent, ...position() });
    }
  }
  return { partitions, orders: rows.orders, items: rows.order_items, logs };
}

/** A connector that restarts sends its last stretch again, under new offsets. */
function resend(log: ChangeEvent[], random: Random): void {
  const stretch = log.slice(-1 - random.below(6));
  let offset = log.at(-1)?.offset ?? -1n;
  for (const change of stretch) log.push({ ...change, offset: ++offset });
}

export function randomOrder(random: Random): OrderRow {
  return {
    customer: random.chance(0.1) ? null : BigInt(random.below(5)),
    amount: random.chance(0.1) ? null : new Decimal(BigInt(random.below(4000) - 500), 2),
    status: random.pick(['pending', 'paid', 'done', null]),
    day: random.pick(['2025-01-01', '2025-01-02', null]),
  };
}

function randomItem(random: Random): ItemRow {
  return {
    product: random.chance(0.1) ? null : BigInt(random.below(5)),
    quantity: random.chance(0.1) ? null : BigInt(random.below(5)),
    price: random.chance(0.1) ? null : new Decimal(BigInt(random.below(1000)), 2),
  };
}
