// The records of a topic of a real Kafka cluster, read as a member of a consumer group. A position is committed only
// when it is told to be; after a rebalance or a lost commit, records come again.
import { setTimeout as sleep } from 'node:timers/promises';
import { Admin, Consumer, type Message, type MessagesStream } from '@platformatic/kafka';
import { assignPartitions } from './assign-partitions.ts';
import type { EventSourceMapping } from './event-source-mapping.ts';
import type { KafkaConnection } from './kafka-connection.ts';
import { explainFailure } from './kafka-failure.ts';
import type { ReadBounds } from './read-bounds.ts';
import type { RawRecord } from './record.ts';
import { type RefusalWatch, watchRefusal } from './refusal-watch.ts';

export interface KafkaSettings {
  readonly connection: KafkaConnection;
  readonly groupId: string;
  readonly topic: string;
  /** The partitions of a member that gave no sign of life for so long go to the others. */
  readonly sessionTimeoutMs: number;
}

type Bytes = Buffer | null;
type RawMessage = Message<Bytes, Bytes, Buffer, Bytes>;

const CLIENT_ID = 'analytics-service';
/** Lambda's default batching window for Kafka. */
const BATCHING_WINDOW_MS = 500;
const LOOK_AGAIN_AFTER_MS = 20;
const LEADER_EPOCH_UNKNOWN = -1;
const HEARTBEAT_INTERVAL_MS = 3_000;
/** Until when the members must have joined again; never less than a session. */
const REBALANCE_TIMEOUT_MS = 102_000;

export class KafkaSource {
  readonly #consumer: Consumer<Bytes, Bytes, Buffer, Bytes>;
  readonly #stream: MessagesStream<Bytes, Bytes, Buffer, Bytes>;
  readonly #connection: KafkaConnection;
  readonly #watch: RefusalWatch;
  #failure: Error | undefined;
  /** By topic, then partition: the last offset that was handed over. */
  readonly #handedOver = new Map<string, Map<number, bigint>>();

  private constructor(
    consumer: Consumer<Bytes, Bytes, Buffer, Bytes>,
    stream: MessagesStream<Bytes, Bytes, Buffer, Bytes>,
    connection: KafkaConnection,
    watch: RefusalWatch,
  ) {
    this.#consumer = consumer;
    this.#stream = stream;
    this.#connection = connection;
    this.#watch = watch;
    stream.on('error', (error) => {
      this.#failure = error;
    });
    // The stream fetches only for someone who listens.
    stream.on('readable', () => {});
  }

  /** @throws {UserError} when a broker refuses it; one that does not answer is waited for. */
  static async join(settings: KafkaSettings): Promise<KafkaSource> {
    const { connection, groupId, topic, sessionTimeoutMs } = settings;
    const watch = watchRefusal();
    const consumer = new Consumer<Bytes, Bytes, Buffer, Bytes>({
      ...connection,
      clientId: CLIENT_ID,
      groupId,
      sessionTimeout: sessionTimeoutMs,
      heartbeatInterval: Math.min(HEARTBEAT_INTERVAL_MS, Math.floor(sessionTimeoutMs / 3)),
      partitionAssigner: assignPartitions,
      rebalanceTimeout: Math.max(REBALANCE_TIMEOUT_MS, sessionTimeoutMs),
      // Without end: a broker that restarts is no reason to stop.
      retries: true,
      retryDelay: watch.retryDelay,
    });
    const joined = consumer.consume({
      topics: [topic],
      mode: 'committed',
      fallbackMode: 'earliest',
      autocommit: false,
      maxWaitTime: BATCHING_WINDOW_MS,
    });
    const stream = await watch.unlessRefused(joined).catch((error: unknown) => {
      throw explainFailure(error, connection);
    });
    return new KafkaSource(consumer, stream, connection, watch);
  }

  /** Until a bound; what is there within the batching window goes together, the batch in hand is finished first. */
  async pump(mapping: EventSourceMapping, bounds: ReadBounds): Promise<void> {
    let windowEndsMs = Number.POSITIVE_INFINITY;
    while (!bounds.isOver) {
      const record = this.#read();
      if (record) {
        bounds.count();
        windowEndsMs = Math.min(windowEndsMs, performance.now() + BATCHING_WINDOW_MS);
        await mapping.push(record);
      } else if (performance.now() >= windowEndsMs) {
        windowEndsMs = Number.POSITIVE_INFINITY;
        await mapping.flush();
      } else {
        await sleep(LOOK_AGAIN_AFTER_MS, undefined, { signal: bounds.signal }).catch(() => {});
      }
    }
    await mapping.flush();
  }

  async commit(topic: string, lastOffsets: ReadonlyMap<number, bigint>): Promise<void> {
    const offsets = [...lastOffsets].map(([partition, last]) => {
      return { topic, partition, offset: last + 1n, leaderEpoch: LEADER_EPOCH_UNKNOWN };
    });
    const committed = this.#consumer.commit({ offsets });
    await this.#watch.unlessRefused(committed).catch((error: unknown) => {
      throw explainFailure(error, this.#connection);
    });
  }

  async leave(): Promise<void> {
    // Whoever is refused cannot say that it leaves, and would try without end.
    await this.#watch.unlessRefused(this.#consumer.close(true)).catch((error: unknown) => {
      if (error !== this.#watch.refusal) throw error;
    });
  }

  #read(): RawRecord | undefined {
    const failure = this.#watch.refusal ?? this.#failure;
    if (failure) throw explainFailure(failure, this.#connection);
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

/** @throws {UserError} when no broker answers, or one refuses. */
export async function listTopics(connection: KafkaConnection): Promise<ReadonlySet<string>> {
  const { unlessRefused, retryDelay } = watchRefusal();
  const admin = new Admin({ ...connection, clientId: CLIENT_ID, retryDelay });
  try {
    return new Set(await unlessRefused(admin.listTopics()));
  } catch (error) {
    throw explainFailure(error, connection);
  } finally {
    await admin.close().catch(() => {});
  }
}
