// The last known image of a row with the position that wrote it, and which change is new to it. Pure.
import { Decimal } from '../decimal.ts';
import type {
  ChangeEvent,
  ItemRow,
  OrderRow,
  Origin,
  RowKey,
  SourcePosition,
  UnreadRecord,
} from './change.ts';

/** A rebuild's place in one stream: what is after `offset` is after the cut. See docs/decisions/0014. */
export interface Cut {
  readonly rebuild: number;
  readonly offset: bigint;
}

interface Versions<Table, Row> {
  readonly table: Table;
  /** `null` is the tombstone of a deleted row. */
  readonly row: Row | null;
}

export type RowImage = (Versions<'orders', OrderRow> | Versions<'order_items', ItemRow>) & {
  readonly key: RowKey;
  readonly stream: string;
  readonly offset: bigint;
  /** The streams that the row came through before, with its last offset in each. */
  readonly earlier?: StreamOffsets;
  /** The database schema that the row was last said to be in. */
  readonly schema?: string;
  readonly source?: SourcePosition;
  /** Its place among the row's changes where that is not its position: a redriven record wrote it. */
  readonly origin?: Origin;
  /** The last record was a delete that is older than the row: its tombstone is older, too. */
  readonly isBehindDelete?: true;
  /** The streams in which the row's last change was a delete with an LSN: known where images of several streams are read, not kept. */
  readonly deletedIn?: ReadonlySet<string>;
};

export type StreamOffsets = ReadonlyMap<string, bigint>;

/** Whether the image holds all of the stream up to the offset already. */
export function wasSeen(offset: bigint, stream: string, image: RowImage): boolean {
  const last = offsetIn(stream, image);
  return last !== undefined && offset <= last;
}

function offsetIn(stream: string, image: RowImage): bigint | undefined {
  return image.stream === stream ? image.offset : image.earlier?.get(stream);
}

/** Whether it is known already, though under another offset: sent again by a connector, or redriven late. */
export function hasNothingNew(change: ChangeEvent, stream: string, image: RowImage): boolean {
  // Also one that comes late in a stream that the row has left, behind its delete there.
  const isBehindDelete = image.isBehindDelete || isLeftDeleted(stream, image);
  const isTombstoneOfOlder = isBehindDelete && change.row === null && !change.source;
  return isTombstoneOfOlder || isOvertaken(change, image) || isSentAgain(change, image);
}

function isLeftDeleted(stream: string, image: RowImage): boolean {
  return stream !== image.stream && image.deletedIn?.has(stream) === true;
}

/**
 * A connector that restarts sends a stretch again under new offsets. LSN and time must both say so: the LSNs
 * of a restored database start lower, but its commits are later. Where a plug-in gives all changes of a
 * transaction one LSN, other contents are another change.
 */
function isSentAgain(change: ChangeEvent, image: RowImage): boolean {
  const { source } = change;
  if (!isUpTo(source, image.source)) return false;
  return !isUpTo(image.source, source) || hasContentsOf(change, image);
}

function hasContentsOf({ row }: ChangeEvent, image: RowImage): boolean {
  if (row === null || image.row === null) return row === image.row;
  const known: Readonly<Record<string, unknown>> = { ...image.row };
  return Object.entries(row).every(
    ([column, value]) => showValue(value) === showValue(known[column]),
  );
}

function showValue(value: unknown): string {
  return value instanceof Decimal ? value.toText() : `${typeof value} ${value}`;
}

/**
 * The same row at a later position: an image holds everything up to its position, and nothing after it.
 * What is overtaken moves nothing; a redriven copy moves the place, if it can be compared with it.
 */
export function movedOn(change: ChangeEvent, stream: string, image: RowImage): RowImage {
  const { origin: _place, isBehindDelete: _tombstoneCame, ...kept } = image;
  // Of a delete the LSN tells that it is older; of the one tombstone behind it nothing does.
  const isDelete = change.row === null && change.source && image.row !== null;
  const moved: RowImage = {
    ...kept,
    ...positionOf(change, stream, image),
    ...(isDelete && { isBehindDelete: true }),
  };
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
  stream: string,
  image: RowImage | undefined,
): RowImage {
  const before = image ?? { table: change.table, row: null, ...positionOf(change, stream, image) };
  const origin = image ? placeOf(image) : { stream, offset: BEFORE_ALL };
  return { ...before, ...positionOf(change, stream, image), origin };
}

/** Behind a record that could not be read, which may be a delete: a tombstone now is that one's. */
export function behindUnread(record: UnreadRecord, stream: string, image: RowImage): RowImage {
  const { isBehindDelete: _ofAnother, ...kept } = image;
  return { ...kept, ...positionOf(record, stream, image), origin: placeOf(image) };
}

/** Behind the refused delete of another schema's row: its tombstone, which names no schema, is not this row's. */
export function behindForeignDelete(
  change: ChangeEvent,
  stream: string,
  image: RowImage,
): RowImage {
  const position = positionOf(change, stream, image);
  return { ...image, ...position, origin: placeOf(image), isBehindDelete: true };
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
 * Two rows of two schemas under one key. A row whose record tells no schema is in either, and one that is gone
 * in none: a row that moves to a partition in another schema is deleted and created.
 */
export function isOfOtherSchema({ schema }: ChangeEvent, image: RowImage): boolean {
  if (schema === undefined || image.schema === undefined || image.row === null) return false;
  return schema !== image.schema;
}

/** A redriven one has no tombstone behind it. */
export function isForeignDelete(change: ChangeEvent, image: RowImage): boolean {
  return change.row === null && !change.origin && isOfOtherSchema(change, image);
}

function isUpTo(one: SourcePosition | undefined, other: SourcePosition | undefined): boolean {
  if (!one || !other) return false;
  return one.lsn <= other.lsn && one.committedAtMs <= other.committedAtMs;
}

/** The image after a change; `undefined` when it keeps a column of a row that was never seen. */
export function nextImage(
  change: ChangeEvent,
  stream: string,
  image: RowImage | undefined,
): RowImage | undefined {
  const { origin } = change;
  // A tombstone has no source of its own: that of its delete stays.
  const isGoneAlready = change.row === null && image?.row === null;
  const source = change.source ?? (isGoneAlready ? image.source : undefined);
  const schema = change.schema ?? image?.schema;
  const position = {
    ...positionOf(change, stream, image),
    ...(schema !== undefined && { schema }),
    ...(source && { source }),
    ...(origin && { origin }),
  };
  if (change.table === 'orders') {
    const last = image?.table === 'orders' ? image.row : undefined;
    const row = change.row && { ...last, ...change.row };
    return row && !isOrderRow(row) ? undefined : { table: 'orders', row, ...position };
  }
  const last = image?.table === 'order_items' ? image.row : undefined;
  const row = change.row && { ...last, ...change.row };
  return row && !isItemRow(row) ? undefined : { table: 'order_items', row, ...position };
}

function positionOf({ key, offset }: UnreadRecord, stream: string, image: RowImage | undefined) {
  const earlier = image && withoutStream(positionsOf(image), stream);
  return { key, stream, offset, ...(earlier && earlier.size > 0 && { earlier }) };
}

function positionsOf({ stream, offset, earlier }: RowImage): Map<string, bigint> {
  return new Map(earlier).set(stream, offset);
}

function withoutStream(positions: Map<string, bigint>, stream: string): Map<string, bigint> {
  positions.delete(stream);
  return positions;
}

/**
 * One row of the images that several streams have of it, as after partitions were raised, under a new
 * epoch, in a renamed topic: the newest, which knows how far each stream was seen.
 */
export function newestOf(images: readonly RowImage[]): RowImage | undefined {
  if (images.length < 2) return images[0];
  const newest = images.reduce((best, image) => (isNewer(image, best) ? image : best));
  const seen = new Map<string, bigint>();
  for (const [stream, offset] of images.flatMap((image) => [...positionsOf(image)])) {
    const last = seen.get(stream);
    if (last === undefined || last < offset) seen.set(stream, offset);
  }
  const deleted = images.flatMap(({ row, source, stream }) => (row || !source ? [] : [stream]));
  return {
    ...newest,
    earlier: withoutStream(seen, newest.stream),
    ...(deleted.length > 0 && { deletedIn: new Set(deleted) }),
  };
}

/** One that knows the other's position is made from it; else their LSNs tell, else their time. */
function isNewer(image: RowImage, other: RowImage): boolean {
  if (wasSeen(other.offset, other.stream, image)) return true;
  if (wasSeen(image.offset, image.stream, other)) return false;
  const [isBefore, isAfter] = [
    isUpTo(image.source, other.source),
    isUpTo(other.source, image.source),
  ];
  return isBefore === isAfter ? image.stream > other.stream : isAfter;
}

function isOrderRow(row: Partial<OrderRow>): row is OrderRow {
  const { customer, amount, status, day } = row;
  return [customer, amount, status, day].every((value) => value !== undefined);
}

function isItemRow(row: Partial<ItemRow>): row is ItemRow {
  const { product, quantity, price } = row;
  return [product, quantity, price].every((value) => value !== undefined);
}
