// Runs invocations side by side over one table, in an order that the seed decides: before each call to
// the table an invocation waits for its turn; then it may go on, crash before the call takes effect,
// crash after it did, or (its owner gone) go on late as a twin of the one that took over.
import type { Table } from '../../functions/orders/table/table-store.ts';
import type { Random } from './random.ts';

/** After one item in three: pages in DynamoDB are as large as 1 MB. */
const PAGE_ENDS = 1 / 3;

export class Crash extends Error {}

export interface Invocation {
  readonly table: Table;
  isCrashed: boolean;
}

export class Interleaving {
  readonly #random: Random;
  readonly #crashes: number;
  readonly #waiting: { invocation: Invocation; go: () => void }[] = [];

  constructor(random: Random, crashes: number) {
    this.#random = random;
    this.#crashes = crashes;
  }

  /** The table as one invocation sees it. */
  enter(table: Table): Invocation {
    const invocation: Invocation = { isCrashed: false, table: this.#gate(table, () => invocation) };
    return invocation;
  }

  /** Lets one waiting call go; `false` when none waits. */
  async step(): Promise<boolean> {
    // All that follows from the calls before must have happened.
    await new Promise(setImmediate);
    if (this.#waiting.length === 0) return false;
    const [next] = this.#waiting.splice(this.#random.below(this.#waiting.length), 1);
    next?.go();
    return true;
  }

  #gate(table: Table, self: () => Invocation): Table {
    const gated = async <T>(call: () => Promise<T>): Promise<T> => {
      await this.#turn(self());
      this.#mayCrash(self());
      const answer = await call();
      this.#mayCrash(self());
      return answer;
    };
    const turn = () => gated(async () => {});
    return {
      get: (key) => gated(() => table.get(key)),
      getMany: (keys) => gated(() => table.getMany(keys)),
      put: (writing) => gated(() => table.put(writing)),
      deleteMany: (keys) => gated(() => table.deleteMany(keys)),
      query: (pk, options) => this.#inPages(table.query(pk, options), turn),
      scan: () => this.#inPages(table.scan(), turn),
      get writeUnits() {
        return table.writeUnits;
      },
    };
  }

  /** Others write between one page and the next. */
  async *#inPages<T>(items: AsyncIterable<T>, turn: () => Promise<void>): AsyncGenerator<T> {
    await turn();
    for await (const item of items) {
      yield item;
      if (this.#random.chance(PAGE_ENDS)) await turn();
    }
  }

  #turn(invocation: Invocation): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ invocation, go: resolve });
    });
  }

  /** A crashed invocation takes no further call: none of its writes under way reaches the table. */
  #mayCrash(invocation: Invocation): void {
    if (!invocation.isCrashed && this.#random.chance(this.#crashes)) invocation.isCrashed = true;
    if (invocation.isCrashed) throw new Crash();
  }
}
