// Sends records again to the topics and partitions that they are of.
import type { Producer } from '@platformatic/kafka';
import { Refusal } from '../refusal.ts';
import type { Target } from './redrive.ts';

const ALL_REPLICAS = -1;
const EMPTY = Buffer.alloc(0);

export interface KafkaPlace {
  readonly producer: Producer<Buffer, Buffer, Buffer, Buffer>;
  readonly topics: ReadonlySet<string>;
  /** Of a failure the words that an operator can act on. */
  readonly explained: <T>(work: Promise<T>) => Promise<T>;
}

/** @throws {Refusal} at a record whose topic is not there. */
export function makeKafkaTarget({ producer, topics, explained }: KafkaPlace): Target {
  return {
    async send(records) {
      const missing = records.find(({ topic }) => !topics.has(topic));
      if (missing) throw new Refusal(`The cluster has no topic ${missing.topic}.`);
      const messages = records.map(({ topic, partition, timestamp, key, value, headers }) => ({
        ...{ topic, partition },
        ...(timestamp >= 0 && { timestamp: BigInt(timestamp) }),
        ...(key && { key }),
        ...(value && { value }),
        // The client cannot send a header without a value: it is an empty one then.
        headers: new Map(headers.map(({ name, value }) => [Buffer.from(name), value ?? EMPTY])),
      }));
      await explained(producer.send({ messages, acks: ALL_REPLICAS, autocreateTopics: false }));
    },
    close: () => producer.close(),
  };
}
