// The records of a real Kafka cluster, read as a member of a consumer group. A position is committed only
// when it is told to be; after a rebalance or a lost commit, records come again.
import { setTimeout as sleep } from 'node:timers/promises';
import { Admin, Consumer, type Message, type MessagesStream } from '@platformatic/kafka';
import { UserError } from '../user-error.ts';
import type { EventSourceMapping } from './event-source-mapping.ts';
import type { RawRecord } from './record.ts';

export interface KafkaSettings {
  readonly brokers: readonly string[];
  readonly groupId: string;
  readonly topics: readonly string[];
  /** The partitions of a member that gave no sign of life for so long go to the others. */
  readonly sessionTimeoutMs: number;
}

export interface Bounds {
  readonly messagesMax: number;
  /** How long to wait for a next record. */
  readonly idleMsMax: number;
  readonly signal: AbortSignal;
}

type Bytes = Buffer | null;
type RawMessage = Message<Bytes, Bytes, Buffer, Bytes>;

const CLIENT_ID = 'analytics-service';
/** Lambda's default batching window for Kafka. */
const BATCHING_WINDOW_MS = 500;
const LEADER_EPOCH_UNKNOWN = -1;
const HEARTBEAT_INTERVAL_MS = 3_000;
/** Until when the members must have joined again; never less than a session. */
const REBALANCE_TIMEOUT_MS = 102_000;

export class KafkaSource {
  readonly #consumer: Consumer<Bytes, Bytes, Buffer, Bytes>;
  readonly #stream: MessagesStream<Bytes, Bytes, Buffer, Bytes>;
  #failure: Error | undefined;
  /** By topic, then partition: the last offset that was handed over. */
  readonly #handedOver = new Map<string, Map<number, bigint>>();

  private constructor(
    consumer: Consumer<Bytes, Bytes, Buffer, Bytes>,
    stream: MessagesStream<Bytes, Bytes, Buffer, Bytes>,
  ) {
    this.#consumer = consumer;
    this.#stream = stream;
    stream.on('error', (error) => {
      this.#failure = error;
    });
    // The stream fetches only for someone who listens.
    stream.on('readable', () => {});
  }

  static async join({
    brokers,
    groupId,
    topics,
    sessionTimeoutMs,
  }: KafkaSettings): Promise<KafkaSource> {
    const consumer = new Consumer<Bytes, Bytes, Buffer, Bytes>({
      clientId: CLIENT_ID,
      bootstrapBrokers: [...brokers],
      groupId,
      sessionTimeout: sessionTimeoutMs,
      heartbeatInterval: Math.min(HEARTBEAT_INTERVAL_MS, Math.floor(sessionTimeoutMs / 3)),
      rebalanceTimeout: Math.max(REBALANCE_TIMEOUT_MS, sessionTimeoutMs),
      // Without end: a broker that restarts is no reason to stop.
      retries: true,
    });
    const stream = await consumer.consume({
      topics: [...topics],
      mode: 'committed',
      fallbackMode: 'earliest',
      autocommit: false,
      maxWaitTime: BATCHING_WINDOW_MS,
    });
    return new KafkaSource(consumer, stream);
  }

  /** Until the signal, a bound, or nothing comes any more; the batch in hand is finished first. */
  async pump(mapping: EventSourceMapping, bounds: Bounds): Promise<void> {
    const { messagesMax, idleMsMax, signal } = bounds;
    let count = 0;
    let newestMs = performance.now();
    while (!signal.aborted && count < messagesMax && performance.now() - newestMs < idleMsMax) {
      while (!signal.aborted && count < messagesMax) {
        const record = this.#read();
        if (!record) break;
        await mapping.push(record);
        count += 1;
        newestMs = performance.now();
      }
      await mapping.flush();
      if (count < messagesMax)
        await sleep(BATCHING_WINDOW_MS, undefined, { signal }).catch(() => {});
    }
  }

  async commit(topic: string, lastOffsets: ReadonlyMap<number, bigint>): Promise<void> {
    const offsets = [...lastOffsets].map(([partition, last]) => {
      return { topic, partition, offset: last + 1n, leaderEpoch: LEADER_EPOCH_UNKNOWN };
    });
    await this.#consumer.commit({ offsets });
  }

  async leave(): Promise<void> {
    await this.#consumer.close(true);
  }

  #read(): RawRecord | undefined {
    if (this.#failure) throw new UserError(`Kafka failed: ${this.#failure.message}`);
    for (;;) {
      const message: RawMessage | null = this.#stream.read();
      if (!message) return undefined;
      const { topic, partition, offset } = message;
      const handedOver = this.#handedOver.get(topic) ?? new Map<number, bigint>();
      // After a rebalance the stream begins again at a position that was committed a while ago.
      if (offset <= (handedOver.get(partition) ?? -1n)) continue;
      this.#handedOver.set(topic, handedOver.set(partition, offset));
      return toRecord(message);
    }
  }
}

function toRecord({ topic, partition, offset, timestamp, key, value, headerEntries }: RawMessage) {
  return {
    ...{ topic, partition, offset, timestamp: Number(timestamp) },
    key: key ?? null,
    value: value ?? null,
    headers: headerEntries.map(([name, bytes]) => [name.toString(), bytes ?? null] as const),
  };
}

/** @throws {UserError} when no broker answers. */
export async function listTopics(brokers: readonly string[]): Promise<ReadonlySet<string>> {
  const admin = new Admin({ clientId: CLIENT_ID, bootstrapBrokers: [...brokers] });
  try {
    return new Set(await admin.listTopics());
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(`No Kafka broker answers at ${brokers.join(', ')}: ${reason}`);
  } finally {
    await admin.close().catch(() => {});
  }
}
