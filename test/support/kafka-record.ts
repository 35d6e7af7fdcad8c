// Kafka records and Lambda events for tests, from plain values.
import type { KafkaRecord, LambdaKafkaEvent } from '../../functions/kafka/records.ts';

export interface Message {
  readonly offset: number | bigint;
  readonly value: string | null;
  readonly partition?: number;
  readonly topic?: string;
  readonly timestamp?: number;
}

export function kafkaRecord({
  offset,
  value,
  partition = 0,
  topic = 'auction_outcomes',
  timestamp = 1_735_689_600_000,
}: Message): KafkaRecord {
  return {
    ...{ topic, partition, timestamp, offset: BigInt(offset), key: null, headers: [] },
    value: value === null ? null : Buffer.from(value),
  };
}

/** The event that Lambda sends for these records. */
export function kafkaEvent(messages: readonly Message[]): LambdaKafkaEvent {
  const records = messages
    .map(kafkaRecord)
    .map(({ key: _key, value, headers: _, ...position }) => ({
      ...position,
      offset: position.offset.toString(),
      value: value === null ? null : value.toString('base64'),
    }));
  return { records: Object.groupBy(records, (one) => `${one.topic}-${one.partition}`) as never };
}
