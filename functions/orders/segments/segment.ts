// A segment as text and back: what one batch of one stream adds to the aggregates, in two lines of JSON,
// so that a stream's tail is known by the first alone. Pure.
//
//   {"to":"1234","at":…,"newest":…,"cut":[3,"1200"],"after":{"0:shop.public.orders:1":"77"}}
//   {"day":{"2025-01-15/paid":[2,0,"31.50"]},"customer":{"42":[1,0,"12.50"]},"product":{"7":[1,3,"45"]}}
import type { Step } from '../fold/fold.ts';
import type { Cut } from '../fold/image.ts';
import { type PackedSums, packSums, unpackSums } from '../fold/packed-sums.ts';
import { AGGREGATE_KINDS, SumsByName } from '../fold/sums.ts';

export interface SegmentHead {
  /** The last offset of the stream that is in this segment or one before. */
  readonly to: bigint;
  /** Epoch ms when it was written. */
  readonly atMs: number;
  /** Epoch ms of the newest record so far, by Kafka's timestamps. */
  readonly newestMs: number;
  /** The newest cut of the stream. */
  readonly cut?: Cut;
}

export interface Segment extends SegmentHead {
  readonly sums: SumsByName;
  /**
   * What it was made from, of rows that have moved from other streams: the last offset of each. What it
   * takes away was added there, so it is not merged before that is.
   */
  readonly after: ReadonlyMap<string, bigint>;
}

/** A rebuild's own stream: no topic, no rows. */
export const CORRECTIONS = '(rebuild):corrections:0';

/** DynamoDB takes items of 400 KB. */
export const SEGMENT_BYTES_MAX = 350_000;

export function packSegment(segment: Segment): string {
  const { to, atMs, newestMs, cut, after, sums } = segment;
  const head = {
    to: to.toString(),
    at: atMs,
    newest: newestMs,
    ...(cut && { cut: [cut.rebuild, cut.offset.toString()] }),
    ...(after.size > 0 && { after: Object.fromEntries(after) }),
  };
  const kinds = AGGREGATE_KINDS.map((kind) => [kind, packSums(sums.of(kind))]);
  return `${JSON.stringify(head, showInteger)}\n${JSON.stringify(Object.fromEntries(kinds))}`;
}

const showInteger = (_name: string, value: unknown) =>
  typeof value === 'bigint' ? value.toString() : value;

interface PackedHead {
  readonly to: string;
  readonly at: number;
  readonly newest: number;
  readonly cut?: readonly [number, string];
  readonly after?: Readonly<Record<string, string>>;
}

const parseHead = (text: string): PackedHead => JSON.parse(text.slice(0, text.indexOf('\n')));

export function unpackHead(text: string): SegmentHead {
  const head = parseHead(text);
  return {
    to: BigInt(head.to),
    atMs: head.at,
    newestMs: head.newest,
    ...(head.cut && { cut: { rebuild: head.cut[0], offset: BigInt(head.cut[1]) } }),
  };
}

export function unpackSegment(text: string): Segment {
  const kinds: Readonly<Record<string, PackedSums>> = JSON.parse(
    text.slice(text.indexOf('\n') + 1),
  );
  const sums = new SumsByName();
  for (const kind of AGGREGATE_KINDS) {
    for (const [name, sum] of unpackSums(kinds[kind])) sums.add(kind, name, sum);
  }
  const after = Object.entries(parseHead(text).after ?? {});
  return {
    ...unpackHead(text),
    after: new Map(after.map(([stream, offset]) => [stream, BigInt(offset)])),
    sums,
  };
}

/** The last offset of each stream that the steps were made from. */
export function sourcesOf(steps: readonly Step[]): Map<string, bigint> {
  const sources = new Map<string, bigint>();
  for (const { madeFrom } of steps) {
    if (!madeFrom || (sources.get(madeFrom.stream) ?? -1n) >= madeFrom.offset) continue;
    sources.set(madeFrom.stream, madeFrom.offset);
  }
  return sources;
}

export function sumSteps(steps: readonly Step[]): SumsByName {
  const sums = new SumsByName();
  for (const { contributions } of steps) {
    for (const { kind, name, sums: added } of contributions) sums.add(kind, name, added);
  }
  return sums;
}
