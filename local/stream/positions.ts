// The committed positions of a consumer group: for each partition the offset to read next.
import { damagedFile, readJsonFile, writeWholeFile } from '../stores/data-directory.ts';

export class Positions {
  readonly #path: string;
  readonly #next: Map<string, bigint>;

  private constructor(path: string, next: Map<string, bigint>) {
    this.#path = path;
    this.#next = next;
  }

  static async open(path: string): Promise<Positions> {
    const stored = (await readJsonFile(path)) ?? {};
    if (typeof stored !== 'object' || stored === null) throw damagedFile(path);
    const entries = Object.entries(stored);
    if (!entries.every(([, offset]) => /^\d+$/.test(String(offset)))) throw damagedFile(path);
    return new Positions(path, new Map(entries.map(([name, offset]) => [name, BigInt(offset)])));
  }

  next(topic: string, partition: number): bigint {
    return this.#next.get(`${topic}-${partition}`) ?? 0n;
  }

  async commit(topic: string, lastOffsets: ReadonlyMap<number, bigint>): Promise<void> {
    for (const [partition, last] of lastOffsets) this.#next.set(`${topic}-${partition}`, last + 1n);
    const entries = [...this.#next].map(([name, offset]) => [name, offset.toString()]);
    await writeWholeFile(this.#path, `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`);
  }
}
