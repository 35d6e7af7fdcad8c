// The last known image of a row with the position that wrote it, and which change is new to it. Pure.
import type { ChangeEvent, ItemRow, OrderRow, SourcePosition } from './change.ts';

/** `row: null` is the tombstone of a deleted row. */
export type RowImage = (
  | { readonly table: 'orders'; readonly row: OrderRow | null }
  | { readonly table: 'order_items'; readonly row: ItemRow | null }
) & {
  readonly id: bigint;
  readonly stream: string;
  readonly offset: bigint;
  readonly source?: SourcePosition;
};

/** Keeps the invariant that an image holds everything up to its position, and nothing after it. */
export function isNewer(change: ChangeEvent, stream: string, image: RowImage): boolean {
  const wasSeen = image.stream === stream && change.offset <= image.offset;
  return !wasSeen && !isSentAgain(change.source, image.source);
}

/**
 * A connector that restarts sends a stretch again under new offsets. Both positions must say so: the
 * LSNs of a restored database start lower, but its commits are later.
 */
function isSentAgain(change: SourcePosition | undefined, image: SourcePosition | undefined) {
  if (!change || !image) return false;
  return change.lsn <= image.lsn && change.committedAtMs <= image.committedAtMs;
}

/** The image after a change; `undefined` when it keeps a column of a row that was never seen. */
export function nextImage(
  change: ChangeEvent,
  stream: string,
  image: RowImage | undefined,
): RowImage | undefined {
  const { id, offset, source } = change;
  const position = { id, stream, offset, ...(source && { source }) };
  if (change.row === null) return { table: change.table, row: null, ...position };
  if (change.table === 'orders') {
    const row = { ...(image?.table === 'orders' && image.row), ...change.row };
    return isOrderRow(row) ? { table: 'orders', row, ...position } : undefined;
  }
  const row = { ...(image?.table === 'order_items' && image.row), ...change.row };
  return isItemRow(row) ? { table: 'order_items', row, ...position } : undefined;
}

function isOrderRow(row: Partial<OrderRow>): row is OrderRow {
  const { customer, amount, status, day } = row;
  return [customer, amount, status, day].every((value) => value !== undefined);
}

function isItemRow(row: Partial<ItemRow>): row is ItemRow {
  const { product, quantity, price } = row;
  return [product, quantity, price].every((value) => value !== undefined);
}
