// Appends what a batch adds to the chain of its stream, once, whoever else appends to it meanwhile.
import type { Fold, Step } from '../fold/fold.ts';
import { REFUSED } from '../table/table-store.ts';
import {
  packSegment,
  SEGMENT_BYTES_MAX,
  type SegmentHead,
  sourcesOf,
  sumSteps,
} from './segment.ts';
import type { SegmentStore, Tail } from './segment-store.ts';

export interface Stretch {
  readonly lastOffset: bigint;
  readonly newestMs: number;
}

interface Ports {
  readonly segments: Pick<SegmentStore, 'tail' | 'append'>;
  readonly now: () => number;
  readonly segmentBytesMax?: number;
}

/**
 * Number = the tail's + 1, on condition that there is none: whoever is slower reads the tail again and drops
 * what that covers. Answers the tail under which all of it is there, with the newest cut of the stream.
 */
export async function appendSegments(
  { steps }: Pick<Fold, 'steps'>,
  stream: string,
  { lastOffset, newestMs }: Stretch,
  { segments, now, segmentBytesMax = SEGMENT_BYTES_MAX }: Ports,
): Promise<Tail> {
  let tail = await segments.tail(stream);
  for (;;) {
    const { number, to } = tail;
    const pending = steps.filter(({ offset }) => offset > to);
    if (pending.length === 0) return tail;
    const head = {
      atMs: now(),
      newestMs: Math.max(newestMs, tail.newestMs),
      ...(tail.cut && { cut: tail.cut }),
    };
    const part = largestPart(pending, lastOffset, head, segmentBytesMax);
    if ((await segments.append(stream, number + 1, part.text)) === REFUSED) {
      tail = await segments.tail(stream);
    } else {
      tail = { ...tail, ...head, number: number + 1, to: part.to };
    }
  }
}

/** What an item cannot hold is cut by offset, and follows in further segments. */
function largestPart(
  steps: readonly Step[],
  lastOffset: bigint,
  head: Omit<SegmentHead, 'to'>,
  bytesMax: number,
): { text: string; to: bigint } {
  const to = lastOffset;
  const text = packSegment({ ...head, to, after: sourcesOf(steps), sums: sumSteps(steps) });
  if (Buffer.byteLength(text) <= bytesMax || steps.length === 1) return { text, to };
  const half = steps.slice(0, Math.ceil(steps.length / 2));
  return largestPart(half, half.at(-1)?.offset ?? to, head, bytesMax);
}
