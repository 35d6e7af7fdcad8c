// The part of the suite of dynamodb-suite.ts that reads: batches, pages by key, scans.
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { type Bench, INVALID, N, S, type Values } from './dynamodb-bench.ts';

const sortKeys = (pages: Values[][]) => pages.flat().map(({ sk }) => sk?.S);

export function reads(bench: Bench): void {
  test('a batch answers what is there, and leaves out what is not', async () => {
    const keys = Array.from({ length: 100 }, (_, id) => bench.newKey(`orders#${id}`, 'stream'));
    for (const key of keys.slice(0, 20)) await bench.put({ ...key, v: N(1) });
    const { Responses, UnprocessedKeys } = await bench.batchGet(keys);
    expect(Responses?.[bench.table]).toHaveLength(20);
    expect(UnprocessedKeys).toEqual({});
  });

  test('a query answers one partition key by sort key, page after page, and backwards', async () => {
    const days = ['2025-01-03', '2025-01-01', 'unknown', '2025-01-02'];
    for (const day of days) await bench.put({ ...bench.newKey('day#0', day), v: N(1) });
    await bench.put({ ...bench.newKey('day#1', '2025-01-01'), v: N(1) });
    const pages = await bench.queryKey('day#0', { Limit: 3 });
    expect(pages.map((page) => page.length)).toEqual([3, 1]);
    expect(sortKeys(pages)).toEqual([...days].sort());
    const backwards = await bench.queryKey('day#0', { Limit: 3, ScanIndexForward: false });
    expect(sortKeys(backwards)).toEqual([...days].sort().reverse());
    expect(await bench.queryKey('day#none')).toEqual([[]]);
  });

  test('a query between two sort keys holds both', async () => {
    const all = ['0001', '0002', '0003', '0010', 'ended'];
    for (const sk of all) await bench.put({ ...bench.newKey('segment#a', sk), v: N(1) });
    expect(sortKeys(await bench.queryBetween('segment#a', '0002', '0010'))).toEqual(
      all.slice(1, 4),
    );
    expect(sortKeys(await bench.queryBetween('segment#a', '00', '9'))).toEqual(all.slice(0, 4));
    const down = await bench.queryBetween('segment#a', '0002', '0009', { ScanIndexForward: false });
    expect(sortKeys(down)).toEqual(['0003', '0002']);
    await expect(bench.queryBetween('segment#a', '2', '1')).rejects.toMatchObject(INVALID);
  });

  test('a page ends at 1 MB', async () => {
    const part = S('x'.repeat(390 * 1024));
    for (const sk of ['a', 'b', 'c', 'd']) await bench.put({ ...bench.newKey('large', sk), part });
    const pages = await bench.queryKey('large');
    expect(pages.length).toBeGreaterThan(1);
    expect(sortKeys(pages)).toEqual(['a', 'b', 'c', 'd']);
  });

  test('a scan answers every item once, page after page', async () => {
    const scan = async (Limit?: number) => {
      const found: string[] = [];
      let ExclusiveStartKey: Values | undefined;
      do {
        const page = { TableName: bench.table, ConsistentRead: true, Limit, ExclusiveStartKey };
        const answer = await bench.client.send(new ScanCommand(page));
        found.push(...(answer.Items ?? []).map(({ pk, sk }) => `${pk?.S} ${sk?.S}`));
        ExclusiveStartKey = answer.LastEvaluatedKey;
      } while (ExclusiveStartKey);
      return found.sort();
    };
    const all = await scan();
    expect(all.length).toBeGreaterThan(7);
    expect(new Set(all).size).toBe(all.length);
    expect(await scan(7)).toEqual(all);
  });
}
