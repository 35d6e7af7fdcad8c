// What the orders' store and the random tests believe of a table, as one suite for any engine.
import { describe, expect, test } from 'vitest';
import { Decimal } from '../../functions/orders/decimal.ts';
import { readDecimal } from '../../functions/orders/store/sum-update.ts';
import { REFUSED, type Table } from '../../functions/orders/store/table-store.ts';
import {
  type Comparison,
  type Item,
  number,
  text,
} from '../../functions/orders/store/update-request.ts';

/** An empty table of its own at each call. */
export type Engine = () => Promise<{ table: Table; close: () => void }>;

export function tableSuite(name: string, start: Engine): void {
  describe(`updates of the aggregates table (${name})`, () => updates(start));
  describe(`reads of the aggregates table (${name})`, () => reads(start));
}

async function withTable(start: Engine, use: (table: Table) => Promise<void>) {
  const { table, close } = await start();
  try {
    await use(table);
  } finally {
    close();
  }
}

const KEY = { pk: 'customer#1', sk: 'sum' };
const one = Decimal.ofInteger(1);

async function write(table: Table, conditions: Comparison[], by = one, key = KEY) {
  return table.update({ key, add: new Map([['n', by]]), conditions });
}

function updates(start: Engine): void {
  test('an update makes the item, adds to absent attributes as to zero, and answers the whole item', () =>
    withTable(start, async (table) => {
      const set = new Map([['w:0:1', number(7n)]]);
      const add = new Map([['n', one]]);
      expect(await table.update({ key: KEY, add, set, conditions: [] })).toEqual({
        pk: text(KEY.pk),
        sk: text(KEY.sk),
        n: number(1),
        'w:0:1': number(7),
      });
      expect(await table.update({ key: KEY, remove: ['w:0:1'], conditions: [] })).toEqual({
        pk: text(KEY.pk),
        sk: text(KEY.sk),
        n: number(1),
      });
    }));

  test('sums keep 38 digits and come back to zero', () =>
    withTable(start, async (table) => {
      const large = Decimal.of('1234567890123456789012345678.0123456789');
      expect(await write(table, [], large)).toMatchObject({ n: { N: large.toText() } });
      const sum = (await write(table, [], large.negated())) as Item;
      // AWS writes 0; DynamoDB Local keeps the zeros after the point.
      expect(readDecimal(sum, 'n').isZero).toBe(true);
    }));

  test.each<[string, Comparison, boolean]>([
    ['present', { attribute: 'n', is: 'present' }, true],
    ['absent', { attribute: 'n', is: 'absent' }, false],
    ['absent of another', { attribute: 'zz', is: 'absent' }, true],
    ['greater', { attribute: 'n', is: '>', value: number(9) }, true],
    ['greater, equal', { attribute: 'n', is: '>', value: number(10) }, false],
    ['at least', { attribute: 'n', is: '>=', value: number(10) }, true],
    ['less, by number and not by text', { attribute: 'n', is: '<', value: number(9) }, false],
    ['equal', { attribute: 'n', is: '=', value: { N: '10.0' } }, true],
    ['less than, of an absent attribute', { attribute: 'zz', is: '<', value: number(9) }, false],
    ['unequal, of an absent attribute', { attribute: 'zz', is: '<>', value: number(9) }, true],
  ])('condition: %s', (_case, comparison, isAccepted) =>
    withTable(start, async (table) => {
      await write(table, [], Decimal.ofInteger(10));
      expect((await write(table, [comparison])) !== REFUSED).toBe(isAccepted);
      expect((await table.get(KEY))?.n).toEqual(number(isAccepted ? 11 : 10));
    }),
  );

  test('one of a list of conditions is enough, and every list must have one', () =>
    withTable(start, async (table) => {
      await write(table, []);
      const [isOne, isTwo] = [1, 2].map(
        (value): Comparison => ({ attribute: 'n', is: '=', value: number(value) }),
      ) as [Comparison, Comparison];
      const item: Item = { pk: text(KEY.pk), sk: text(KEY.sk), n: number(5) };
      expect(await table.put(item, [[isTwo, isTwo]])).toBe(REFUSED);
      expect(await table.put(item, [[isTwo, isOne], [isTwo]])).toBe(REFUSED);
      expect(await table.put(item, [[isTwo, isOne]])).toBe('written');
      expect(await table.get(KEY)).toEqual(item);
    }));
}

function reads(start: Engine): void {
  test('reads of many leave out what is absent, over more than one batch', () =>
    withTable(start, async (table) => {
      const keys = Array.from({ length: 130 }, (_, id) => ({ pk: `order#${id}`, sk: 'row' }));
      for (const key of keys.slice(0, 120)) await write(table, [], one, key);
      expect(await table.getMany(keys)).toHaveLength(120);
    }));

  test('the ranking index follows the sums, holds only who has its key, in both orders', () =>
    withTable(start, async (table) => {
      for (const [pk, score, kind] of [
        ['customer#1', '10', 'customer'],
        ['customer#2', '-3.5', 'customer'],
        ['customer#3', '9', 'customer'],
        ['product#4', '1000', 'product'],
        ['customer#5', '1000', undefined],
      ] as const) {
        await table.update({
          key: { pk, sk: 'sum' },
          add: new Map([['a', Decimal.of(score)]]),
          ...(kind && { set: new Map([['rk', text(kind)]]) }),
          conditions: [],
        });
      }
      const ranked = async (order: 'highest-first' | 'lowest-first') =>
        (await Array.fromAsync(table.queryRanking('customer', order))).map((item) => item.pk);
      expect(await ranked('highest-first')).toEqual(
        ['customer#1', 'customer#3', 'customer#2'].map(text),
      );
      expect(await ranked('lowest-first')).toEqual(
        ['customer#2', 'customer#3', 'customer#1'].map(text),
      );
      const key = { pk: 'customer#3', sk: 'sum' };
      await table.update({
        key,
        add: new Map([
          ['a', one],
          ['n', one],
        ]),
        conditions: [],
      });
      await table.update({ key, add: new Map([['a', one]]), conditions: [] });
      expect(await ranked('highest-first')).toEqual(
        ['customer#3', 'customer#1', 'customer#2'].map(text),
      );
      await table.update({ key, remove: ['rk'], conditions: [] });
      expect(await ranked('highest-first')).toEqual(['customer#1', 'customer#2'].map(text));
    }));

  test('a query answers one partition key, a scan everything', () =>
    withTable(start, async (table) => {
      for (const [pk, sk] of [
        ['day#0', '2025-01-01'],
        ['day#0', '2025-01-02'],
        ['day#1', 'x'],
      ] as const) {
        await write(table, [], one, { pk, sk });
      }
      expect(await Array.fromAsync(table.query('day#0'))).toHaveLength(2);
      expect(await Array.fromAsync(table.scan())).toHaveLength(3);
    }));
}
