// The last known image of a row with the position that wrote it, and which change is new to it. Pure.
import type { ChangeEvent, ItemRow, OrderRow, Origin, RowKey, SourcePosition } from './change.ts';

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
  readonly key: RowKey;
  readonly stream: string;
  readonly offset: bigint;
  /** The streams that the row came through before, with its last offset in each. */
  readonly earlier?: StreamOffsets;
  readonly source?: SourcePosition;
  /** Its place among the row's changes where that is not its position: a redriven record wrote it. */
  readonly origin?: Origin;
};

export type StreamOffsets = ReadonlyMap<string, bigint>;

/** One partition in one epoch. */
export interface Stream {
  readonly name: string;
  readonly partition: number;
  readonly cut?: Cut;
}

/** Whether the image holds all of the stream up to the offset already. */
export function wasSeen(offset: bigint, stream: string, image: RowImage): boolean {
  const last = image.stream === stream ? image.offset : image.earlier?.get(stream);
  return last !== undefined && offset <= last;
}

/** Whether it is known already, though under another offset: sent again by a connector, or redriven late. */
export function hasNothingNew(change: ChangeEvent, image: RowImage): boolean {
  return isOvertaken(change, image) || isUpTo(change.source, image.source);
}

/**
 * The same row at a later position: an image holds everything up to its position, and nothing after it.
 * What is overtaken moves nothing; a redriven copy moves the place, if it can be compared with it.
 */
export function movedOn(change: ChangeEvent, stream: Stream, image: RowImage): RowImage {
  const { origin: _place, ...kept } = image;
  const moved = { ...kept, ...positionOf(change, stream, image) };
  const { origin } = change;
  if (!origin) return moved;
  const isLater = origin.stream === placeOf(image).stream && !isOvertaken(change, image);
  return isLater ? { ...moved, origin } : image;
}

/**
 * A change that cannot be resolved yet: the position moves, so that it stays seen, but neither the place
 * nor the LSN, so that it counts once it is redriven.
 */
export function unresolvedAt(
  change: ChangeEvent,
  stream: Stream,
  image: RowImage | undefined,
): RowImage {
  const before = image ?? { table: change.table, row: null, ...positionOf(change, stream, image) };
  const origin = image ? placeOf(image) : { stream: stream.name, offset: BEFORE_ALL };
  return { ...before, ...positionOf(change, stream, image), origin };
}

const BEFORE_ALL = -1n;

const placeOf = ({ origin, stream, offset }: RowImage): Origin => origin ?? { stream, offset };

/** A redriven change counts at the place where its record stood first. */
function isOvertaken({ origin }: ChangeEvent, image: RowImage): boolean {
  const last = placeOf(image);
  return origin?.stream === last.stream && origin.offset <= last.offset;
}

/**
 * Whether nothing tells which of the two is newer: the image is from another partition or epoch than the
 * redriven change, and one of them has no LSN.
 */
export function isIncomparable({ origin, source }: ChangeEvent, image: RowImage): boolean {
  const isElsewhere = origin !== undefined && origin.stream !== placeOf(image).stream;
  return isElsewhere && !(source && image.source);
}

/**
 * Whether the database wrote one no later than the other, as it is when a connector that restarts sends a
 * stretch again under new offsets. LSN and time must both say so: the LSNs of a restored database start
 * lower, but its commits are later.
 */
function isUpTo(one: SourcePosition | undefined, other: SourcePosition | undefined): boolean {
  if (!one || !other) return false;
  return one.lsn <= other.lsn && one.committedAtMs <= other.committedAtMs;
}

/**
 * Whether an image may take the place of a current one that another invocation wrote meanwhile. Not if the
 * current one has seen it: then it is a late twin's. Else it is ahead in the same stream; or two partitions
 * write one row at once, as when they were raised with lag, and of these the later by its LSN stays.
 * @param isByLsn whether LSNs tell the order of the row's images in the stream
 */
export function supersedes(image: RowImage, current: RowImage, isByLsn: boolean): boolean {
  if (wasSeen(image.offset, image.stream, current)) return false;
  const isCurrentUpToIt = isUpTo(current.source, image.source);
  if (image.stream !== current.stream) return isCurrentUpToIt;
  const isCurrentLater = isUpTo(image.source, current.source) && !isCurrentUpToIt;
  return !(isByLsn && isCurrentLater);
}

/** The image after a change; `undefined` when it keeps a column of a row that was never seen. */
export function nextImage(
  change: ChangeEvent,
  stream: Stream,
  image: RowImage | undefined,
): RowImage | undefined {
  const { offset, origin } = change;
  // A tombstone has no source of its own: that of its delete stays.
  const isGoneAlready = change.row === null && image?.row === null;
  const source = change.source ?? (isGoneAlready ? image.source : undefined);
  const position = {
    ...positionOf(change, stream, image),
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

function positionOf({ key, offset }: ChangeEvent, { name }: Stream, image: RowImage | undefined) {
  const earlier = image && earlierStreams(image, name);
  return { key, stream: name, offset, ...(earlier && { earlier }) };
}

/** A row moves to another stream when partitions are raised, or with a new epoch. */
function earlierStreams(image: RowImage, stream: string): StreamOffsets | undefined {
  if (image.stream === stream) return image.earlier;
  const earlier = new Map(image.earlier).set(image.stream, image.offset);
  earlier.delete(stream);
  return earlier;
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
