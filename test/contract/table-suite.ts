// What the orders' stores and the random tests believe of a table, as one suite for any engine.
import { describe, expect, test } from 'vitest';
import {
  type QueryOptions,
  REFUSED,
  type Table,
} from '../../functions/orders/table/table-store.ts';

/** An empty table of its own at each call. */
export type Engine = () => Promise<{ table: Table; close: () => void }>;

export function tableSuite(name: string, start: Engine): void {
  describe(`writes of the aggregates table (${name})`, () => writes(start));
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

const KEY = { pk: 'customer#1', sk: '0' };
const put = (table: Table, text: string, version?: number, key = KEY) =>
  table.put({ key, text, seen: version === undefined ? undefined : { version } });

function writes(start: Engine): void {
  test('an item is made once', () =>
    withTable(start, async (table) => {
      expect(await put(table, 'first')).toBe('written');
      expect(await put(table, 'second')).toBe(REFUSED);
      expect(await table.get(KEY)).toEqual({ key: KEY, version: 1, text: 'first' });
    }));

  test('an item is replaced by who has seen it as it is, and by nobody else', () =>
    withTable(start, async (table) => {
      expect(await put(table, 'nothing to replace', 1)).toBe(REFUSED);
      await put(table, 'first');
      expect(await put(table, 'second', 1)).toBe('written');
      expect(await put(table, 'too late', 1)).toBe(REFUSED);
      expect(await put(table, 'too early', 3)).toBe(REFUSED);
      expect(await table.get(KEY)).toEqual({ key: KEY, version: 2, text: 'second' });
    }));

  test('deleting many leaves the others, and minds nothing that is absent', () =>
    withTable(start, async (table) => {
      const keys = Array.from({ length: 60 }, (_, at) => ({ pk: 'segment#a', sk: `${at}` }));
      for (const key of keys.slice(0, 55)) await put(table, 'x', undefined, key);
      await table.deleteMany(keys.slice(5));
      expect(await Array.fromAsync(table.query('segment#a'))).toHaveLength(5);
      expect(await put(table, 'again', undefined, keys[10])).toBe('written');
    }));
}

function reads(start: Engine): void {
  test('reads of many leave out what is absent, over more than one batch', () =>
    withTable(start, async (table) => {
      const keys = Array.from({ length: 130 }, (_, id) => ({ pk: `orders#${id}`, sk: 's' }));
      for (const key of keys.slice(0, 120)) await put(table, 'x', undefined, key);
      expect(await table.getMany(keys)).toHaveLength(120);
      expect(await table.getMany([])).toEqual([]);
    }));

  test('a query answers one partition key by sort key, from, to, backwards, the first few', () =>
    withTable(start, async (table) => {
      for (const sk of ['0003', 'ended', '0001', '0002']) {
        await put(table, sk, undefined, { pk: 'segment#a', sk });
      }
      await put(table, 'x', undefined, { pk: 'segment#b', sk: '0001' });
      const found = async (options?: QueryOptions) =>
        (await Array.fromAsync(table.query('segment#a', options))).map(({ key }) => key.sk);
      expect(await found()).toEqual(['0001', '0002', '0003', 'ended']);
      expect(await found({ from: '0002', to: '9' })).toEqual(['0002', '0003']);
      expect(await found({ from: '0003' })).toEqual(['0003', 'ended']);
      expect(await found({ to: '0001' })).toEqual(['0001']);
      expect(await found({ order: 'descending', limit: 2 })).toEqual(['ended', '0003']);
      expect(await found({ limit: 1 })).toEqual(['0001']);
      expect(await Array.fromAsync(table.query('segment#none'))).toEqual([]);
    }));

  test('a scan answers everything', () =>
    withTable(start, async (table) => {
      const keys = ['a', 'b', 'c'].map((pk) => ({ pk, sk: 'x' }));
      for (const key of keys) await put(table, key.pk, undefined, key);
      const found = await Array.fromAsync(table.scan());
      expect(found.map(({ text }) => text).sort()).toEqual(['a', 'b', 'c']);
    }));
}
