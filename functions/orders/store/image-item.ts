// Row images as items and back. Pure.
import type { Origin } from '../change.ts';
import type { Decimal } from '../decimal.ts';
import type { ImageStep } from '../fold.ts';
import { imageAtCut, type RowImage, type StreamOffsets } from '../image.ts';
import { itemKeys, TOMBSTONE_DAYS } from '../items.ts';
import { readDecimal, readInteger } from './sum-update.ts';
import {
  type Attribute,
  type Comparison,
  type Conditions,
  type Item,
  number,
  text,
} from './update-request.ts';

const SECONDS_PER_DAY = 24 * 60 * 60;
/** No item is without its partition key. */
const NEVER: Comparison = { attribute: 'pk', is: 'absent' };

export function imageKey(image: Pick<RowImage, 'table' | 'id'>) {
  return image.table === 'orders' ? itemKeys.order(image.id) : itemKeys.orderItem(image.id);
}

export function imageToItem(image: RowImage, nowMs: number): Item {
  const { pk, sk } = imageKey(image);
  return {
    pk: text(pk),
    sk: text(sk),
    z: text(image.stream),
    o: number(image.offset),
    ...(image.earlier && { e: text(showOffsets(image.earlier)) }),
    ...(image.source && {
      l: number(image.source.lsn),
      t: number(image.source.committedAtMs),
    }),
    ...(image.origin && { y: text(`${image.origin.stream}/${image.origin.offset}`) }),
    ...(image.row ? rowToItem(image) : gone(nowMs)),
    ...atCutToItem(image),
  };
}

function atCutToItem(image: RowImage): Item {
  if (!image.atCut) return {};
  const { rebuild } = image.atCut;
  const was = imageAtCut(image, rebuild);
  return { r: number(rebuild), was: text(JSON.stringify(was.row && rowToItem(was))) };
}

/**
 * The image in the table must be an older one of the same stream, or the very one that this was made from.
 * Of a row that has moved to another stream (partitions raised, a new epoch), a late twin would otherwise
 * bring the old image back. Where two partitions write one row at once, as it is when partitions were
 * raised with lag, the later LSN stays: in either stream, and over an image of the other.
 */
export function isOlderThan({ image, stored, isByLsn }: ImageStep): Conditions {
  const { stream, offset, source } = image;
  const absent: Comparison = { attribute: 'z', is: 'absent' };
  const isOfStream: Comparison = { attribute: 'z', is: '=', value: text(stream) };
  const isOfOther: Comparison = { attribute: 'z', is: '<>', value: text(stream) };
  const isBefore: Comparison = { attribute: 'o', is: '<', value: number(offset) };
  const isTheStored: Comparison[] = stored
    ? [
        { attribute: 'z', is: '=', value: text(stored.stream) },
        { attribute: 'o', is: '=', value: number(stored.offset) },
      ]
    : [NEVER];
  const isOlder: Comparison[] = [absent, isOfOther, isBefore];
  if (!source) return [isOlder, ...isTheStored.map((one) => [absent, isOfStream, one])];
  const hasLsnUpToThis: Comparison = { attribute: 'l', is: '<', value: number(source.lsn + 1n) };
  const isCommittedUpToThis: Comparison = {
    attribute: 't',
    is: '<',
    value: number(source.committedAtMs + 1n),
  };
  const isKnownEarlier = [hasLsnUpToThis, isCommittedUpToThis];
  const groups = isTheStored.flatMap((one) =>
    isKnownEarlier.map((other) => [absent, isOfStream, one, other]),
  );
  if (!isByLsn) return [isOlder, ...groups];
  const hasNoLsn: Comparison = { attribute: 'l', is: 'absent' };
  return [isOlder, ...groups, ...isTheStored.map((one) => [hasNoLsn, one, ...isKnownEarlier])];
}

/** `0:1@17 0:2@4` */
function showOffsets(offsets: StreamOffsets): string {
  return [...offsets].map(([stream, offset]) => `${stream}@${offset}`).join(' ');
}

function readOffsets(shown: string | null): StreamOffsets | undefined {
  if (shown === null) return undefined;
  return new Map(
    shown.split(' ').map((one) => {
      const [stream = '', offset = ''] = one.split('@');
      return [stream, BigInt(offset)];
    }),
  );
}

function gone(nowMs: number): Item {
  const ttl = Math.floor(nowMs / 1000) + TOMBSTONE_DAYS * SECONDS_PER_DAY;
  return { gone: { BOOL: true }, ttl: number(ttl) };
}

/** A NULL column is an absent attribute. */
function rowToItem(image: RowImage): Item {
  if (!image.row) return {};
  const attributes: [string, Attribute | null][] =
    image.table === 'orders'
      ? [
          ['c', image.row.customer === null ? null : number(image.row.customer)],
          ['a', image.row.amount && number(image.row.amount)],
          ['s', image.row.status === null ? null : text(image.row.status)],
          ['d', image.row.day === null ? null : text(image.row.day)],
        ]
      : [
          ['p', image.row.product === null ? null : number(image.row.product)],
          ['q', image.row.quantity === null ? null : number(image.row.quantity)],
          ['u', image.row.price && number(image.row.price)],
        ];
  return Object.fromEntries(
    attributes.filter((entry): entry is [string, Attribute] => entry[1] !== null),
  );
}

/** `undefined` for an item that is no row image. */
export function itemToImage(item: Item): RowImage | undefined {
  const [kind, idText] = readText(item, 'pk')?.split('#') ?? [];
  const [stream, offset] = [readText(item, 'z'), readInteger(item, 'o')];
  if (!idText || stream === null || offset === undefined) return undefined;
  const [lsn, committedAtMs] = [readInteger(item, 'l'), readInteger(item, 't')];
  const source = lsn !== undefined && committedAtMs !== undefined && { lsn, committedAtMs };
  const origin = readOrigin(item);
  const earlier = readOffsets(readText(item, 'e'));
  const position = {
    ...{ id: BigInt(idText), stream, offset },
    ...(earlier && { earlier }),
    ...(source && { source }),
    ...(origin && { origin }),
  };
  const isGone = item.gone !== undefined;
  if (kind === 'order') {
    const row = isGone ? null : toOrderRow(item);
    return { table: 'orders', row, ...position, ...readAtCut(item, toOrderRow) };
  }
  if (kind === 'item') {
    const row = isGone ? null : toItemRow(item);
    return { table: 'order_items', row, ...position, ...readAtCut(item, toItemRow) };
  }
  return undefined;
}

function readOrigin(item: Item): Origin | undefined {
  const [stream, offset] = readText(item, 'y')?.split('/') ?? [];
  return stream !== undefined && offset !== undefined
    ? { stream, offset: BigInt(offset) }
    : undefined;
}

function readAtCut<Row>(item: Item, toRow: (item: Item) => Row) {
  const [rebuild, was] = [readInteger(item, 'r'), readText(item, 'was')];
  if (rebuild === undefined || was === null) return {};
  const wasItem: Item | null = JSON.parse(was);
  return { atCut: { rebuild, row: wasItem && toRow(wasItem) } };
}

function toOrderRow(item: Item) {
  return {
    customer: readInteger(item, 'c') ?? null,
    amount: readOptionalDecimal(item, 'a'),
    status: readText(item, 's'),
    day: readText(item, 'd'),
  };
}

function toItemRow(item: Item) {
  return {
    product: readInteger(item, 'p') ?? null,
    quantity: readInteger(item, 'q') ?? null,
    price: readOptionalDecimal(item, 'u'),
  };
}

function readOptionalDecimal(item: Item, attribute: string): Decimal | null {
  return item[attribute] ? readDecimal(item, attribute) : null;
}

function readText(item: Item, attribute: string): string | null {
  const value = item[attribute];
  return value && 'S' in value ? value.S : null;
}
