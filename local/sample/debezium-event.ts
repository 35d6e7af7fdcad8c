// Row changes as Debezium's PostgreSQL connector writes them with its defaults: the full envelope
// as JSON without schemas, decimals as base64 of their bytes, timestamps in microseconds. Pure.
import type { NewRecord } from '../stream/partition-log.ts';
import type { ItemRow, OrderRow, RowChange } from './shop.ts';

export const SAMPLE_TOPICS = {
  orders: 'dbserver1.public.orders',
  order_items: 'dbserver1.public.order_items',
} as const;

/** Where and when the database committed the change. */
export interface Commit {
  readonly txId: number;
  readonly lsn: number;
  readonly previousLsn: number;
  readonly committedUs: number;
  readonly sentUs: number;
}

export interface KeyedRecords {
  readonly topic: string;
  readonly key: string;
  readonly records: readonly NewRecord[];
}

/** A deletion is two records: the event, and the tombstone that lets Kafka compact the key away. */
export function toDebeziumRecords(change: RowChange, commit: Commit): KeyedRecords {
  const { table } = change;
  const row = change.after ?? change.before;
  if (!row) throw new TypeError('A change has a row before or after it.');
  const key = JSON.stringify({ id: row.id });
  const common = { timestamp: Math.floor(commit.sentUs / 1000), key, headers: [] };
  const event = { ...common, value: toEnvelope(change, commit) };
  const records = change.after ? [event] : [event, { ...common, value: null }];
  return { topic: SAMPLE_TOPICS[table], key, records };
}

function toEnvelope(change: RowChange, commit: Commit): string {
  const { table } = change;
  const [before, after] =
    table === 'orders'
      ? [toOrder(change.before), toOrder(change.after)]
      : [toItem(change.before), toItem(change.after)];
  return JSON.stringify({
    before,
    after,
    source: toSource(table, commit),
    transaction: null,
    op: !before ? 'c' : after ? 'u' : 'd',
    ...times(commit.sentUs),
  });
}

function toSource(table: string, { txId, lsn, previousLsn, committedUs }: Commit): object {
  const { ts_ms, ts_us, ts_ns } = times(committedUs);
  return {
    version: '3.7.0.Final',
    connector: 'postgresql',
    name: 'dbserver1',
    ts_ms,
    snapshot: 'false',
    db: 'shop',
    sequence: JSON.stringify([String(previousLsn), String(lsn)]),
    ts_us,
    ts_ns,
    schema: 'public',
    table,
    txId,
    lsn,
    xmin: null,
    origin: null,
    origin_lsn: null,
  };
}

function times(us: number): { ts_ms: number; ts_us: number; ts_ns: object } {
  // Nanoseconds since 1970 are beyond a double.
  return { ts_ms: Math.floor(us / 1000), ts_us: us, ts_ns: JSON.rawJSON(`${us}000`) };
}

function toOrder(row: OrderRow | null): object | null {
  return (
    row && {
      id: row.id,
      customer_id: row.customer_id,
      total_amount: toDecimalBytes(row.total_cents),
      status: row.status,
      created_at: row.created_at_us,
      updated_at: row.updated_at_us,
    }
  );
}

function toItem(row: ItemRow | null): object | null {
  return (
    row && {
      id: row.id,
      order_id: row.order_id,
      product_id: row.product_id,
      quantity: row.quantity,
      price: toDecimalBytes(row.price_cents),
      created_at: row.created_at_us,
    }
  );
}

/** Kafka Connect's Decimal: the unscaled number's bytes, big-endian, two's complement, no padding. */
function toDecimalBytes(unscaled: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(unscaled));
  const isSpare = (at: number) => bytes[at] === 0 && ((bytes[at + 1] ?? 0x80) & 0x80) === 0;
  let start = 0;
  while (isSpare(start)) start += 1;
  return bytes.toString('base64', start);
}
