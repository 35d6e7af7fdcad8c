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

interface Entry {
  readonly sort: string;
  item: StoredItem;
  bytes: number;
}

interface Partition {
  readonly entries: Map<string, Entry>;
  /** By their sort keys; made anew when one comes or goes. */
  sorted: readonly Entry[] | undefined;
}

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
    return this.#partitions.get(partition)?.entries.get(sort)?.item;
  }

  *all(): Generator<StoredItem> {
    for (const { entries } of this.#partitions.values()) {
      for (const { item } of entries.values()) yield item;
    }
  }

  /** Answers the write units that it took. */
  write({ partition, sort }: Key, item: StoredItem): number {
    const bytes = sizeOf(item);
    if (bytes > ITEM_BYTES_MAX) {
      throw new InvalidRequest('Item size has exceeded the maximum allowed size');
    }
    Object.freeze(item);
    const of = this.#partitionFor(partition);
    const entry = of.entries.get(sort);
    const units = unitsOf(Math.max(bytes, entry?.bytes ?? 0));
    if (entry) Object.assign(entry, { item, bytes });
    else {
      of.entries.set(sort, { sort, item, bytes });
      of.sorted = undefined;
    }
    return units;
  }

  /** Answers the write units that it took. */
  delete({ partition, sort }: Key): number {
    const of = this.#partitionFor(partition);
    const bytes = of.entries.get(sort)?.bytes ?? 0;
    if (of.entries.delete(sort)) of.sorted = undefined;
    return unitsOf(bytes);
  }

  query({ partition, bounds, isForward }: Query, input: PageInput) {
    const start = input.ExclusiveStartKey?.[this.key.sort]?.S;
    const [from = '', to] = bounds ?? [];
    const entries = this.#ordered(partition).filter(
      ({ sort }) =>
        sort >= from &&
        (to === undefined || sort <= to) &&
        (start === undefined || (isForward ? sort > start : sort < start)),
    );
    return this.#page(isForward ? entries : entries.reverse(), input);
  }

  scan(input: PageInput) {
    return this.#page(this.#scanFrom(input.ExclusiveStartKey), input);
  }

  *#scanFrom(start: StoredItem | undefined): Generator<Entry> {
    this.#scattered ??= [...this.#partitions.keys()].sort((a, b) => {
      return scatter(a) - scatter(b) || (a < b ? -1 : 1);
    });
    const [partition, sort = ''] = [start?.[this.key.partition]?.S, start?.[this.key.sort]?.S];
    const at = partition === undefined ? 0 : this.#scattered.indexOf(partition);
    for (const name of this.#scattered.slice(at)) {
      const entries = this.#ordered(name);
      yield* name === partition ? entries.filter((entry) => entry.sort > sort) : entries;
    }
  }

  #partitionFor(name: string): Partition {
    const known = this.#partitions.get(name);
    if (known) return known;
    const made: Partition = { entries: new Map(), sorted: [] };
    this.#partitions.set(name, made);
    this.#scattered = undefined;
    return made;
  }

  #ordered(name: string): readonly Entry[] {
    const partition = this.#partitions.get(name);
    if (!partition) return [];
    partition.sorted ??= [...partition.entries.values()].sort((a, b) => (a.sort < b.sort ? -1 : 1));
    return partition.sorted;
  }

  #page(entries: Iterable<Entry>, { Limit = Number.POSITIVE_INFINITY }: PageInput) {
    const most = Math.min(Limit, Math.max(1, this.#freedom.pageItems()));
    const page: StoredItem[] = [];
    let bytes = 0;
    let LastEvaluatedKey: StoredItem | undefined;
    for (const entry of entries) {
      if (page.length >= most || bytes > PAGE_BYTES_MAX) {
        LastEvaluatedKey = this.#keyItemOf(page.at(-1));
        break;
      }
      page.push(entry.item);
      bytes += entry.bytes;
    }
    const counts = { Count: page.length, ScannedCount: page.length };
    return { Items: page, ...counts, ...(LastEvaluatedKey && { LastEvaluatedKey }) };
  }

  #keyItemOf(item: StoredItem = {}): StoredItem {
    const names = [this.key.partition, this.key.sort];
    return Object.fromEntries(names.flatMap((name) => (item[name] ? [[name, item[name]]] : [])));
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
