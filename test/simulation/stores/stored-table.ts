// One table of the simulated DynamoDB: items by partition and sort key, read in pages.
import type { AttributeValue } from '@aws-sdk/client-dynamodb';

export type StoredItem = Readonly<Record<string, AttributeValue>>;

/** What DynamoDB answers with `ValidationException`. */
export class InvalidRequest extends Error {}

const ITEM_BYTES_MAX = 400 * 1024;
const PAGE_BYTES_MAX = 1024 * 1024;
const WRITE_UNIT_BYTES = 1024;

/** What DynamoDB is free to do; in a simulation the seed decides. */
export interface Freedom {
  /** How many items a page may hold at most. */
  pageItems(): number;
  /** How many of a batch's keys are read, or deleted. */
  keysTaken(asked: number): number;
}

export const NO_FREEDOM: Freedom = {
  pageItems: () => Number.POSITIVE_INFINITY,
  keysTaken: (asked) => asked,
};

export interface KeyNames {
  readonly partition: string;
  readonly sort: string;
}

export interface Query {
  readonly partition: string;
  /** Sort keys, both included. */
  readonly bounds: readonly [from: string, to: string] | undefined;
  readonly isForward: boolean;
}

interface PageInput {
  readonly ExclusiveStartKey?: Record<string, AttributeValue> | undefined;
  readonly Limit?: number | undefined;
}

interface Key {
  readonly partition: string;
  readonly sort: string;
}

interface Partition {
  readonly items: Map<string, StoredItem>;
  /** Its sort keys in order; made anew when one comes or goes. */
  sorted: readonly string[] | undefined;
}

const NO_PARTITION: Partition = { items: new Map(), sorted: [] };

export class StoredTable {
  readonly key: KeyNames;
  readonly #partitions = new Map<string, Partition>();
  /** In the order of a scan; made anew when one comes. */
  #scattered: readonly string[] | undefined;
  readonly #freedom: Freedom;

  constructor(key: KeyNames, freedom: Freedom) {
    this.key = key;
    this.#freedom = freedom;
  }

  /** @throws {InvalidRequest} when the key attributes are absent, empty or of another type. */
  keyOf(item: StoredItem, isKeyAlone: boolean): Key {
    if (isKeyAlone && Object.keys(item).length !== 2) {
      throw new InvalidRequest('The provided key element does not match the schema');
    }
    return { partition: keyPart(item, this.key.partition), sort: keyPart(item, this.key.sort) };
  }

  get({ partition, sort }: Key): StoredItem | undefined {
    return this.#partitions.get(partition)?.items.get(sort);
  }

  *all(): Generator<StoredItem> {
    for (const { items } of this.#partitions.values()) yield* items.values();
  }

  /** Answers the write units that it took. */
  write(key: Key, item: StoredItem): number {
    const bytes = sizeOf(item);
    if (bytes > ITEM_BYTES_MAX) {
      throw new InvalidRequest('Item size has exceeded the maximum allowed size');
    }
    const before = this.get(key);
    const partition = this.#partitionFor(key);
    if (!before) partition.sorted = undefined;
    partition.items.set(key.sort, Object.freeze(item));
    return unitsOf(Math.max(bytes, before ? sizeOf(before) : 0));
  }

  /** Answers the write units that it took. */
  delete(key: Key): number {
    const before = this.get(key);
    const partition = this.#partitionFor(key);
    if (partition.items.delete(key.sort)) partition.sorted = undefined;
    return unitsOf(before ? sizeOf(before) : 0);
  }

  query({ partition, bounds, isForward }: Query, input: PageInput) {
    const { items, sorted } = this.#ordered(partition);
    const start = input.ExclusiveStartKey?.[this.key.sort]?.S;
    const [from = '', to] = bounds ?? [];
    const isWithin = (sort: string) =>
      sort >= from &&
      (to === undefined || sort <= to) &&
      (start === undefined || (isForward ? sort > start : sort < start));
    const keys = sorted.filter(isWithin);
    if (!isForward) keys.reverse();
    return this.#page(itemsOf(items, keys), input);
  }

  scan(input: PageInput) {
    return this.#page(this.#scanFrom(input.ExclusiveStartKey), input);
  }

  *#scanFrom(start: StoredItem | undefined): Generator<StoredItem> {
    this.#scattered ??= [...this.#partitions.keys()].sort((a, b) => {
      return scatter(a) - scatter(b) || (a < b ? -1 : 1);
    });
    const [partition, sort = ''] = [start?.[this.key.partition]?.S, start?.[this.key.sort]?.S];
    const at = partition === undefined ? 0 : this.#scattered.indexOf(partition);
    for (const name of this.#scattered.slice(at)) {
      const { items, sorted } = this.#ordered(name);
      yield* itemsOf(items, name === partition ? sorted.filter((key) => key > sort) : sorted);
    }
  }

  #partitionFor({ partition }: Key): Partition {
    const known = this.#partitions.get(partition);
    if (known) return known;
    const made: Partition = { items: new Map(), sorted: [] };
    this.#partitions.set(partition, made);
    this.#scattered = undefined;
    return made;
  }

  #ordered(name: string): { items: Partition['items']; sorted: readonly string[] } {
    const partition = this.#partitions.get(name) ?? NO_PARTITION;
    partition.sorted ??= [...partition.items.keys()].sort();
    return { items: partition.items, sorted: partition.sorted };
  }

  #page(items: Iterable<StoredItem>, { Limit = Number.POSITIVE_INFINITY }: PageInput) {
    const most = Math.min(Limit, Math.max(1, this.#freedom.pageItems()));
    const page: StoredItem[] = [];
    let bytes = 0;
    let isWhole = true;
    for (const item of items) {
      if (page.length >= most || bytes > PAGE_BYTES_MAX) {
        isWhole = false;
        break;
      }
      page.push(item);
      bytes += sizeOf(item);
    }
    const last = page.at(-1);
    const names = [this.key.partition, this.key.sort];
    const lastKey = names.flatMap((name) => (last?.[name] ? [[name, last[name]]] : []));
    return {
      Items: page,
      Count: page.length,
      ScannedCount: page.length,
      ...(isWhole ? {} : { LastEvaluatedKey: Object.fromEntries(lastKey) }),
    };
  }
}

function* itemsOf(items: Partition['items'], keys: Iterable<string>): Generator<StoredItem> {
  for (const key of keys) {
    const item = items.get(key);
    if (item) yield item;
  }
}

function keyPart(item: StoredItem, name: string): string {
  const part = item[name]?.S;
  if (part === undefined) throw new InvalidRequest(`Type mismatch or missing key ${name}`);
  if (part === '') throw new InvalidRequest(`The key ${name} holds an empty string`);
  return part;
}

/** Partitions lie where their hash puts them; this is FNV-1a. */
function scatter(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return hash >>> 0;
}

const unitsOf = (bytes: number) => Math.max(1, Math.ceil(bytes / WRITE_UNIT_BYTES));

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
