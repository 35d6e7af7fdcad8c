// What the functions ask of their table, whatever answers.
import { beforeAll, describe, expect, test } from 'vitest';
import { REFUSED, type Table } from '../../functions/orders/table/table-store.ts';

export function tableSuite(name: string, open: () => Promise<Table>): void {
  describe(name, () => {
    let table: Table;
    beforeAll(async () => {
      table = await open();
    });

    test('an item is written on condition that it is as it was seen', async () => {
      const key = { pk: 'a', sk: 'one' };
      expect(await table.put({ key, text: 'first', seen: undefined })).toBe('written');
      expect(await table.put({ key, text: 'other', seen: undefined })).toBe(REFUSED);
      const seen = await table.get(key);
      expect(seen).toEqual({ key, text: 'first', version: 1 });
      expect(await table.put({ key, text: 'second', seen })).toBe('written');
      expect(await table.put({ key, text: 'late', seen })).toBe(REFUSED);
      expect(await table.get(key)).toEqual({ key, text: 'second', version: 2 });
      expect(await table.put({ key: { pk: 'a', sk: 'none' }, text: 'x', seen })).toBe(REFUSED);
    });

    test('a query goes through a chain from either end, within bounds, up to a limit', async () => {
      const pk = 'chain';
      for (const sk of ['003', '001', 'ended', '002']) {
        await table.put({ key: { pk, sk }, text: sk, seen: undefined });
      }
      const keys = async (options?: Parameters<Table['query']>[1]) =>
        (await Array.fromAsync(table.query(pk, options))).map(({ key }) => key.sk);
      expect(await keys()).toEqual(['001', '002', '003', 'ended']);
      expect(await keys({ from: '002', to: '9' })).toEqual(['002', '003']);
      expect(await keys({ order: 'descending', limit: 2 })).toEqual(['ended', '003']);
      expect(await keys({ to: '002', limit: 1 })).toEqual(['001']);
    });

    test('many are read and deleted at once, more than one request holds', async () => {
      const keys = Array.from({ length: 130 }, (_, at) => ({ pk: 'many', sk: `${at}` }));
      for (const key of keys) await table.put({ key, text: 'x', seen: undefined });
      const absent = { pk: 'many', sk: 'absent' };
      expect(await table.getMany([...keys, absent])).toHaveLength(130);
      await table.deleteMany(keys.slice(0, 128));
      const left = (await Array.fromAsync(table.scan())).filter(({ key }) => key.pk === 'many');
      expect(left.map(({ key }) => key.sk).sort()).toEqual(['128', '129']);
    });
  });
}
