// The committed positions of a consumer group: for each partition the offset to read next.
import { damagedFile, readJsonFile, writeWholeFile } from '../stores/data-directory.ts';

export class Positions {
  readonly #path: string;
  #next: ReadonlyMap<string, bigint>;
  #written: Promise<void> = Promise.resolve();

  private constructor(path: string, next: ReadonlyMap<string, bigint>) {
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

  /** What `next` answers changes when the file holds it: nobody sees a position that a kill could take back. */
  commit(topic: string, lastOffsets: ReadonlyMap<number, bigint>): Promise<void> {
    // Topics commit by themselves; their positions share a file.
    const done = this.#written.then(() => this.#write(topic, lastOffsets));
    this.#written = done.catch(() => {});
    return done;
  }

  async #write(topic: string, lastOffsets: ReadonlyMap<number, bigint>): Promise<void> {
    const next = new Map(this.#next);
    for (const [partition, last] of lastOffsets) next.set(`${topic}-${partition}`, last + 1n);
    const entries = [...next].map(([name, offset]) => [name, offset.toString()]);
    await writeWholeFile(this.#path, `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`);
    this.#next = next;
  }
}
