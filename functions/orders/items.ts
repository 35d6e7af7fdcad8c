// The items of the aggregates table: their keys, their attributes, and what each means. Names are
// short because every byte is paid for on every write. Pure.
//
//   pk                 sk             attributes
//   order#<id>         row            c a s d      customer, amount, status, day: the last row image
//   item#<id>          row            p q u        product, quantity, unit price: the last row image
//     both:                           z o l t      stream and offset; LSN and commit time (ms), if known
//                                     e            streams before, if any, with the last offset in each
//                                     y            its place, where that is another: a redriven record wrote it
//                                     r was        a rebuild, and the row as it was at its cut
//                                     gone ttl     a deleted row's tombstone, kept for a week
//   day#<shard>        <YYYY-MM-DD>   n a s:<…>    orders, their amount, orders by status
//   customer#<id>      sum            n a          orders, their amount
//   product#<id>       sum            n q a        items, their quantity, their revenue
//     both:                           rk           set while in the ranking index, whose sort key is `a`
//                                     x:<stream>   marks: [offset, +1 or -1] of crossings from or to n = 0
//   distinct#<kind>    <stream>       v            entities that came minus entities that went
//     all sums:                       w:<stream>   watermark: the last offset whose delta is in the sums
//                                     r<id>:<sum>  what of a sum came after the cut of a rebuild
//   floor#<kind>       floor          f since      see store/ranking-floor.ts
//   stream             <topic> <…>    b e          last offset of a batch that began, of one that ended
//                                     r k          a rebuild, and the offset of its cut: store/stream-cuts.ts
//   rebuild            rebuild        r until      the newest rebuild's number, and until when it has the table
//
// A stream is `<epoch>:<topic>:<partition>`: see kafka/stream.ts. A row's `<id>` is its key's text.

import type { RowKey } from './change.ts';

export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

/** What is ranked, and counted once each: customers by amount spent, products by revenue. */
export type EntityKind = 'customer' | 'product';
export const ENTITY_KINDS: readonly EntityKind[] = ['customer', 'product'];

/** Day items are spread by partition: one item takes no more than 1,000 writes a second. */
export const DAY_SHARDS = 4;
export const DAY_UNKNOWN = 'unknown';
export const STATUS_UNKNOWN = 'unknown';
export const STATUS_PREFIX = 's:';

/** A late twin of an invocation is long dead when a deleted row is forgotten. */
export const TOMBSTONE_DAYS = 8;

export const STREAMS = 'stream';
/** A rebuild writes its corrections as a stream of its own, each at the rebuild's number. */
export const REBUILD_STREAM = 'rebuild';

const ENTITY_SORT_KEY = 'sum';
const IMAGE_SORT_KEY = 'row';
const FLOOR_SORT_KEY = 'floor';

export const itemKeys = {
  order: ({ text }: RowKey): ItemKey => ({ pk: `order#${text}`, sk: IMAGE_SORT_KEY }),
  orderItem: ({ text }: RowKey): ItemKey => ({ pk: `item#${text}`, sk: IMAGE_SORT_KEY }),
  day: (day: string, partition: number): ItemKey => ({
    pk: `day#${partition % DAY_SHARDS}`,
    sk: day,
  }),
  entity: (kind: EntityKind, id: bigint): ItemKey => ({
    pk: `${kind}#${id}`,
    sk: ENTITY_SORT_KEY,
  }),
  distinct: (kind: EntityKind, stream: string): ItemKey => ({ pk: `distinct#${kind}`, sk: stream }),
  floor: (kind: EntityKind): ItemKey => ({ pk: `floor#${kind}`, sk: FLOOR_SORT_KEY }),
  /** Streams of two topics may have the same name: each feeds items of its own. */
  stream: (topic: string, stream: string): ItemKey => ({ pk: STREAMS, sk: `${topic} ${stream}` }),
  rebuild: { pk: 'rebuild', sk: 'rebuild' },
};

export const watermarkAttribute = (stream: string): string => `w:${stream}`;
export const marksAttribute = (stream: string): string => `x:${stream}`;
export const afterCutAttribute = (rebuild: bigint, sum: string): string => `r${rebuild}:${sum}`;
/** Among the sums after a cut: entities that came minus entities that went. */
export const CROSSINGS = 'x';
