// The items of the aggregates table: their keys, their attributes, and what each means. Names are
// short because every byte is paid for on every write. Pure.
//
//   pk                 sk             attributes
//   order#<id>         row            c a s d      customer, amount, status, day: the last row image
//   item#<id>          row            p q u        product, quantity, unit price: the last row image
//     both:                           z o l t      stream and offset; LSN and commit time (ms), if known
//                                     y            streams before, if any, with the last offset in each
//                                     gone ttl     a deleted row's tombstone, kept for a week
//   day#<shard>        <YYYY-MM-DD>   n a s:<…>    orders, their amount, orders by status
//   customer#<id>      sum            n a          orders, their amount
//   product#<id>       sum            n q a        items, their quantity, their revenue
//     both:                           rk           set while in the ranking index, whose sort key is `a`
//                                     x:<stream>   marks: [offset, +1 or -1] of crossings from or to n = 0
//   distinct#<kind>    <stream>       v            entities that came minus entities that went
//     all sums:                       w:<stream>   watermark: the last offset whose delta is in the sums
//   floor#<kind>       floor          f since      see store/ranking-floor.ts
//
// A stream is `<epoch>:<partition>`: one partition of the topic that feeds the item, as long as the
// topic is the same one.

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

const ENTITY_SORT_KEY = 'sum';
const IMAGE_SORT_KEY = 'row';
const FLOOR_SORT_KEY = 'floor';

export const itemKeys = {
  order: (id: bigint): ItemKey => ({ pk: `order#${id}`, sk: IMAGE_SORT_KEY }),
  orderItem: (id: bigint): ItemKey => ({ pk: `item#${id}`, sk: IMAGE_SORT_KEY }),
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
};

export function streamName(epoch: string, partition: number): string {
  return `${epoch}:${partition}`;
}

export const watermarkAttribute = (stream: string): string => `w:${stream}`;
export const marksAttribute = (stream: string): string => `x:${stream}`;
