// I121: a rebuild that is late, and whose pause has lapsed, takes nothing away from a newer one, mends nothing
// twice, and writes over nothing that is newer. I122: nothing is merged behind the cuts meanwhile. I124: each cut is set once.
import { beforeEach, expect, test } from 'vitest';
import { rebuild } from '../../functions/orders/repair/rebuild.ts';
import { CORRECTIONS } from '../../functions/orders/segments/segment.ts';
import { type ItemKey, itemKeys } from '../../functions/orders/table/items.ts';
import type { QueryOptions, Stored, Writing } from '../../functions/orders/table/table-store.ts';
import { kafkaRecord } from '../support/kafka-record.ts';
import { MemoryTable } from '../support/memory-table.ts';
import { ordersOver } from '../support/orders.ts';

const TOPIC = 'dbserver1.public.orders';
const LAPSED_MS = 121_000;
const CHAIN = itemKeys.chain(`0:${TOPIC}:0`);
const CORRECTED = itemKeys.chain(CORRECTIONS);
const DAMAGE = { aggregate: 'customer 3', attribute: 'count', expected: '1', actual: '9' };

type Place = (access: 'get' | 'put' | 'query' | 'scan' | 'scanned', key: string) => boolean;

/** The same items as one process reaches them, which stands still at its first such access until it is let go. */
class HeldTable extends MemoryTable {
  override readonly items: Map<string, Stored>;
  readonly #isPlace: Place;
  readonly #reached = Promise.withResolvers<void>();
  readonly #released = Promise.withResolvers<void>();

  constructor({ items }: MemoryTable, isPlace: Place) {
    super();
    this.items = items;
    this.#isPlace = isPlace;
  }

  get reached(): Promise<void> {
    return this.#reached.promise;
  }

  release(): void {
    this.#released.resolve();
  }

  override async get(key: ItemKey) {
    await this.#hold('get', key.sk);
    return super.get(key);
  }

  override async put(writing: Writing) {
    await this.#hold('put', writing.key.pk);
    return super.put(writing);
  }

  override async *query(pk: string, options?: QueryOptions) {
    await this.#hold('query', pk);
    yield* super.query(pk, options);
  }

  override async *scan() {
    await this.#hold('scan', '');
    yield* super.scan();
    await this.#hold('scanned', '');
  }

  async #hold(...[access, key]: Parameters<Place>): Promise<void> {
    if (!this.#isPlace(access, key)) return;
    this.#reached.resolve();
    await this.#released.promise;
  }
}

/** The same items, where the answer to the first put of a key is lost, and the SDK asks again some time later. */
class LosingTable extends MemoryTable {
  override readonly items: Map<string, Stored>;
  isLost = false;
  readonly #pk: string;
  readonly #meanwhile: () => Promise<unknown>;

  constructor({ items }: MemoryTable, pk: string, meanwhile: () => Promise<unknown>) {
    super();
    this.items = items;
    this.#pk = pk;
    this.#meanwhile = meanwhile;
  }

  override async put(writing: Writing) {
    const answer = await super.put(writing);
    if (this.isLost || writing.key.pk !== this.#pk) return answer;
    this.isLost = true;
    await this.#meanwhile();
    return super.put(writing);
  }
}

let nowMs = 0;
const table = new MemoryTable();
const orders = ordersOver(table, { now: () => nowMs });

beforeEach(async () => {
  table.items.clear();
  await orders.aggregate(batch(0, 10));
  await orders.reports();
});

/** One order of each customer. */
function batch(from: number, count: number, status = 'new') {
  const records = Array.from({ length: count }, (_, at) => {
    const id = (from + at) % 20;
    const after = { id, customer_id: id, total_amount: '1.50', status, created_at: 1e15 };
    const value = JSON.stringify({ op: 'u', before: null, after, source: { table: 'orders' } });
    return kafkaRecord({ topic: TOPIC, partition: 0, offset: from + at, value });
  });
  return { topic: TOPIC, partition: 0, records };
}

async function damage(): Promise<void> {
  const key = itemKeys.base('customer', '0');
  const seen = await table.get(key);
  await table.put({ key, seen, text: seen?.text.replace('"3":[1', '"3":[9') ?? '' });
}

/** Begins one that stands still at a place. */
function begin(isPlace: Place) {
  const held = new HeldTable(table, isPlace);
  const { ports } = ordersOver(held, { now: () => nowMs });
  const ending = rebuild(ports, { isDryRun: false, waitMsMax: 0 }).then(
    ({ differences }) => differences,
    ({ message }: Error) => message,
  );
  return { held, ending };
}

async function expectWhole(): Promise<void> {
  await orders.reports();
  expect((await orders.audit()).differences).toEqual([]);
}

test('a late cut takes no row away from a newer rebuild', async () => {
  const late = begin((access, key) => access === 'put' && key === CHAIN);
  await late.held.reached;
  nowMs += LAPSED_MS;
  const newer = begin((access) => access === 'scan');
  await newer.held.reached;
  late.held.release();
  expect(await late.ending).toMatch(/^It was late, and a newer rebuild has cut /);
  await orders.aggregate(batch(20, 20, 'paid'));
  newer.held.release();
  expect(await newer.ending).toEqual([]);
  await expectWhole();
});

test('a cut whose answer was lost is set once, however far the stream goes meanwhile', async () => {
  const losing = new LosingTable(table, CHAIN, () => orders.aggregate(batch(20, 10, 'paid')));
  const { ports } = ordersOver(losing, { now: () => nowMs });
  expect((await rebuild(ports, { isDryRun: false, waitMsMax: 0 })).differences).toEqual([]);
  expect(losing.isLost).toBe(true);
  await expectWhole();
});

test('a report run merges nothing behind the cuts of a rebuild that reads the rows', async () => {
  const rebuilding = begin((access) => access === 'scan');
  await rebuilding.held.reached;
  // Days change and customers do not: no later ranking or counter tells the rebuild that it was overtaken.
  await orders.aggregate(batch(20, 10, 'paid'));
  await orders.reports();
  rebuilding.held.release();
  expect(await rebuilding.ending).toEqual([]);
  await expectWhole();
});

test('what a late rebuild has mended is not mended once more by a newer one', async () => {
  await damage();
  const late = begin((access, key) => access === 'put' && key === CORRECTED);
  await late.held.reached;
  nowMs += LAPSED_MS;
  const newer = begin((access) => access === 'scanned');
  await newer.held.reached;
  late.held.release();
  expect(await late.ending).toEqual([DAMAGE]);
  newer.held.release();
  expect(await newer.ending).toBe('Another rebuild corrects as well. Run it again.');
  await expectWhole();
});

test('what a newer rebuild has mended is not mended once more by a late one', async () => {
  await damage();
  // Its pause is renewed, and the end of its corrections not yet asked for.
  const late = begin((access, key) => access !== 'get' && key === CORRECTED);
  await late.held.reached;
  nowMs += LAPSED_MS;
  expect(await begin(() => false).ending).toEqual([DAMAGE]);
  late.held.release();
  expect(await late.ending).toBe('Another rebuild corrects as well. Run it again.');
  await expectWhole();
});

test('a late rebuild counts no customer away who came since', async () => {
  const isAfterScan = makeAfterScan();
  const late = begin(isAfterScan);
  await late.held.reached;
  nowMs += LAPSED_MS;
  await orders.aggregate(batch(10, 10));
  await orders.reports();
  late.held.release();
  expect(await late.ending).toMatch(/^Plan \d+ is under way, and plan \d+ is over\.$/);
  await expectWhole();
});

/** Its rows are read, and what they are held against is not. */
function makeAfterScan(): Place {
  let isScanned = false;
  return (access, key) => {
    isScanned ||= access === 'scanned';
    return isScanned && access === 'get' && key === itemKeys.counters.sk;
  };
}
