// One partition of a local topic: an append-only log in segment files, each named by the offset of
// its first record. A segment that is consumed is deleted, so the log is as long as its backlog.
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { join } from 'node:path';
import { explainFileError, UserError } from '../shared/user-error.ts';
import { readCaptureLine } from './capture-line.ts';
import { type StreamRecord, toCaptureLine } from './record.ts';

const SEGMENT_RECORDS = 256;
const LINE_FEED = 0x0a;

export type NewRecord = Omit<StreamRecord, 'topic' | 'partition' | 'offset'>;

interface Segment {
  readonly firstOffset: bigint;
  /** The offset after its last record. */
  nextOffset: bigint;
}

export class PartitionLog {
  readonly topic: string;
  readonly partition: number;
  readonly #folder: string;
  readonly #segments: Segment[];

  /** @param committed where its reader stands: a log whose files are gone goes on from there. */
  constructor(topicsFolder: string, topic: string, partition: number, committed: bigint) {
    this.topic = topic;
    this.partition = partition;
    this.#folder = join(topicsFolder, `${topic}-${partition}`);
    this.#segments = this.#onDisk(() => this.#openSegments());
    if (this.nextOffset < committed) {
      this.#segments.push({ firstOffset: committed, nextOffset: committed });
    }
  }

  get nextOffset(): bigint {
    return this.#segments.at(-1)?.nextOffset ?? 0n;
  }

  append(records: readonly NewRecord[]): void {
    const last = this.#segments.at(-1);
    const full = !last || last.nextOffset - last.firstOffset >= SEGMENT_RECORDS;
    const offset = this.nextOffset;
    const segment = full ? { firstOffset: offset, nextOffset: offset } : last;
    const { topic, partition } = this;
    const lines = records.map((record, index) =>
      toCaptureLine({ topic, partition, offset: offset + BigInt(index), ...record }),
    );
    this.#onDisk(() => appendWhole(this.#path(segment), lines.map((line) => `${line}\n`).join('')));
    if (full) this.#segments.push(segment);
    segment.nextOffset += BigInt(records.length);
  }

  read(from: bigint, recordsMax: number): StreamRecord[] {
    const records: StreamRecord[] = [];
    for (const segment of this.#segments) {
      if (segment.nextOffset <= from) continue;
      if (records.length >= recordsMax) break;
      records.push(...this.#readSegment(segment).filter((record) => record.offset >= from));
    }
    return records.slice(0, recordsMax);
  }

  /** Deletes the segments that hold nothing from `offset` on; the last one stays, for its name. */
  dropBefore(offset: bigint): void {
    while (this.#segments.length > 1 && (this.#segments[0]?.nextOffset ?? offset) <= offset) {
      const segment = this.#segments.shift();
      if (segment) this.#onDisk(() => rmSync(this.#path(segment), { force: true }));
    }
  }

  #openSegments(): Segment[] {
    mkdirSync(this.#folder, { recursive: true });
    const offsets = readdirSync(this.#folder)
      .filter((name) => /^\d+\.ndjson$/.test(name))
      .map((name) => BigInt(name.slice(0, -'.ndjson'.length)))
      .sort((a, b) => (a < b ? -1 : 1));
    return offsets.map((firstOffset, index) => {
      const next = offsets[index + 1];
      return { firstOffset, nextOffset: next ?? this.#repairTail(firstOffset) };
    });
  }

  /** A kill may leave half a line at the end of the last segment: nobody has read it, drop it. */
  #repairTail(firstOffset: bigint): bigint {
    const path = this.#path({ firstOffset });
    const bytes = readFileSync(path);
    const end = bytes.lastIndexOf(LINE_FEED) + 1;
    if (end < bytes.length) truncateSync(path, end);
    return firstOffset + BigInt(splitLines(bytes.subarray(0, end)).length);
  }

  #readSegment(segment: Segment): StreamRecord[] {
    const path = this.#path(segment);
    const bytes = this.#onDisk(() => readFileSync(path));
    return splitLines(bytes).map((line, index) => {
      const { topic, partition } = this;
      const offset = segment.firstOffset + BigInt(index);
      const read = readCaptureLine(line, { topic, partition, offset });
      if (read.kind === 'record' && read.record.offset === offset) return read.record;
      throw new UserError(`${path} is damaged at line ${index + 1}. Delete ${this.#folder}.`);
    });
  }

  #path({ firstOffset }: Pick<Segment, 'firstOffset'>): string {
    return join(this.#folder, `${firstOffset.toString().padStart(20, '0')}.ndjson`);
  }

  #onDisk<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw explainFileError(error, this.#folder);
    }
  }
}

/** All of the text or, on a disk that is full, none of it: half a line would join with the next one. */
function appendWhole(path: string, text: string): void {
  const bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  try {
    appendFileSync(path, text);
  } catch (error) {
    if (statSync(path, { throwIfNoEntry: false })) truncateSync(path, bytes);
    throw error;
  }
}

function splitLines(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  let start = 0;
  for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, start)) {
    lines.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return lines;
}
