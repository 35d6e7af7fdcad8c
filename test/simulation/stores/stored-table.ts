// One table of the simulated DynamoDB with its global secondary indexes, which lag behind it.
import type { AttributeValue, CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import { compareValues, InvalidRequest, type StoredItem } from './expressions.ts';

const ITEM_BYTES_MAX = 400 * 1024;
const PAGE_BYTES_MAX = 1024 * 1024;
const WRITE_UNIT_BYTES = 1024;

/** What DynamoDB is free to do; in a simulation the seed decides. */
export interface Freedom {
  /** Whether a write stays unseen in an index for now. */
  isIndexLate(): boolean;
  /** How many items a page may hold at most. */
  pageItems(): number;
  /** How many of a batch's keys are read. */
  keysRead(asked: number): number;
}

export const NO_FREEDOM: Freedom = {
  isIndexLate: () => false,
  pageItems: () => Number.POSITIVE_INFINITY,
  keysRead: (asked) => asked,
};

interface KeyNames {
  readonly partition: string;
  readonly sort: string;
}

interface Index extends KeyNames {
  readonly items: Map<string, StoredItem>;
  /** By key, oldest first: versions that the index does not show yet. */
  readonly late: Map<string, (StoredItem | undefined)[]>;
}

export interface Query {
  readonly name: string;
  readonly value: string;
  readonly index: string | undefined;
  readonly isForward: boolean;
}

interface PageInput {
  readonly ExclusiveStartKey?: Record<string, AttributeValue> | undefined;
  readonly Limit?: number | undefined;
}

export class StoredTable {
  readonly #items = new Map<string, StoredItem>();
  readonly #bytes = new Map<string, number>();
  readonly #indexes = new Map<string, Index>();
  readonly #types: ReadonlyMap<string, string>;
  readonly #key: KeyNames;
  readonly #freedom: Freedom;
  readonly #places = new Map<string, number>();

  constructor(definition: CreateTableCommandInput, freedom: Freedom) {
    const { AttributeDefinitions = [], GlobalSecondaryIndexes = [] } = definition;
    this.#freedom = freedom;
    this.#types = new Map(
      AttributeDefinitions.map(({ AttributeName = '', AttributeType = '' }) => [
        AttributeName,
        AttributeType,
      ]),
    );
    this.#key = keyNames(definition.KeySchema);
    for (const { IndexName = '', KeySchema } of GlobalSecondaryIndexes) {
      const empty = { items: new Map(), late: new Map() };
      this.#indexes.set(IndexName, { ...keyNames(KeySchema), ...empty });
    }
  }

  /** @throws {InvalidRequest} when the key attributes are absent, empty or of another type. */
  keyOf(item: StoredItem, isKeyAlone: boolean): string {
    const { partition, sort } = this.#key;
    const parts = [partition, sort].map((name) => this.#checkedKeyPart(name, item[name]));
    if (isKeyAlone && Object.keys(item).length !== 2) {
      throw new InvalidRequest('The provided key element does not match the schema');
    }
    return parts.join('\u0000');
  }

  get(key: string): StoredItem | undefined {
    return this.#items.get(key);
  }

  all(): IterableIterator<StoredItem> {
    return this.#items.values();
  }

  /** Answers the write units that it took. */
  write(key: string, item: StoredItem): number {
    const bytes = sizeOf(item);
    if (bytes > ITEM_BYTES_MAX) {
      throw new InvalidRequest('Item size has exceeded the maximum allowed size');
    }
    for (const { partition, sort } of this.#indexes.values()) {
      for (const name of [partition, sort]) if (item[name]) this.#checkedKeyPart(name, item[name]);
    }
    const bytesBefore = this.#bytes.get(key) ?? 0;
    this.#items.set(key, Object.freeze(item));
    this.#bytes.set(key, bytes);
    this.#writeIndexes(key, item);
    return Math.ceil(Math.max(bytes, bytesBefore) / WRITE_UNIT_BYTES);
  }

  delete(item: StoredItem): void {
    const key = this.keyOf(item, false);
    this.#items.delete(key);
    this.#bytes.delete(key);
    this.#writeIndexes(key, undefined);
  }

  query({ name, value, index: indexName, isForward }: Query, input: PageInput) {
    const index = indexName === undefined ? undefined : this.#indexes.get(indexName);
    if (indexName !== undefined && !index) {
      throw new InvalidRequest(`The table does not have the specified index: ${indexName}`);
    }
    if (index) this.#catchUp(index, () => this.#freedom.isIndexLate());
    const names = index ?? this.#key;
    if (name !== names.partition) throw new InvalidRequest('Query condition missed key schema');
    const items = [...(index?.items ?? this.#items).values()].filter(
      (item) => item[name]?.S === value,
    );
    const sign = isForward ? 1 : -1;
    items.sort((a, b) => sign * this.#compare(a, b, names.sort));
    return this.#page(items, input, (a, b) => sign * this.#compare(a, b, names.sort), index);
  }

  scan(input: PageInput) {
    const items = [...this.#items.values()].sort((a, b) => this.#compareScan(a, b));
    return this.#page(items, input, (a, b) => this.#compareScan(a, b), undefined);
  }

  /** Everything that was written shows in the indexes, as it does when time passes. */
  catchUp(): void {
    for (const index of this.#indexes.values()) this.#catchUp(index, () => false);
  }

  #checkedKeyPart(name: string, value: AttributeValue | undefined): string {
    const part = this.#types.get(name) === 'N' ? value?.N : value?.S;
    if (part === undefined) throw new InvalidRequest(`Type mismatch or missing key ${name}`);
    if (part === '') throw new InvalidRequest(`The key ${name} holds an empty string`);
    return part;
  }

  #writeIndexes(key: string, item: StoredItem | undefined): void {
    for (const index of this.#indexes.values()) {
      const entry = item?.[index.partition] && item[index.sort] ? item : undefined;
      const late = index.late.get(key) ?? [];
      if (!entry && late.length === 0 && !index.items.has(key)) continue;
      index.late.set(key, [...late, entry]);
      if (!this.#freedom.isIndexLate()) this.#catchUp(index, () => false, key);
    }
  }

  /** An index sees the versions of one item in their order, those of two items in any. */
  #catchUp(index: Index, isLate: () => boolean, only?: string): void {
    for (const [key, versions] of only === undefined
      ? index.late
      : [[only, index.late.get(only) ?? []] as const]) {
      while (versions.length > 0 && !isLate()) {
        const version = versions.shift();
        if (version) index.items.set(key, version);
        else index.items.delete(key);
      }
      if (versions.length === 0) index.late.delete(key);
    }
  }

  #page(
    items: readonly StoredItem[],
    { ExclusiveStartKey, Limit }: PageInput,
    compare: (a: StoredItem, b: StoredItem) => number,
    index: Index | undefined,
  ) {
    const most = Math.min(
      Limit ?? Number.POSITIVE_INFINITY,
      Math.max(1, this.#freedom.pageItems()),
    );
    const page: StoredItem[] = [];
    let bytes = 0;
    let isWhole = true;
    for (const item of items) {
      if (ExclusiveStartKey && compare(item, ExclusiveStartKey) <= 0) continue;
      if (page.length >= most || bytes > PAGE_BYTES_MAX) {
        isWhole = false;
        break;
      }
      page.push(item);
      bytes += sizeOf(item);
    }
    const last = page.at(-1);
    const names = [this.#key.partition, this.#key.sort, index?.partition, index?.sort];
    const lastKey = names.flatMap((name) => (name && last?.[name] ? [[name, last[name]]] : []));
    return {
      Items: page,
      Count: page.length,
      ScannedCount: page.length,
      ...(isWhole ? {} : { LastEvaluatedKey: Object.fromEntries(lastKey) }),
    };
  }

  /** Ties in an index stand in no order that anyone may rely on, but always the same. */
  #compare(a: StoredItem, b: StoredItem, sort: string): number {
    const [x, y] = [a[sort], b[sort]];
    return (x && y && compareValues(x, y)) || this.#compareScan(a, b);
  }

  /** Keys lie where their hash puts them. */
  #compareScan(a: StoredItem, b: StoredItem): number {
    const { partition, sort } = this.#key;
    const [x, y] = [a[partition]?.S ?? '', b[partition]?.S ?? ''];
    return x === y ? compareTexts(a[sort]?.S, b[sort]?.S) : this.#place(x) - this.#place(y);
  }

  #place(text: string): number {
    const known = this.#places.get(text);
    if (known !== undefined) return known;
    // Each at its own: two keys may have one hash.
    const place = scatter(text) + this.#places.size / 2 ** 16;
    this.#places.set(text, place);
    return place;
  }
}

function compareTexts(a = '', b = ''): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** FNV-1a. */
function scatter(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return hash >>> 0;
}

function keyNames(schema: CreateTableCommandInput['KeySchema'] = []): KeyNames {
  const nameOf = (type: string) => schema.find(({ KeyType }) => KeyType === type)?.AttributeName;
  const [partition, sort] = [nameOf('HASH'), nameOf('RANGE')];
  if (!partition || !sort) throw new Error('Not simulated: a table without a sort key');
  return { partition, sort };
}

/** Near enough: what is not ASCII counts too little. */
function sizeOf(item: StoredItem): number {
  let bytes = 0;
  for (const [name, { N, S }] of Object.entries(item)) {
    bytes += name.length;
    if (N !== undefined) bytes += Math.ceil(N.length / 2) + 1;
    else bytes += S === undefined ? 1 : S.length;
  }
  return bytes;
}
