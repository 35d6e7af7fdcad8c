// What is kept of a record that cannot be used: where it stood, why, and all it carried. Pure.
import { isUtf8 } from 'node:buffer';
import type { KafkaRecord } from './records.ts';

/** A record that was refused, with a reason that names the field and what was expected. */
export interface Rejection {
  readonly record: KafkaRecord;
  readonly reason: string;
  /** Offsets mean something within one life of a topic. */
  readonly streamEpoch: string;
}

/**
 * The quarantine document. `key` and `value` are the record's text, as in a capture file; bytes
 * that are not UTF-8 stand in `key_base64` and `value_base64` instead, so nothing is lost.
 */
export function renderQuarantineDocument({ record, reason, streamEpoch }: Rejection): string {
  const { topic, partition, offset, timestamp, key, value, headers } = record;
  const document = {
    topic,
    partition,
    offset: JSON.rawJSON(offset.toString()),
    timestamp,
    reason,
    stream_epoch: streamEpoch,
    ...bytesField('key', key),
    ...bytesField('value', value),
    headers: headers.map((header) => ({ name: header.name, ...bytesField('value', header.value) })),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function bytesField(name: string, bytes: Buffer | null): Record<string, string | null> {
  if (bytes === null) return { [name]: null };
  return isUtf8(bytes)
    ? { [name]: bytes.toString('utf8') }
    : { [`${name}_base64`]: bytes.toString('base64') };
}
