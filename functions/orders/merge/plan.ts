// The plan of a merge as text and back: which segments of each stream the base holds once it is done, and so
// the prefix of each stream that the reports of its epoch are of. Pure.
import { splitStream } from '../../kafka/stream.ts';

/** Segments of one stream, `from` not included. */
export interface Range {
  readonly from: number;
  readonly to: number;
  /** The last offset that the base holds then. */
  readonly offset: bigint;
  readonly newestMs: number;
}

export interface Pause {
  readonly rebuild: number;
  readonly untilMs: number;
}

export interface Plan {
  /** One more with each plan. */
  readonly epoch: number;
  readonly state: 'planned' | 'done';
  /** Epoch ms when it was made, later than the one before. */
  readonly atMs: number;
  readonly ranges: ReadonlyMap<string, Range>;
  /** While it lasts, only the rebuild itself makes plans. */
  readonly pause?: Pause;
  /** The newest rebuild's number. */
  readonly rebuilds: number;
}

export const NO_PLAN: Plan = {
  epoch: 0,
  state: 'done',
  atMs: 0,
  ranges: new Map(),
  rebuilds: 0,
};

interface PackedPlan extends Omit<Plan, 'ranges'> {
  /** Epoch and topic → partition → [from, to, offset, newest]. */
  readonly streams: Readonly<
    Record<string, Readonly<Record<string, readonly [number, number, string, number]>>>
  >;
}

export function packPlan({ ranges, ...plan }: Plan): string {
  const topics = Map.groupBy(ranges, ([stream]) => stream.slice(0, stream.lastIndexOf(':')));
  const streams = [...topics].map(([topic, of]) => [
    topic,
    Object.fromEntries(
      of.map(([stream, { from, to, offset, newestMs }]) => [
        splitStream(stream).partition,
        [from, to, offset.toString(), newestMs],
      ]),
    ),
  ]);
  return JSON.stringify({ ...plan, streams: Object.fromEntries(streams) });
}

export function unpackPlan(text: string): Plan {
  const { streams, ...plan }: PackedPlan = JSON.parse(text);
  const ranges = Object.entries(streams).flatMap(([topic, partitions]) =>
    Object.entries(partitions).map(([partition, [from, to, offset, newestMs]]) => {
      return [`${topic}:${partition}`, { from, to, offset: BigInt(offset), newestMs }] as const;
    }),
  );
  return { ...plan, ranges: new Map(ranges) };
}

export const isPaused = ({ pause }: Plan, nowMs: number): boolean =>
  pause !== undefined && pause.untilMs > nowMs;
