// I71: pages keep every image as it was, whatever it holds, and no page grows without end.
// I120: a row stands in one page of its stream, whatever dies or is refused between the writes of two pages.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Decimal } from '../../functions/orders/decimal.ts';
import type { ChangeEvent, RowKey } from '../../functions/orders/fold/change.ts';
import { foldChanges } from '../../functions/orders/fold/fold.ts';
import type { RowImage } from '../../functions/orders/fold/image.ts';
import {
  hashesIn,
  type KeptImage,
  longTextsOf,
  packPage,
  unpackPage,
} from '../../functions/orders/pages/page.ts';
import { makePageStore, toPage } from '../../functions/orders/pages/page-store.ts';
import { placeOf, ROWS_A_PAGE_MAX } from '../../functions/orders/pages/place.ts';
import { REFUSED, type Writing } from '../../functions/orders/table/table-store.ts';
import { strictAsDynamoDb } from '../fuzz/dynamodb-limits.ts';
import { MemoryTable } from '../support/memory-table.ts';
import { ordersOver } from '../support/orders.ts';

const STREAM = '0:orders:0';
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
const decimal = fc
  .tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.integer({ min: 0, max: 10 }))
  .map(([coefficient, scale]) => new Decimal(coefficient, scale).trimmed());
const key: fc.Arbitrary<RowKey> = fc.oneof(
  int64.map((id) => ({ text: id.toString(), id })),
  fc.tuple(fc.string(), maybe(int64)).map(([text, id]) => ({ text: JSON.stringify([text]), id })),
);
const position = fc.record(
  {
    key,
    stream: fc.constant(STREAM),
    offset: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
    schema: fc.string(),
    source: fc.record({ lsn: int64, committedAtMs: int64 }),
    earlier: fc.constant(new Map([['0:orders:1', 7n]])),
    origin: fc.record({ stream: fc.constant('0:orders:1'), offset: int64 }),
    isBehindDelete: fc.constant(true as const),
  },
  { requiredKeys: ['key', 'stream', 'offset'] },
);
const order = fc.record({
  customer: maybe(int64),
  amount: maybe(decimal),
  status: maybe(fc.oneof(fc.string(), fc.string({ minLength: 130 }))),
  day: maybe(fc.constantFrom('2025-01-15', '0044-03-15 BC')),
});
const image: fc.Arbitrary<RowImage> = fc
  .tuple(position, maybe(order))
  .map(([where, row]) => ({ table: 'orders', row, ...where }));
const kept: fc.Arbitrary<KeptImage> = fc
  .tuple(
    image,
    fc.integer({ min: 1 }),
    fc.option(fc.option(image, { nil: undefined }), { nil: null }),
  )
  .map(([one, since, was]) => ({
    image: one,
    ...(one.row ? {} : { goneSince: since }),
    ...(was !== null && { atCut: { rebuild: 3, image: was } }),
  }));

test('a page is read back as it was written', () => {
  fc.assert(
    fc.property(fc.array(kept, { maxLength: 6 }), fc.boolean(), (rows, isFull) => {
      const packed = packPage({ isFull, kept: rows });
      const texts = longTextsOf(rows);
      expect([...texts.keys()].sort()).toEqual([...hashesIn(packed)].sort());
      const read = unpackPage('orders', STREAM, packed, (hash) => texts.get(hash) ?? '');
      expect(read).toEqual({ isFull, kept: rows });
    }),
  );
});

test('sixteen orders of a shop are within a kilobyte', () => {
  const rows = Array.from({ length: 16 }, (_, at): KeptImage => {
    const id = 1_000_000n + BigInt(at * 6);
    return {
      image: {
        ...{ table: 'orders', key: { text: id.toString(), id }, stream: STREAM, schema: 'public' },
        offset: 300_000n + BigInt(at * 3),
        source: {
          lsn: 48_161_616n + BigInt(at * 456),
          committedAtMs: 1_795_717_109_217n + BigInt(at * 811),
        },
        row: {
          customer: BigInt(70_000 + at * 31),
          amount: Decimal.of('103.71'),
          status: at % 3 === 0 ? 'paid' : 'shipped',
          day: '2025-01-15',
        },
      },
    };
  });
  expect(Buffer.byteLength(packPage({ isFull: false, kept: rows }))).toBeLessThan(1_000);
});

test('neighbours share a page, negative ids too; a key without an integer has one by hash', () => {
  const place = (id: bigint) => placeOf({ table: 'orders', key: { text: `${id}`, id } }, 96);
  expect([0n, 95n, 96n, -1n, -96n, -97n].map(place)).toEqual(
    ['0', '0', '1', '-1', '-1', '-2'].map((page) => `orders#${page}`),
  );
  const byHash = placeOf({ table: 'orders', key: { text: '"a"', id: null } }, 96);
  expect(byHash).toMatch(/^orders#h[0-9a-f]{16}$/);
});

/** Rows of one tenant: all have the same first integer. */
const tenantRow = (offset: number, row: number, status: string): ChangeEvent => ({
  ...{ table: 'orders', key: { text: `[7,${row}]`, id: 7n }, offset: BigInt(offset) },
  row: { customer: 1n, amount: Decimal.of('1'), status, day: '2025-01-15' },
});

test('rows that share their integer fill a page, and then have pages of their own', async () => {
  const table = new MemoryTable();
  const count = ROWS_A_PAGE_MAX + 50;
  let offset = 0;
  for (const status of ['new', 'paid']) {
    const pages = makePageStore(table, 16, () => 0);
    for (let from = 0; from < count; from += 40) {
      const rows = Array.from({ length: Math.min(40, count - from) }, (_, at) => from + at);
      const changes = rows.map((row) => tenantRow(offset++, row, status));
      const read = await pages.read(changes, STREAM, [STREAM]);
      if (status === 'paid') expect(read.images.size).toBe(rows.length);
      const { images } = foldChanges(changes, read.images, STREAM);
      expect(await pages.write(images, read, undefined)).toBe('written');
    }
  }
  expect(table.items.size).toBe(51);
  const { rows } = await ordersOver(table).audit();
  expect(rows).toBe(count);
});

/** Of 300 rows: its key, the integer in it, the status that it comes to have. */
type RowOf = (row: number) => readonly [text: string, id: number, status: string];
const LARGE_ROWS: readonly (readonly [string, RowOf])[] = [
  ['statuses of the longest text', (row) => [`${row}`, row, `${row}`.padEnd(4_096, '漢')]],
  ['statuses of control characters', (row) => [`${row}`, row, `${row}`.padEnd(4_096, '\u0001')]],
  ['long keys of one tenant', (row) => [`[7,"${`${row}`.padEnd(900, '漢')}"]`, 7, 'new']],
];

test.for(LARGE_ROWS)('no page is too large for DynamoDB: %s', async ([, rowOf]) => {
  const table = strictAsDynamoDb(new MemoryTable());
  const pages = makePageStore(table, 96, () => 0);
  let offset = 0n;
  for (const isLong of [false, true]) {
    for (let from = 0; from < 300; from += 50) {
      const changes = Array.from({ length: 50 }, (_, at) => {
        const [text, id, long] = rowOf(from + at);
        const { row } = tenantRow(0, 0, isLong ? long : 'new');
        return { table: 'orders', key: { text, id: BigInt(id) }, offset: offset++, row };
      }) as ChangeEvent[];
      const read = await pages.read(changes, STREAM, [STREAM]);
      const { images } = foldChanges(changes, read.images, STREAM);
      expect(await pages.write(images, read, { rebuild: 1, offset: 299n })).toBe('written');
      if (isLong) expect(read.images.size).toBe(50);
    }
  }
  const last = rowOf(299);
  const image = { table: 'orders', key: { text: last[0], id: BigInt(last[1]) } } as const;
  const { images } = await pages.read([image], STREAM, [STREAM]);
  expect([...images.values()]).toMatchObject([{ row: { status: last[2] } }]);
  expect((await ordersOver(table).audit()).rows).toBe(300);
});

/** Loses the writes of the neighbours' page, until it is mended. */
class TornTable extends MemoryTable {
  isTorn = true;

  override async put(writing: Writing) {
    if (this.isTorn && writing.key.pk === 'orders#0') throw new Error('The connection is lost.');
    return super.put(writing);
  }
}

const ROOM = 3;
const SIX_ROWS = [0, 1, 2, 3, 4, 5].map((row) => tenantRow(row, row, 'new'));

async function writeBatch(table: MemoryTable, changes: readonly ChangeEvent[]) {
  const pages = makePageStore(table, 16, () => 0, ROOM);
  const read = await pages.read(changes, STREAM, [STREAM]);
  const { images } = foldChanges(changes, read.images, STREAM);
  return () => pages.write(images, read, undefined);
}

function rowsIn(table: MemoryTable): string[] {
  const noTexts = () => '';
  const pages = [...table.items.values()].map((stored) => toPage(stored, noTexts));
  return pages.flatMap(({ kept }) => kept.map(({ image }) => image.key.text)).sort();
}

test('a batch that dies before a page is full leaves no row elsewhere; it comes again in any order', async () => {
  const table = new TornTable();
  const write = await writeBatch(table, SIX_ROWS);
  await expect(write()).rejects.toThrow('The connection is lost.');
  expect(rowsIn(table)).toEqual([]);
  table.isTorn = false;
  for (const change of SIX_ROWS.toReversed()) {
    expect(await (await writeBatch(table, [change]))()).toBe('written');
  }
  expect(rowsIn(table)).toEqual(SIX_ROWS.map(({ key: { text } }) => text));
});

test('of two that fill a page at once, the slower begins again, and has put no row elsewhere', async () => {
  const table = new MemoryTable();
  const slower = await writeBatch(table, SIX_ROWS);
  const twin = await writeBatch(table, SIX_ROWS.slice(4));
  expect(await twin()).toBe('written');
  expect(await slower()).toBe(REFUSED);
  expect(rowsIn(table)).toEqual(['[7,4]', '[7,5]']);
  expect(await (await writeBatch(table, SIX_ROWS))()).toBe('written');
  expect(rowsIn(table)).toEqual(SIX_ROWS.map(({ key: { text } }) => text));
});
