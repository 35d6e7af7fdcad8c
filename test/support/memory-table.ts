// The aggregates table in memory, true to DynamoDB where the store relies on it. The suite in
// test/contract runs on this and on a real engine, so that what the other tests believe is so.
import { crc32 } from 'node:zlib';
import { Decimal } from '../../functions/orders/decimal.ts';
import type { ItemKey } from '../../functions/orders/items.ts';
import { REFUSED, type Table } from '../../functions/orders/store/table-store.ts';
import type {
  Attribute,
  Comparison,
  Conditions,
  Item,
  UpdateRequest,
} from '../../functions/orders/store/update-request.ts';

export class MemoryTable implements Table {
  readonly items = new Map<string, Item>();
  writeUnits = 0;

  async get(key: ItemKey): Promise<Item | undefined> {
    return this.items.get(nameOf(key));
  }

  async getMany(keys: readonly ItemKey[]): Promise<Item[]> {
    return keys.flatMap((key) => {
      const item = this.items.get(nameOf(key));
      return item ? [item] : [];
    });
  }

  async update(request: UpdateRequest): Promise<Item | typeof REFUSED> {
    const { key, set = [], add = [], remove = [] } = request;
    this.writeUnits += 1;
    const stored = this.items.get(nameOf(key));
    if (!holds(request.conditions, stored ?? {})) return REFUSED;
    const item: Record<string, Attribute> = stored
      ? { ...stored }
      : { pk: { S: key.pk }, sk: { S: key.sk } };
    for (const [name, value] of set) item[name] = value;
    for (const [name, value] of add) {
      item[name] = { N: numberOf(item[name]).plus(value).toText() };
    }
    for (const name of remove) delete item[name];
    this.items.set(nameOf(key), item);
    return item;
  }

  async put(item: Item, conditions: Conditions): Promise<'written' | typeof REFUSED> {
    this.writeUnits += 1;
    const name = nameOf({ pk: textOf(item.pk), sk: textOf(item.sk) });
    if (!holds(conditions, this.items.get(name) ?? {})) return REFUSED;
    this.items.set(name, item);
    return 'written';
  }

  async *query(pk: string): AsyncGenerator<Item> {
    for await (const item of this.scan()) if (textOf(item.pk) === pk) yield item;
  }

  async *queryRanking(kind: string, order: 'highest-first' | 'lowest-first'): AsyncGenerator<Item> {
    const ranked = [...this.items.values()].filter((item) => item.rk && textOf(item.rk) === kind);
    const sign = order === 'highest-first' ? -1 : 1;
    yield* ranked.sort((a, b) => sign * numberOf(a.a).compare(numberOf(b.a)));
  }

  /** Each item as it is when the scan passes it, in an order that tells nothing; no snapshot. */
  async *scan(): AsyncGenerator<Item> {
    for (const name of [...this.items.keys()].sort((a, b) => crc32(a) - crc32(b))) {
      const item = this.items.get(name);
      if (item) yield item;
    }
  }
}

function nameOf({ pk, sk }: ItemKey): string {
  return `${pk} ${sk}`;
}

function holds(conditions: Conditions, item: Item): boolean {
  return conditions.every((condition) =>
    'attribute' in condition
      ? compares(condition, item)
      : condition.some((comparison) => compares(comparison, item)),
  );
}

/** A comparison with an absent attribute is false, but for `<>`, which is true. */
function compares(comparison: Comparison, item: Item): boolean {
  const attribute = item[comparison.attribute];
  if (!('value' in comparison)) return (comparison.is === 'present') === (attribute !== undefined);
  if (!attribute) return comparison.is === '<>';
  const order = compareAttributes(attribute, comparison.value);
  return {
    '<': order < 0,
    '>': order > 0,
    '>=': order >= 0,
    '=': order === 0,
    '<>': order !== 0,
  }[comparison.is];
}

function compareAttributes(a: Attribute, b: Attribute): number {
  if ('N' in a && 'N' in b) return Decimal.of(a.N).compare(Decimal.of(b.N));
  const [textA, textB] = [textOf(a), textOf(b)];
  return textA < textB ? -1 : textA > textB ? 1 : 0;
}

function numberOf(attribute: Attribute | undefined): Decimal {
  return attribute && 'N' in attribute ? Decimal.of(attribute.N) : Decimal.ZERO;
}

export function textOf(attribute: Attribute | undefined): string {
  if (!attribute || !('S' in attribute)) throw new TypeError('The attribute holds no text.');
  return attribute.S;
}
