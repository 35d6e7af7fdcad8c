// The chains of segments, one a stream: numbered from 1, each appended on condition that it is not there.
import type { TableName } from '../fold/change.ts';
import { ENDED, itemKeys, segmentSortKey } from '../table/items.ts';
import { REFUSED, type Stored, type Table } from '../table/table-store.ts';
import { type Segment, type SegmentHead, unpackHead, unpackSegment } from './segment.ts';

export type StreamTable = TableName | 'none';

/** A stream of nothing yet. */
const BEFORE_ALL: SegmentHead = { to: -1n, atMs: 0, newestMs: 0 };

export interface Tail extends SegmentHead {
  /** Of the newest segment; 0 when there is none. */
  readonly number: number;
  /** The last offset whose images are written, -1 when none is. */
  readonly ended: bigint;
  readonly seenEnded: Stored | undefined;
}

export interface NumberedSegment {
  readonly number: number;
  readonly bytes: number;
  readonly segment: Segment;
}

export interface SegmentStore {
  /** Every stream that ever brought rows, with their table. */
  streams(): Promise<Map<string, StreamTable>>;
  register(stream: string, table: StreamTable): Promise<void>;
  tail(stream: string): Promise<Tail>;
  append(stream: string, number: number, text: string): Promise<'written' | typeof REFUSED>;
  /** Notes that the images up to there are written; it never goes back. */
  end(stream: string, offset: bigint, tail: Pick<Tail, 'seenEnded'>): Promise<void>;
  /** By ascending number, from one on. */
  readFrom(stream: string, from: number, to?: number): AsyncIterable<NumberedSegment>;
}

export function makeSegmentStore(table: Table): SegmentStore {
  async function end(
    stream: string,
    offset: bigint,
    { seenEnded }: Pick<Tail, 'seenEnded'>,
  ): Promise<void> {
    const key = itemKeys.ended(stream);
    for (let seen = seenEnded; ; seen = await table.get(key)) {
      if (seen && BigInt(seen.text) >= offset) return;
      const written = await table.put({ key, text: offset.toString(), seen });
      if (written !== REFUSED) return;
    }
  }

  return {
    async streams() {
      const streams = new Map<string, StreamTable>();
      for await (const { key, text } of table.query(itemKeys.streams)) {
        streams.set(key.sk, JSON.parse(text));
      }
      return streams;
    },
    async register(stream, name) {
      const text = JSON.stringify(name);
      await table.put({ key: itemKeys.stream(stream), text, seen: undefined });
    },
    async tail(stream) {
      // The newest segment stands right before `ended`.
      const options = { order: 'descending', limit: 2 } as const;
      const last = await Array.fromAsync(table.query(itemKeys.chain(stream), options));
      const ended = last.find(({ key }) => key.sk === ENDED);
      const newest = last.find(({ key }) => key.sk !== ENDED);
      return {
        ...(newest ? unpackHead(newest.text) : BEFORE_ALL),
        number: newest ? Number(newest.key.sk) : 0,
        ended: ended ? BigInt(ended.text) : -1n,
        seenEnded: ended,
      };
    },
    append: (stream, number, text) =>
      table.put({ key: itemKeys.segment(stream, number), text, seen: undefined }),
    end,
    async *readFrom(stream, from, to) {
      const bounds = {
        from: segmentSortKey(from),
        to: to === undefined ? '9' : segmentSortKey(to),
      };
      for await (const stored of table.query(itemKeys.chain(stream), bounds)) {
        yield toNumbered(stored);
      }
    },
  };
}

function toNumbered({ key, text }: Stored): NumberedSegment {
  return { number: Number(key.sk), bytes: text.length, segment: unpackSegment(text) };
}
