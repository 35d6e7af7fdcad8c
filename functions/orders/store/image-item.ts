// Row images as items and back. Pure.
import type { Origin, RowKey } from '../change.ts';
import type { Decimal } from '../decimal.ts';
import { imageAtCut, type RowImage, type StreamOffsets } from '../image.ts';
import { itemKeys, TOMBSTONE_DAYS } from '../items.ts';
import { readDecimal, readInteger } from './sum-update.ts';
import { type Attribute, type Conditions, type Item, number, text } from './update-request.ts';

const SECONDS_PER_DAY = 24 * 60 * 60;

export function imageKey(image: Pick<RowImage, 'table' | 'key'>) {
  return image.table === 'orders' ? itemKeys.order(image.key) : itemKeys.orderItem(image.key);
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

/** The table holds this very image of the row, or none. */
export function isStill(image: RowImage | undefined): Conditions {
  if (!image) return [{ attribute: 'z', is: 'absent' }];
  return [
    { attribute: 'z', is: '=', value: text(image.stream) },
    { attribute: 'o', is: '=', value: number(image.offset) },
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
  const [, kind, keyText] = /^(order|item)#(.+)$/s.exec(readText(item, 'pk') ?? '') ?? [];
  const [stream, offset] = [readText(item, 'z'), readInteger(item, 'o')];
  if (!keyText || stream === null || offset === undefined) return undefined;
  const [lsn, committedAtMs] = [readInteger(item, 'l'), readInteger(item, 't')];
  const source = lsn !== undefined && committedAtMs !== undefined && { lsn, committedAtMs };
  const origin = readOrigin(item);
  const earlier = readOffsets(readText(item, 'e'));
  const position = {
    ...{ key: toKey(keyText), stream, offset },
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

function toKey(keyText: string): RowKey {
  return { text: keyText, id: /^-?\d+$/.test(keyText) ? BigInt(keyText) : null };
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
