// One Kafka record as capture files and the local topic log hold it: key and value are text.

export interface StreamRecord {
  readonly topic: string;
  readonly partition: number;
  /** 64 bits in Kafka, so never a JavaScript number. */
  readonly offset: bigint;
  readonly timestamp: number;
  readonly key: string | null;
  /** `null` is a tombstone. */
  readonly value: string | null;
  readonly headers: readonly Header[];
}

/** A record as a broker hands it over: bytes that may be no text at all. */
export interface RawRecord extends Omit<StreamRecord, 'key' | 'value' | 'headers'> {
  readonly key: string | Buffer | null;
  readonly value: string | Buffer | null;
  readonly headers: readonly (readonly [name: string, value: string | Buffer | null])[];
}

export type Header = readonly [name: string, value: string | null];

/** One line of a capture file. */
export function toCaptureLine(record: StreamRecord): string {
  const { topic, partition, offset, timestamp, key, value, headers } = record;
  return JSON.stringify({
    topic,
    partition,
    offset: JSON.rawJSON(offset.toString()),
    timestamp,
    key,
    value,
    headers: headers.map(([name, text]) => ({ [name]: text })),
  });
}
