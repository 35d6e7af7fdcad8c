// Row images as items and back. Pure.
import type { Decimal } from '../decimal.ts';
import type { RowImage, StreamOffsets } from '../image.ts';
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
    ...(image.earlier && { y: text(showOffsets(image.earlier)) }),
    ...(image.source && {
      l: number(image.source.lsn),
      t: number(image.source.committedAtMs),
    }),
    ...(image.row ? rowToItem(image) : gone(nowMs)),
  };
}

/**
 * The image in the table must be an older one of the same stream, or the very one that this was made from.
 * Of a row that has moved to another stream (partitions raised, a new epoch), a late twin would otherwise
 * bring the old image back.
 */
export function isOlderThan(
  { stream, offset }: RowImage,
  stored: RowImage | undefined,
): Conditions {
  const absent: Comparison = { attribute: 'z', is: 'absent' };
  const isOfStream: Comparison = { attribute: 'z', is: '=', value: text(stream) };
  const isOlder: Comparison[] = [
    absent,
    { attribute: 'z', is: '<>', value: text(stream) },
    { attribute: 'o', is: '<', value: number(offset) },
  ];
  if (!stored || stored.stream === stream) return [[absent, isOfStream], isOlder];
  return [
    [absent, isOfStream, { attribute: 'z', is: '=', value: text(stored.stream) }],
    [absent, isOfStream, { attribute: 'o', is: '=', value: number(stored.offset) }],
    isOlder,
  ];
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
  const earlier = readOffsets(readText(item, 'y'));
  const position = {
    ...{ id: BigInt(idText), stream, offset },
    ...(source && { source }),
    ...(earlier && { earlier }),
  };
  const isGone = item.gone !== undefined;
  if (kind === 'order') {
    return { table: 'orders', row: isGone ? null : toOrderRow(item), ...position };
  }
  if (kind === 'item') {
    return { table: 'order_items', row: isGone ? null : toItemRow(item), ...position };
  }
  return undefined;
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
