// Lambda's Kafka event as records in offset order, one stretch a partition. Pure.
// Event shape: AWS Lambda Developer Guide, "Using Lambda with Amazon MSK".

export interface Header {
  readonly name: string;
  readonly value: Buffer;
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
}

/** The records of one topic-partition in one batch, by ascending offset. Never empty. */
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
  return { topic, partition, records: records.sort(byOffset) };
}

function byOffset(a: KafkaRecord, b: KafkaRecord): number {
  return a.offset < b.offset ? -1 : a.offset > b.offset ? 1 : 0;
}

function isKafkaEvent(event: unknown): event is LambdaKafkaEvent {
  if (typeof event !== 'object' || event === null || !('records' in event)) return false;
  const { records } = event;
  return (
    typeof records === 'object' && records !== null && Object.values(records).every(Array.isArray)
  );
}

function toRecord(record: LambdaKafkaRecord): KafkaRecord {
  const { topic, partition, timestamp } = record;
  if (typeof topic !== 'string' || !Number.isSafeInteger(partition) || partition < 0) {
    throw new TypeError(`A record has no position: topic ${topic}, partition ${partition}.`);
  }
  return {
    topic,
    partition,
    offset: readOffset(record),
    timestamp,
    key: readBytes(record.key),
    value: readBytes(record.value),
    headers: (record.headers ?? []).flatMap((header) =>
      // Java bytes are signed: -61 is 0xc3.
      Object.entries(header).map(([name, bytes]) => ({ name, value: Buffer.from(bytes) })),
    ),
  };
}

function readOffset({ topic, partition, offset }: LambdaKafkaRecord): bigint {
  const isExact = typeof offset === 'number' ? Number.isSafeInteger(offset) : /^\d+$/.test(offset);
  if (!isExact) {
    throw new TypeError(`Offset ${offset} of ${topic}-${partition} is not an exact integer.`);
  }
  return BigInt(offset);
}

function readBytes(text: string | null | undefined): Buffer | null {
  return typeof text === 'string' ? Buffer.from(text, 'base64') : null;
}
