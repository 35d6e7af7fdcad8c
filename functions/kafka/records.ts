// Lambda's Kafka event as records in offset order, one stretch a partition. Pure.
// Event shape: AWS Lambda Developer Guide, "Using Lambda with Amazon MSK".
import { TOPIC_NAME } from '../contracts.ts';

export interface Header {
  readonly name: string;
  readonly value: Buffer | null;
}

export interface KafkaRecord {
  readonly topic: string;
  readonly partition: number;
  /** 64 bits in Kafka, so never a JavaScript number. */
  readonly offset: bigint;
  /** Epoch milliseconds: the producer's or the broker's, as the topic is set. */
  readonly timestamp: number;
  readonly key: Buffer | null;
  /** `null` is a tombstone. */
  readonly value: Buffer | null;
  readonly headers: readonly Header[];
  /** Why its key or value are not what the producer sent; they hold the event's own text then. */
  readonly damage?: string;
}

/** The records of one topic-partition in one batch, by ascending offset, each once. Never empty. */
export interface PartitionBatch {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly KafkaRecord[];
}

/** What Lambda sends. `@types/aws-lambda` declares key and value as text always: tombstones differ. */
export interface LambdaKafkaEvent {
  readonly records: Readonly<Record<string, readonly LambdaKafkaRecord[]>>;
}

export interface LambdaKafkaRecord {
  readonly topic: string;
  readonly partition: number;
  /** A number; a host that knows more digits than a double holds sends them as text. */
  readonly offset: number | string;
  readonly timestamp: number;
  readonly key?: string | null;
  readonly value?: string | null;
  readonly headers?: readonly Readonly<Record<string, readonly number[]>>[];
}

const PARTITION_MAX = 2 ** 31 - 1;
const OFFSET_MAX = 2n ** 63n - 1n;
const WHOLE = /^\d{1,19}$/;

/**
 * The event's records by partition.
 * @throws {TypeError} when the event is not Lambda's Kafka event: that is a wiring mistake, not a
 *   poison record, so the batch must fail and be seen.
 */
export function readPartitionBatches(event: unknown): PartitionBatch[] {
  if (!isKafkaEvent(event)) {
    throw new TypeError('The event is not a Lambda Kafka event: it has no "records" by partition.');
  }
  const partitions = new Map<string, KafkaRecord[]>();
  // The keys of `records` join topic and partition by '-', which a topic's name may hold too: the
  // records themselves say where they are from.
  for (const record of Object.values(event.records).flat().map(toRecord)) {
    const name = `${record.partition} ${record.topic}`;
    const records = partitions.get(name);
    if (records) records.push(record);
    else partitions.set(name, [record]);
  }
  return [...partitions.values()].map(toPartitionBatch);
}

function toPartitionBatch(records: KafkaRecord[]): PartitionBatch {
  const [first] = records;
  if (!first) throw new RangeError('A partition batch is never empty.');
  const { topic, partition } = first;
  const ordered = records.sort(byOffset);
  const once = ordered.filter(({ offset }, index) => offset !== ordered[index - 1]?.offset);
  return { topic, partition, records: once };
}

function byOffset(a: KafkaRecord, b: KafkaRecord): number {
  return a.offset < b.offset ? -1 : a.offset > b.offset ? 1 : 0;
}

function isKafkaEvent(event: unknown): event is { records: Record<string, unknown[]> } {
  return (
    isObject(event) && isObject(event.records) && Object.values(event.records).every(Array.isArray)
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function toRecord(record: unknown): KafkaRecord {
  if (!isObject(record)) throw new TypeError('A record of the event is no object.');
  const { topic, partition, timestamp } = record;
  if (!isTopic(topic) || !isPartition(partition)) {
    throw new TypeError(
      `A record has no position: topic ${show(topic)}, partition ${show(partition)}.`,
    );
  }
  const offset = readOffset(record.offset);
  if (offset === undefined) {
    throw new TypeError(
      `Offset ${show(record.offset)} of ${topic}-${partition} is not an exact integer of 64 bits.`,
    );
  }
  const [key, value] = [readPart('key', record), readPart('value', record)];
  const damage = key.damage ?? value.damage;
  return {
    topic,
    partition,
    offset,
    timestamp: typeof timestamp === 'number' ? timestamp : NO_TIMESTAMP,
    key: key.bytes,
    value: value.bytes,
    headers: readHeaders(record.headers),
    ...(damage !== undefined && { damage }),
  };
}

/** Kafka's own. */
const NO_TIMESTAMP = -1;

function isTopic(value: unknown): value is string {
  return typeof value === 'string' && TOPIC_NAME.test(value);
}

function isPartition(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= PARTITION_MAX;
}

function readOffset(value: unknown): bigint | undefined {
  const isExact = typeof value === 'string' ? WHOLE.test(value) : Number.isSafeInteger(value);
  const offset = isExact ? BigInt(value as number | string) : -1n;
  return offset >= 0n && offset <= OFFSET_MAX ? offset : undefined;
}

/** Text that is no base64 is kept as it stands, for quarantine: decoding would drop parts of it. */
function readPart(
  name: 'key' | 'value',
  record: Record<string, unknown>,
): { bytes: Buffer | null; damage?: string } {
  const text = record[name] ?? null;
  if (text === null) return { bytes: null };
  if (typeof text !== 'string') {
    const place = `${record.topic}-${record.partition} at offset ${record.offset}`;
    throw new TypeError(`The record of ${place} has a ${name} that is neither base64 nor null.`);
  }
  const bytes = Buffer.from(text, 'base64');
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const isBase64 = bytes.length === (text.length / 4) * 3 - padding;
  if (isBase64) return { bytes };
  return { bytes: Buffer.from(text), damage: `${name} is not base64; it stands here as it came` };
}

/** No figure depends on headers, so an odd one refuses nothing: what is no list of bytes is left out. */
function readHeaders(headers: unknown): Header[] {
  const read: Header[] = [];
  if (!Array.isArray(headers)) return read;
  for (const header of headers) {
    if (!isObject(header)) continue;
    for (const name of Object.keys(header)) read.push(new SentHeader(name, header[name]));
  }
  return read;
}

/** Debezium sends four headers with every record that nobody reads: their bytes are made when asked for. */
class SentHeader implements Header {
  readonly name: string;
  readonly #bytes: unknown;

  constructor(name: string, bytes: unknown) {
    this.name = name;
    this.#bytes = bytes;
  }

  get value(): Buffer | null {
    const bytes = this.#bytes;
    // Java bytes are signed: -61 is 0xc3.
    return Array.isArray(bytes) && bytes.every(Number.isInteger) ? Buffer.from(bytes) : null;
  }
}

function show(value: unknown): string {
  const isNested = typeof value === 'object' && value !== null;
  return isNested ? 'an object' : String(value).slice(0, 100);
}
