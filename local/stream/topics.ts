// The local topics: three partitions each, as many logs, and where their reader stands.
import { crc32 } from 'node:zlib';
import { type NewRecord, PartitionLog } from './partition-log.ts';
import type { Positions } from './positions.ts';

export const PARTITIONS = 3;

export class LocalTopics {
  readonly #logs: readonly PartitionLog[];
  readonly #positions: Positions;

  constructor(folder: string, names: readonly string[], positions: Positions) {
    this.#positions = positions;
    this.#logs = names.flatMap((topic) =>
      Array.from({ length: PARTITIONS }, (_, partition) => {
        return new PartitionLog(folder, topic, partition, positions.next(topic, partition));
      }),
    );
  }

  get logs(): readonly PartitionLog[] {
    return this.#logs;
  }

  get names(): readonly string[] {
    return [...new Set(this.#logs.map(({ topic }) => topic))];
  }

  logsOf(topic: string): readonly PartitionLog[] {
    return this.#logs.filter((log) => log.topic === topic);
  }

  /** Records with the same key go to the same partition, as Kafka's producer has it. */
  append(topic: string, key: string, records: readonly NewRecord[]): void {
    const partition = crc32(key) % PARTITIONS;
    const log = this.#logs.find((log) => log.topic === topic && log.partition === partition);
    if (!log) throw new RangeError(`There is no local topic ${topic}.`);
    log.append(records);
  }

  /** Records appended and not yet consumed. */
  lag(): number {
    return this.#logs.reduce((sum, log) => {
      return sum + Number(log.nextOffset - this.#positions.next(log.topic, log.partition));
    }, 0);
  }

  async commit(topic: string, lastOffsets: ReadonlyMap<number, bigint>): Promise<void> {
    await this.#positions.commit(topic, lastOffsets);
    for (const log of this.#logs) {
      if (log.topic === topic) log.dropBefore(this.#positions.next(topic, log.partition));
    }
  }

  next(log: PartitionLog): bigint {
    return this.#positions.next(log.topic, log.partition);
  }
}
