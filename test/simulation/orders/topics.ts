// Kafka: the two topics, their partitions, and how far the consumer group has come in each.
import type { RawRecord } from '../../../local/stream/record.ts';
import type { Random } from '../../support/random.ts';
import type { Truth } from './prefix.ts';
import { TABLES, type TableName } from './source.ts';

/** What the record is for the auditor. */
export type Fate =
  | 'readable'
  | 'poison'
  /** Poison, if it is read before the row that it keeps a column of. */
  | 'either';

/** What the auditor knows of a record. */
export interface Note {
  readonly fate: Fate;
  /** Of which change of which row it is, if of any. */
  readonly truth: Truth | undefined;
  /** Its place among all records that were ever written. */
  readonly at: number;
}

export interface Log {
  readonly topic: string;
  readonly partition: number;
  /** As the product names it: with the epoch. */
  readonly stream: string;
  readonly records: RawRecord[];
  readonly notes: Note[];
  /** How many records of it were handed over for good. */
  committed: number;
  /** The first record that may be delivered once more. */
  redeliverableFrom: number;
  nextOffset: bigint;
}

export interface NewRecord {
  readonly key: string | null;
  readonly value: string | Buffer | null;
  readonly fate: Fate;
  readonly truth?: Truth;
}

const OFFSET_GAP = 0.1;
const BEYOND_DOUBLES = 2n ** 53n - 20n;

export class Topics {
  readonly logs: Record<TableName, Log[]> = { orders: [], order_items: [] };
  /** Those of the topics that are no more. */
  readonly retired: Log[] = [];
  written = 0;
  /** Of the function's setting. */
  epoch = 1;
  /** Of the connector's setting. */
  #prefixes = 1;
  readonly #random: Random;
  readonly #now: () => number;
  readonly #firstOffset: bigint;

  constructor(random: Random, now: () => number) {
    this.#random = random;
    this.#now = now;
    this.#firstOffset = random.chance(0.15) ? BEYOND_DOUBLES : 0n;
    for (const table of TABLES) this.addPartitions(table, 1 + random.below(3), this.#firstOffset);
  }

  get all(): Log[] {
    return TABLES.flatMap((table) => this.logs[table]);
  }

  get isConsumed(): boolean {
    return this.all.every(({ committed, records }) => committed === records.length);
  }

  addPartitions(table: TableName, count: number, nextOffset = this.#firstOffset): void {
    const topic = `dbserver${this.#prefixes}.public.${table}`;
    for (let added = 0; added < count; added++) {
      const partition = this.logs[table].length;
      const stream = `${this.epoch}:${topic}:${partition}`;
      const counters = { committed: 0, redeliverableFrom: 0, nextOffset };
      this.logs[table].push({ topic, partition, stream, records: [], notes: [], ...counters });
    }
  }

  /** Rows that have moved, or were forgotten, are out of order from here back. */
  forgetOrder(): void {
    for (const log of this.all) log.redeliverableFrom = log.records.length;
  }

  rewind(log: Log, records: number): void {
    const back = Math.max(log.redeliverableFrom, log.committed - records);
    log.committed = Math.min(log.committed, back);
  }

  /** Deleted and made anew: offsets start again, under another epoch. */
  recreate(): void {
    this.epoch += 1;
    this.#startAnew();
  }

  /** The connector gets another `topic.prefix`: other topics. */
  rename(): void {
    this.#prefixes += 1;
    this.#startAnew();
  }

  #startAnew(): void {
    this.retired.push(...this.all);
    for (const table of TABLES) {
      const count = Math.max(1, this.logs[table].length - this.#random.below(2));
      this.logs[table] = [];
      this.addPartitions(table, count, 0n);
    }
  }

  /** The key decides the partition, as Kafka's own partitioner does it. */
  append(table: TableName, { key, value, fate, truth }: NewRecord): Log {
    const logs = this.logs[table];
    const partition = key === null ? this.#random.below(logs.length) : hash(key) % logs.length;
    const log = logs[partition] as Log;
    if (this.#random.chance(OFFSET_GAP)) log.nextOffset += 1n + BigInt(this.#random.below(3));
    const position = { topic: log.topic, partition, offset: log.nextOffset };
    log.records.push({ ...position, timestamp: this.#now(), key, value, headers: [] });
    log.notes.push({ fate, truth, at: this.written });
    log.nextOffset += 1n;
    this.written += 1;
    return log;
  }
}

/** Any will do that scatters; this is FNV-1a. */
function hash(key: string): number {
  let value = 0x811c9dc5;
  for (const byte of Buffer.from(key)) value = Math.imul(value ^ byte, 0x01000193);
  return (value ^ (value >>> 15)) >>> 0;
}
