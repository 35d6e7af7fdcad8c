// The last known image of a row with the position that wrote it, and which change is new to it. Pure.
import type { ChangeEvent, ItemRow, OrderRow, Origin, SourcePosition } from './change.ts';

/** A rebuild's place in one stream: what is after `offset` is after the cut. See docs/decisions/0007. */
export interface Cut {
  readonly rebuild: bigint;
  readonly offset: bigint;
}

interface Versions<Table, Row> {
  readonly table: Table;
  /** `null` is the tombstone of a deleted row. */
  readonly row: Row | null;
  /** The row before the first change after a rebuild's cut. */
  readonly atCut?: { readonly rebuild: bigint; readonly row: Row | null };
}

export type RowImage = (Versions<'orders', OrderRow> | Versions<'order_items', ItemRow>) & {
  readonly id: bigint;
  readonly stream: string;
  readonly offset: bigint;
  readonly source?: SourcePosition;
  /** Set when a redriven record wrote it: its place among the row's changes. */
  readonly origin?: Origin;
};

/** One partition in one epoch. */
export interface Stream {
  readonly name: string;
  readonly partition: number;
  readonly cut?: Cut;
}

/** Keeps the invariant that an image holds everything up to its position, and nothing after it. */
export function isNewer(change: ChangeEvent, stream: string, image: RowImage): boolean {
  const wasSeen = image.stream === stream && change.offset <= image.offset;
  return !wasSeen && !isOvertaken(change, image) && !isSentAgain(change.source, image.source);
}

/** A copy of what is known, sent under a new offset, changes nothing but the row's place in its stream. */
export function movedOn(
  { offset, origin }: ChangeEvent,
  stream: Stream,
  image: RowImage,
): RowImage | undefined {
  const isCopy = !origin && image.stream === stream.name && offset > image.offset;
  if (!isCopy) return undefined;
  const { origin: _overtaken, ...kept } = image;
  return { ...kept, offset };
}

/** A redriven change counts at the place where its record stood first. */
function isOvertaken({ origin }: ChangeEvent, image: RowImage): boolean {
  const last = image.origin ?? image;
  return origin?.stream === last.stream && origin.offset <= last.offset;
}

/**
 * Whether nothing tells which of the two is newer: the image is from another partition or epoch than the
 * redriven change, and one of them has no LSN.
 */
export function isIncomparable({ origin, source }: ChangeEvent, image: RowImage): boolean {
  const last = image.origin ?? image;
  return origin !== undefined && origin.stream !== last.stream && !(source && image.source);
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
  stream: Stream,
  image: RowImage | undefined,
): RowImage | undefined {
  const { id, offset } = change;
  // A tombstone has no source of its own: that of its delete stays.
  const isGoneAlready = change.row === null && image?.row === null;
  const source = change.source ?? (isGoneAlready ? image.source : undefined);
  const { origin } = change;
  const position = {
    ...{ id, stream: stream.name, offset },
    ...(source && { source }),
    ...(origin && { origin }),
  };
  const cut = stream.cut && offset > stream.cut.offset ? stream.cut : undefined;
  if (change.table === 'orders') {
    const last = image?.table === 'orders' ? image : undefined;
    const row = change.row && { ...last?.row, ...change.row };
    if (row && !isOrderRow(row)) return undefined;
    return { table: 'orders', row, ...position, ...(cut && keepAtCut(cut, last)) };
  }
  const last = image?.table === 'order_items' ? image : undefined;
  const row = change.row && { ...last?.row, ...change.row };
  if (row && !isItemRow(row)) return undefined;
  return { table: 'order_items', row, ...position, ...(cut && keepAtCut(cut, last)) };
}

/** Copy on write: the first change after the cut keeps what was there before it, later ones pass it on. */
function keepAtCut<Row>({ rebuild }: Cut, last: Versions<unknown, Row> | undefined) {
  const kept = last?.atCut?.rebuild === rebuild ? last.atCut : { rebuild, row: last?.row ?? null };
  return { atCut: kept };
}

/** The image as it was at a rebuild's cut. */
export function imageAtCut(image: RowImage, rebuild: bigint): RowImage {
  if (image.atCut?.rebuild !== rebuild) return image;
  return image.table === 'orders'
    ? { ...image, row: image.atCut.row }
    : { ...image, row: image.atCut.row };
}

function isOrderRow(row: Partial<OrderRow>): row is OrderRow {
  const { customer, amount, status, day } = row;
  return [customer, amount, status, day].every((value) => value !== undefined);
}

function isItemRow(row: Partial<ItemRow>): row is ItemRow {
  const { product, quantity, price } = row;
  return [product, quantity, price].every((value) => value !== undefined);
}
