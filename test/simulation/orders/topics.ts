// Kafka: the two topics, their partitions, and how far the consumer group has come in each.
import type { RawRecord } from '../../../local/stream/record.ts';
import type { Random } from '../../support/random.ts';
import { TABLES, type TableName } from './source.ts';

/** What the record is for the auditor. */
export type Fate =
  | 'readable'
  | 'poison'
  /** Poison, if it is read before the row that it keeps a column of. */
  | 'either';

export interface Log {
  readonly topic: string;
  readonly partition: number;
  readonly records: RawRecord[];
  readonly fates: Fate[];
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
}

const OFFSET_GAP = 0.1;
const BEYOND_DOUBLES = 2n ** 53n - 20n;

export const topicOf = (table: TableName) => `dbserver1.public.${table}`;

export class Topics {
  readonly logs: Record<TableName, Log[]> = { orders: [], order_items: [] };
  /** Those of the topics that were deleted. */
  readonly retired: Log[] = [];
  written = 0;
  readonly #random: Random;
  readonly #now: () => number;
  readonly #firstOffset: bigint;

  constructor(random: Random, now: () => number) {
    this.#random = random;
    this.#now = now;
    this.#firstOffset = random.chance(0.15) ? BEYOND_DOUBLES : 0n;
    for (const table of TABLES) this.addPartitions(table, 1 + random.below(3));
  }

  get all(): Log[] {
    return TABLES.flatMap((table) => this.logs[table]);
  }

  get isConsumed(): boolean {
    return this.all.every(({ committed, records }) => committed === records.length);
  }

  addPartitions(table: TableName, count: number): void {
    for (let added = 0; added < count; added++) {
      this.logs[table].push(emptyLog(topicOf(table), this.logs[table].length, this.#firstOffset));
    }
  }

  /** The rows that have moved are out of order from here back. */
  forgetOrder(): void {
    for (const log of this.all) log.redeliverableFrom = log.records.length;
  }

  /** Deleted and made anew: offsets start again. */
  recreate(): void {
    this.retired.push(...this.all);
    for (const table of TABLES) {
      const count = this.logs[table].length;
      this.logs[table] = [];
      for (let partition = 0; partition < count; partition++) {
        this.logs[table].push(emptyLog(topicOf(table), partition, 0n));
      }
    }
  }

  /** The key decides the partition, as Kafka's own partitioner does it. */
  append(table: TableName, { key, value, fate }: NewRecord): Log {
    const logs = this.logs[table];
    const partition = key === null ? this.#random.below(logs.length) : hash(key) % logs.length;
    const log = logs[partition] as Log;
    if (this.#random.chance(OFFSET_GAP)) log.nextOffset += 1n + BigInt(this.#random.below(3));
    const position = { topic: log.topic, partition, offset: log.nextOffset };
    log.records.push({ ...position, timestamp: this.#now(), key, value, headers: [] });
    log.fates.push(fate);
    log.nextOffset += 1n;
    this.written += 1;
    return log;
  }
}

function emptyLog(topic: string, partition: number, nextOffset: bigint): Log {
  const counters = { committed: 0, redeliverableFrom: 0, nextOffset };
  return { topic, partition, records: [], fates: [], ...counters };
}

/** Any will do that scatters; this is FNV-1a. */
function hash(key: string): number {
  let value = 0x811c9dc5;
  for (const byte of Buffer.from(key)) value = Math.imul(value ^ byte, 0x01000193);
  return (value ^ (value >>> 15)) >>> 0;
}
