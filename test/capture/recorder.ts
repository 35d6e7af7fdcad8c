// Reads topics with an ordinary consumer while the workload runs, and keeps every record as it came,
// in the order it came.
import { Admin, Consumer, type Message } from '@platformatic/kafka';
import { waitUntil } from '../platform/wait-until.ts';

const TOPIC_TIMEOUT_MS = 60_000;
const RECORD_TIMEOUT_MS = 120_000;
// Short, so that partitions come interleaved as they do in a live stream.
const FETCH_WAIT_MS = 50;
/** As the connector makes them. */
const PARTITIONS = 3;

/** A Kafka record as a capture file holds it, one a line. */
export interface CapturedRecord {
  topic: string;
  partition: number;
  offset: number;
  timestamp: number;
  key: string | null;
  value: string | null;
  headers: Record<string, string | null>[];
}

type RawMessage = Message<Buffer | null, Buffer | null, Buffer, Buffer | null>;

export class Recorder {
  readonly records: CapturedRecord[] = [];
  readonly #topics: string[];
  readonly #clientOptions: { clientId: string; bootstrapBrokers: string[] };
  readonly #consumer: Consumer<Buffer | null, Buffer | null, Buffer, Buffer | null>;
  #failure: Error | undefined;

  constructor(bootstrap: string, topics: string[]) {
    this.#topics = topics;
    this.#clientOptions = { clientId: 'recorder', bootstrapBrokers: [bootstrap] };
    this.#consumer = new Consumer({ ...this.#clientOptions, groupId: 'recorder' });
  }

  /** For topics that the connector would make late, or only for a change that may not come. */
  async createTopics(topics: string[]): Promise<void> {
    if (topics.length === 0) return;
    const admin = new Admin(this.#clientOptions);
    await admin.createTopics({ topics, partitions: PARTITIONS, replicas: 1 });
    await admin.close();
  }

  /** Waits for the topics, which the connector creates, and reads them from the beginning. */
  async start(): Promise<void> {
    const admin = new Admin(this.#clientOptions);
    const existAll = async () => {
      const existing = new Set(await admin.listTopics());
      return this.#topics.every((topic) => existing.has(topic));
    };
    await waitUntil(`the topics ${this.#topics.join(', ')}`, existAll, TOPIC_TIMEOUT_MS);
    await admin.close();
    const stream = await this.#consumer.consume({
      topics: this.#topics,
      mode: 'earliest',
      autocommit: false,
      maxWaitTime: FETCH_WAIT_MS,
    });
    stream.on('error', (error) => {
      this.#failure = error;
    });
    stream.on('data', (message) => this.records.push(toCapturedRecord(message)));
  }

  async waitFor(what: string, condition: (records: CapturedRecord[]) => boolean): Promise<void> {
    const check = () => {
      if (this.#failure) throw this.#failure;
      return condition(this.records);
    };
    await waitUntil(what, check, RECORD_TIMEOUT_MS);
  }

  /** Reads up to the end that the topics have now. */
  async readToEnd(): Promise<void> {
    const ends = await this.#consumer.listOffsets({ topics: this.#topics });
    const total = [...ends.values()].flat().reduce((sum, end) => sum + end, 0n);
    await this.waitFor('the end of the topics', (records) => BigInt(records.length) >= total);
  }

  async close(): Promise<void> {
    await this.#consumer.close(true);
  }
}

function toCapturedRecord(message: RawMessage): CapturedRecord {
  return {
    topic: message.topic,
    partition: message.partition,
    offset: Number(message.offset),
    timestamp: Number(message.timestamp),
    key: text(message.key),
    value: text(message.value),
    headers: message.headerEntries.map(([name, value]) => ({ [name.toString()]: text(value) })),
  };
}

function text(bytes: Buffer | null | undefined): string | null {
  return bytes?.toString('utf8') ?? null;
}
