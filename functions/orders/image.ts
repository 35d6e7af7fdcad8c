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
  /** The streams that the row came through before, with its last offset in each. */
  readonly earlier?: StreamOffsets;
  readonly source?: SourcePosition;
};

export type StreamOffsets = ReadonlyMap<string, bigint>;

/** Whether the image holds all of the stream up to the change already. */
export function wasSeen(change: ChangeEvent, stream: string, image: RowImage): boolean {
  const last = image.stream === stream ? image.offset : image.earlier?.get(stream);
  return last !== undefined && change.offset <= last;
}

/** Sent again by a connector, or gone already: the tombstone behind a delete. */
export function hasNothingNew(change: ChangeEvent, image: RowImage): boolean {
  const isGoneAlready = change.row === null && image.row === null;
  return isGoneAlready || isSentAgain(change.source, image.source);
}

/** The same row at a later position: an image holds everything up to its position, and nothing after it. */
export function imageAt(image: RowImage, stream: string, offset: bigint): RowImage {
  const earlier = earlierStreams(image, stream);
  return { ...image, stream, offset, ...(earlier && { earlier }) };
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
  if (change.row === null) return goneAt(change, stream, image);
  const position = positionOf(change, stream, image);
  if (change.table === 'orders') {
    const row = { ...(image?.table === 'orders' && image.row), ...change.row };
    return isOrderRow(row) ? { table: 'orders', row, ...position } : undefined;
  }
  const row = { ...(image?.table === 'order_items' && image.row), ...change.row };
  return isItemRow(row) ? { table: 'order_items', row, ...position } : undefined;
}

/** The image of a row that is not there, or not known, after a change. */
export function goneAt(change: ChangeEvent, stream: string, image: RowImage | undefined): RowImage {
  return { table: change.table, row: null, ...positionOf(change, stream, image) };
}

function positionOf(
  { id, offset, source }: ChangeEvent,
  stream: string,
  image: RowImage | undefined,
) {
  const earlier = image && earlierStreams(image, stream);
  return { id, stream, offset, ...(source && { source }), ...(earlier && { earlier }) };
}

/** A row moves to another stream when partitions are raised, or with a new epoch. */
function earlierStreams(image: RowImage, stream: string): StreamOffsets | undefined {
  if (image.stream === stream) return image.earlier;
  const earlier = new Map(image.earlier).set(image.stream, image.offset);
  earlier.delete(stream);
  return earlier;
}

function isOrderRow(row: Partial<OrderRow>): row is OrderRow {
  const { customer, amount, status, day } = row;
  return [customer, amount, status, day].every((value) => value !== undefined);
}

function isItemRow(row: Partial<ItemRow>): row is ItemRow {
  const { product, quantity, price } = row;
  return [product, quantity, price].every((value) => value !== undefined);
}
