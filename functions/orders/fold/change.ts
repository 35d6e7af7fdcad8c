// What happened to one row, free of how Debezium said it. Pure.
import type { Decimal } from '../decimal.ts';

/** What the aggregates need of an order. `null` is SQL's NULL. */
export interface OrderRow {
  readonly customer: bigint | null;
  readonly amount: Decimal | null;
  readonly status: string | null;
  /** UTC day of `created_at`, `YYYY-MM-DD`. */
  readonly day: string | null;
}

/** What the aggregates need of an order item. */
export interface ItemRow {
  readonly product: bigint | null;
  readonly quantity: bigint | null;
  readonly price: Decimal | null;
}

/** A column left out is one that the database did not send (unchanged TOAST): what is stored stays. */
export type RowChange =
  | { readonly table: 'orders'; readonly row: Partial<OrderRow> | null }
  | { readonly table: 'order_items'; readonly row: Partial<ItemRow> | null };

export type TableName = RowChange['table'];

/** What a row is known by: its whole record key, as Kafka orders its changes. */
export interface RowKey {
  /** A key of one integer is its digits; any other is canonical JSON of its columns, names sorted. */
  readonly text: string;
  /** Its first integer column, by which neighbouring rows share a page; null: there is none. */
  readonly id: bigint | null;
  /** A column of it is null. */
  readonly isPartial?: true;
}

/** Where the database wrote the change. Orders the changes of one row, but never a snapshot's reads. */
export interface SourcePosition {
  readonly lsn: bigint;
  readonly committedAtMs: bigint;
}

export interface StreamPosition {
  readonly stream: string;
  readonly offset: bigint;
}

/** Where a redriven record stood first. */
export type Origin = StreamPosition;

/** One change of one row; `row: null` says that the row is gone. */
export type ChangeEvent = RowChange & {
  readonly key: RowKey;
  readonly offset: bigint;
  /** The database schema of the table, where the record tells it. */
  readonly schema?: string;
  /** Only for streamed changes; see docs/decisions/0002. */
  readonly source?: SourcePosition;
  /** Only for redriven records; see docs/decisions/0008. */
  readonly origin?: Origin;
  /** A delete that knows no more of its row than a key with a null, which may stand for a value that was not sent. */
  readonly isUnsure?: true;
};

/** Which row. */
export type RowIdentity = Pick<ChangeEvent, 'table' | 'key'>;

/** A record of the row that could not be read: it is in quarantine. */
export type UnreadRecord = Pick<ChangeEvent, 'table' | 'key' | 'offset'>;

export const isUnread = (record: ChangeEvent | UnreadRecord): record is UnreadRecord =>
  !('row' in record);
