// One batch of one topic as the event that Lambda's mapping for MSK sends. Shape and limits: AWS
// Lambda Developer Guide, "Using Lambda with Amazon MSK" and "Event source mappings". Pure.
import type { RawRecord } from './record.ts';

/** Lambda's own bounds of a batch: what a backlog is taken in. */
export const BATCH_RECORDS_MAX = 10_000;
export const EVENT_BYTES_MAX = 6 * 1024 * 1024;

const HEAD =
  '{"eventSource":"aws:kafka",' +
  '"eventSourceArn":"arn:aws:kafka:us-east-1:000000000000:cluster/local/00000000-0000-0000-0000-000000000000-1",' +
  '"bootstrapServers":"local:9098","records":{';
const TAIL = '}}';

/** The records of one topic, in order, until the count or the size of an event is reached. */
export class EventBatch {
  readonly topic: string;
  readonly #partitions = new Map<number, string[]>();
  readonly #lastOffsets = new Map<number, bigint>();
  #count = 0;
  #bytes = HEAD.length + TAIL.length;

  constructor(topic: string) {
    this.topic = topic;
  }

  get count(): number {
    return this.#count;
  }

  /** The last offset of each partition in the batch. */
  get lastOffsets(): ReadonlyMap<number, bigint> {
    return this.#lastOffsets;
  }

  /** False, and nothing added, when the event would grow too big; the first record always fits. */
  tryAdd(record: RawRecord): boolean {
    const text = toLambdaRecord(record);
    const partition = this.#partitions.get(record.partition) ?? [];
    const bytes = Buffer.byteLength(text) + this.#overhead(record, partition.length === 0);
    if (this.#count > 0 && this.#bytes + bytes > EVENT_BYTES_MAX) return false;
    partition.push(text);
    this.#partitions.set(record.partition, partition);
    this.#lastOffsets.set(record.partition, record.offset);
    this.#bytes += bytes;
    this.#count += 1;
    return true;
  }

  toEvent(): string {
    const partitions = [...this.#partitions].map(([partition, records]) => {
      return `${JSON.stringify(`${this.topic}-${partition}`)}:[${records.join()}]`;
    });
    return `${HEAD}${partitions.join()}${TAIL}`;
  }

  #overhead({ topic, partition }: RawRecord, isFirst: boolean): number {
    return isFirst ? `,"${topic}-${partition}":[]`.length : 1;
  }
}

function toLambdaRecord(record: RawRecord): string {
  const { topic, partition, offset, timestamp, key, value, headers } = record;
  return JSON.stringify({
    topic,
    partition,
    // Lambda sends a number; one that a double cannot hold goes as text rather than wrong.
    offset: offset <= Number.MAX_SAFE_INTEGER ? Number(offset) : offset.toString(),
    timestamp,
    timestampType: 'CREATE_TIME',
    key: toBase64(key),
    value: toBase64(value),
    headers: headers.map(([name, text]) => ({ [name]: toSignedBytes(text ?? '') })),
  });
}

function toBase64(value: string | Buffer | null): string | null {
  return value === null ? null : toBytes(value).toString('base64');
}

/** Java bytes: 0xc3 is -61. */
function toSignedBytes(value: string | Buffer): number[] {
  return [...new Int8Array(toBytes(value))];
}

function toBytes(value: string | Buffer): Buffer {
  return typeof value === 'string' ? Buffer.from(value) : value;
}
