// A page of row images as text and back: the images of neighbouring rows as one stream brought them. Made
// to be small: ids, offsets, LSNs and times stand as differences from the page's first, texts by number. Pure.
//
//   { "at": [id, offset, lsn, ms],  what the rows' numbers are added to
//     "texts": ["paid", "2025-01-15", …],  statuses, days, schemas
//     "apart": ["<hash>", …],       long ones, which are items of their own, numbered -1, -2, …
//     "full": true,                 takes no further rows: pages/place.ts
//     "rows": [[key, offset, schema, lsn, ms, columns, rest], …] }
//
//   key      a number: the id; else the key's text and, where it has one, its first integer
//   columns  orders: [customer, amount, status, day]; order_items: [product, quantity, price]; a number of
//            seconds, when the row was found deleted
//   rest     { e: earlier offsets by stream, y: [stream, offset] of its origin, b: 1 behind a delete,
//              c: [rebuild, the row's entry as it was at the cut, or null] }
import { createHash } from 'node:crypto';
import { Decimal } from '../decimal.ts';
import type { RowKey, TableName } from '../fold/change.ts';
import type { RowImage } from '../fold/image.ts';
import { type PackedInteger, packInteger, unpackInteger } from '../table/packed.ts';

/** An image as a page keeps it. */
export interface KeptImage {
  readonly image: RowImage;
  /** The row as it was at a rebuild's cut, when a change after it was the first to write. */
  readonly atCut?: { readonly rebuild: number; readonly image: RowImage | undefined };
  /** Epoch seconds when the row was last said to be gone. */
  readonly goneSince?: number;
}

export interface Page {
  readonly isFull: boolean;
  readonly kept: readonly KeptImage[];
}

type Maybe<T> = T | null;
type PackedKey = PackedInteger | [text: string, id: Maybe<PackedInteger>];
type PackedRow = [
  key: PackedKey,
  offset: PackedInteger,
  schema: Maybe<number>,
  lsn: Maybe<PackedInteger>,
  ms: Maybe<PackedInteger>,
  columns: number | Maybe<PackedInteger | string>[],
  rest?: PackedRest,
];
interface PackedRest {
  readonly e?: Readonly<Record<string, string>>;
  readonly y?: readonly [string, string];
  readonly b?: 1;
  readonly c?: readonly [number, PackedRow | null];
}
type Base = readonly [bigint, bigint, bigint, bigint];
interface PackedPage {
  readonly at: readonly string[];
  readonly texts: readonly string[];
  readonly apart?: readonly string[];
  readonly full?: true;
  readonly rows: readonly PackedRow[];
}

/** A long text by its hash. */
export type TextOf = (hash: string) => string;

/** 256 rows, each with two versions, have to fit into DynamoDB's 400 KB. */
const TEXT_BYTES_MAX = 128;

function isLong(text: string): boolean {
  return (
    text.length * 6 > TEXT_BYTES_MAX && Buffer.byteLength(JSON.stringify(text)) > TEXT_BYTES_MAX
  );
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

/** The texts that stand apart, by their hashes. */
export function longTextsOf(kept: readonly KeptImage[]): Map<string, string> {
  const images = kept.flatMap(({ image, atCut }) => [
    image,
    ...(atCut?.image ? [atCut.image] : []),
  ]);
  const texts = new Set(
    images.flatMap(({ schema, table, row }) => [
      schema,
      ...(row && table === 'orders' ? [row.status, row.day] : []),
    ]),
  );
  return new Map(
    [...texts].flatMap((text) => (text != null && isLong(text) ? [[hashOf(text), text]] : [])),
  );
}

/** The hashes of the texts that the page is read with. */
export function hashesIn(pageText: string): readonly string[] {
  if (!pageText.includes('"apart":')) return [];
  const { apart = [] }: PackedPage = JSON.parse(pageText);
  return apart;
}

/** Its texts, each once, by the number that rows know it by. */
class Texts {
  readonly near: string[] = [];
  readonly apart: string[] = [];
  readonly #numbers = new Map<string, number>();

  numberOf(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const number = isLong(text) ? -this.apart.push(hashOf(text)) : this.near.push(text) - 1;
    this.#numbers.set(text, number);
    return number;
  }
}

export function packPage({ kept, isFull }: Page): string {
  const images = kept.map(({ image }) => image);
  const at: Base = [
    images.find(({ key }) => key.id !== null)?.key.id ?? 0n,
    images[0]?.offset ?? 0n,
    images.find(({ source }) => source)?.source?.lsn ?? 0n,
    images.find(({ source }) => source)?.source?.committedAtMs ?? 0n,
  ];
  const texts = new Texts();
  const rows = kept.map((row) => packRow(row, at, texts));
  const page: PackedPage = {
    at: at.map(String),
    texts: texts.near,
    ...(texts.apart.length > 0 && { apart: texts.apart }),
    ...(isFull && { full: true as const }),
    rows,
  };
  return JSON.stringify(page);
}

function packRow(kept: KeptImage, at: Base, texts: Texts): PackedRow {
  const { image } = kept;
  const { key, offset, source, schema } = image;
  const rest = packRest(kept, at, texts);
  return [
    packKey(key, at[0]),
    packInteger(offset - at[1]),
    schema === undefined ? null : texts.numberOf(schema),
    source ? packInteger(source.lsn - at[2]) : null,
    source ? packInteger(source.committedAtMs - at[3]) : null,
    packColumns(kept, texts),
    ...(rest ? ([rest] as const) : ([] as const)),
  ];
}

function packKey({ text, id }: RowKey, base: bigint): PackedKey {
  if (id !== null && text === id.toString()) return packInteger(id - base);
  return [text, id === null ? null : packInteger(id - base)];
}

function packColumns({ image, goneSince = 0 }: KeptImage, texts: Texts) {
  if (!image.row) return goneSince;
  if (image.table === 'orders') {
    const { customer, amount, status, day } = image.row;
    return [
      customer === null ? null : packInteger(customer),
      amount?.toText() ?? null,
      status === null ? null : texts.numberOf(status),
      day === null ? null : texts.numberOf(day),
    ];
  }
  const { product, quantity, price } = image.row;
  return [
    product === null ? null : packInteger(product),
    quantity === null ? null : packInteger(quantity),
    price?.toText() ?? null,
  ];
}

function packRest({ image, atCut }: KeptImage, at: Base, texts: Texts) {
  const { earlier, origin, isBehindDelete } = image;
  if (!earlier && !origin && !isBehindDelete && !atCut) return undefined;
  const offsets = earlier && [...earlier].map(([stream, offset]) => [stream, `${offset}`]);
  const was = atCut?.image && packRow({ image: atCut.image }, at, texts);
  const rest: PackedRest = {
    ...(offsets && { e: Object.fromEntries(offsets) }),
    ...(origin && { y: [origin.stream, `${origin.offset}`] as const }),
    ...(isBehindDelete && { b: 1 as const }),
    ...(atCut && { c: [atCut.rebuild, was ?? null] as const }),
  };
  return rest;
}

export function unpackPage(table: TableName, stream: string, text: string, textOf: TextOf): Page {
  const { at, texts, apart = [], full, rows } = JSON.parse(text) as PackedPage;
  const [id = 0n, offset = 0n, lsn = 0n, ms = 0n] = at.map(BigInt);
  const long = apart.map(textOf);
  const textAt = (number: number) => (number < 0 ? long[-1 - number] : texts[number]);
  const unpack = makeUnpack(table, stream, [id, offset, lsn, ms], textAt);
  return { isFull: full === true, kept: rows.map(unpack) };
}

function makeUnpack(
  table: TableName,
  stream: string,
  at: Base,
  textOfNumber: (number: number) => string | undefined,
) {
  const textAt = (number: Maybe<PackedInteger | string> | undefined) =>
    number == null ? null : (textOfNumber(Number(number)) ?? null);

  function toImage(row: PackedRow): RowImage {
    const [key, offset, schema, lsn, ms, columns, rest] = row;
    const position = {
      key: unpackKey(key, at[0]),
      stream,
      offset: unpackInteger(offset) + at[1],
      ...(schema !== null && { schema: textAt(schema) ?? '' }),
      ...(lsn !== null &&
        ms !== null && {
          source: { lsn: unpackInteger(lsn) + at[2], committedAtMs: unpackInteger(ms) + at[3] },
        }),
      ...unpackRest(rest),
    };
    if (typeof columns === 'number') return { table, row: null, ...position };
    const [first = null, second = null, third = null, fourth = null] = columns;
    if (table === 'order_items') {
      const row = {
        product: toInteger(first),
        quantity: toInteger(second),
        price: toDecimal(third),
      };
      return { table, row, ...position };
    }
    const status = textAt(third);
    const day = textAt(fourth);
    return {
      table,
      row: { customer: toInteger(first), amount: toDecimal(second), status, day },
      ...position,
    };
  }

  return (row: PackedRow): KeptImage => {
    const [, , , , , columns, rest] = row;
    const [rebuild, was] = rest?.c ?? [];
    return {
      image: toImage(row),
      ...(typeof columns === 'number' && { goneSince: columns }),
      ...(rebuild !== undefined && {
        atCut: { rebuild, image: was ? toImage(was) : undefined },
      }),
    };
  };
}

function unpackKey(key: PackedKey, base: bigint): RowKey {
  if (Array.isArray(key)) {
    const [text, id] = key;
    return { text, id: id === null ? null : unpackInteger(id) + base };
  }
  const id = unpackInteger(key) + base;
  return { text: id.toString(), id };
}

function unpackRest(rest: PackedRest | undefined) {
  if (!rest) return {};
  const { e, y, b } = rest;
  return {
    ...(e && {
      earlier: new Map(Object.entries(e).map(([stream, offset]) => [stream, BigInt(offset)])),
    }),
    ...(y && { origin: { stream: y[0], offset: BigInt(y[1]) } }),
    ...(b && { isBehindDelete: true as const }),
  };
}

function toInteger(value: Maybe<PackedInteger | string>): bigint | null {
  return value === null ? null : unpackInteger(value);
}

function toDecimal(value: Maybe<PackedInteger | string>): Decimal | null {
  return value === null ? null : Decimal.of(String(value));
}
