// A segment as text and back: what one batch of one stream adds to the aggregates, in two lines of JSON,
// so that a stream's tail is known by the first alone. Pure.
//
//   {"to":"1234","at":…,"newest":…,"cut":[3,"1200"]}
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
}

/** A rebuild's own stream: no topic, no rows. */
export const CORRECTIONS = '(rebuild):corrections:0';

/** DynamoDB takes items of 400 KB. */
export const SEGMENT_BYTES_MAX = 350_000;

export function packSegment(segment: Segment): string {
  const { to, atMs, newestMs, cut, sums } = segment;
  const head = {
    to: to.toString(),
    at: atMs,
    newest: newestMs,
    ...(cut && { cut: [cut.rebuild, cut.offset.toString()] }),
  };
  const kinds = AGGREGATE_KINDS.map((kind) => [kind, packSums(sums.of(kind))]);
  return `${JSON.stringify(head)}\n${JSON.stringify(Object.fromEntries(kinds))}`;
}

export function unpackHead(text: string): SegmentHead {
  const head: { to: string; at: number; newest: number; cut?: [number, string] } = JSON.parse(
    text.slice(0, text.indexOf('\n')),
  );
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
  return { ...unpackHead(text), sums };
}

export function sumSteps(steps: readonly Step[]): SumsByName {
  const sums = new SumsByName();
  for (const { contributions } of steps) {
    for (const { kind, name, sums: added } of contributions) sums.add(kind, name, added);
  }
  return sums;
}
