// The documents of the aggregates table, by key. Each is written whole, on condition that it is as it was
// read; `d` is its text. Pure.
//
//   pk                     sk            holds
//   form                   form          form of the table, span of its pages: form-store.ts
//   stream                 <stream>      which table's rows the stream brings: segments/segment-store.ts
//   <table>#<page>         <stream>      row images of one stream: pages/page.ts
//   text#<shard>           <hash>        a long text of row images: pages/text-store.ts
//   segment#<stream>       <number>      a batch's partial aggregates: segments/segment.ts
//                          ended         the last offset whose images are written
//   day#<shard>            <day>/<status>    orders and their amount: merge/base.ts
//   customer#<shard>       <page>        neighbouring customers: merge/base.ts
//   product#<shard>        <page>        neighbouring products
//   merge                  plan          the newest plan, and who pauses it: merge/plan.ts
//                          counters      entities that are there: merge/counters.ts
//                          customer      the best customers: merge/ranking.ts
//                          product       the best products
//
// A stream is `<epoch>:<topic>:<partition>`.
import { hash } from 'node:crypto';
import type { AggregateKind, EntityKind } from '../fold/sums.ts';

export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

/** A late twin of an invocation is long dead when a deleted row, or an empty sum, is forgotten. */
export const TOMBSTONE_DAYS = 8;
export const TOMBSTONE_SECONDS = TOMBSTONE_DAYS * 24 * 60 * 60;

/** The base is spread: one partition key takes no more than 1,000 writes a second. */
const SHARDS = 16;
const NUMBER_DIGITS = 12;
/** Behind every number. */
export const ENDED = 'ended';

export const itemKeys = {
  form: { pk: 'form', sk: 'form' },
  streams: 'stream',
  stream: (stream: string): ItemKey => ({ pk: 'stream', sk: stream }),
  text: (hash: string): ItemKey => ({ pk: `text#${shardOf(hash)}`, sk: hash }),
  chain: (stream: string): string => `segment#${stream}`,
  segment: (stream: string, number: number): ItemKey => ({
    pk: `segment#${stream}`,
    sk: segmentSortKey(number),
  }),
  ended: (stream: string): ItemKey => ({ pk: `segment#${stream}`, sk: ENDED }),
  base: (kind: AggregateKind, name: string): ItemKey => ({
    pk: `${kind}#${shardOf(name)}`,
    sk: name,
  }),
  baseShards: (kind: AggregateKind): string[] =>
    Array.from({ length: SHARDS }, (_, shard) => `${kind}#${shard}`),
  plan: { pk: 'merge', sk: 'plan' },
  counters: { pk: 'merge', sk: 'counters' },
  ranking: (kind: EntityKind): ItemKey => ({ pk: 'merge', sk: kind }),
};

export const segmentSortKey = (number: number): string =>
  number.toString().padStart(NUMBER_DIGITS, '0');

function shardOf(name: string): number {
  return hash('md5', name, 'buffer').readUInt8(0) % SHARDS;
}
