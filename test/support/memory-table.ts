// The aggregates table in memory: each access is one step, as DynamoDB's are.
import type { ItemKey } from '../../functions/orders/table/items.ts';
import {
  type QueryOptions,
  REFUSED,
  type Stored,
  type Table,
  type Writing,
} from '../../functions/orders/table/table-store.ts';

const nameOf = ({ pk, sk }: ItemKey) => `${pk} ${sk}`;

export class MemoryTable implements Table {
  readonly items = new Map<string, Stored>();
  writeUnits = 0;

  async get(key: ItemKey): Promise<Stored | undefined> {
    return this.items.get(nameOf(key));
  }

  async getMany(keys: readonly ItemKey[]): Promise<Stored[]> {
    return keys.flatMap((key) => this.items.get(nameOf(key)) ?? []);
  }

  async put({ key, text, seen }: Writing): Promise<'written' | typeof REFUSED> {
    this.writeUnits += 1;
    if (this.items.get(nameOf(key))?.version !== seen?.version) return REFUSED;
    this.items.set(nameOf(key), { key, text, version: (seen?.version ?? 0) + 1 });
    return 'written';
  }

  async deleteMany(keys: readonly ItemKey[]): Promise<void> {
    for (const key of keys) this.items.delete(nameOf(key));
  }

  async *query(pk: string, options: QueryOptions = {}): AsyncGenerator<Stored> {
    const { from = '', to = '\uffff', order, limit } = options;
    const found = [...this.items.values()]
      .filter(({ key }) => key.pk === pk && key.sk >= from && key.sk <= to)
      .sort((a, b) => (a.key.sk < b.key.sk ? -1 : 1));
    if (order === 'descending') found.reverse();
    yield* found.slice(0, limit);
  }

  async *scan(): AsyncGenerator<Stored> {
    yield* [...this.items.values()];
  }
}
