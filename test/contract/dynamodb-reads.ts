// The part of the suite of dynamodb-suite.ts that reads: tables, pages, the ranking index.
import { BatchGetItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { expect, test, vi } from 'vitest';
import { type Bench, INVALID, N, S, type Values } from './dynamodb-bench.ts';

/** An index follows its table after a while. */
const SOON = { timeout: 10_000, interval: 50 };

export function reads(bench: Bench): void {
  test('a batch answers what is there, and leaves out what is not', async () => {
    const keys = Array.from({ length: 100 }, (_, id) => bench.newKey(`order#${id}`, 'row'));
    for (const key of keys.slice(0, 20)) await bench.put({ ...key, n: N(1) });
    const { Responses, UnprocessedKeys } = await bench.client.send(
      new BatchGetItemCommand({
        RequestItems: { [bench.table]: { Keys: keys, ConsistentRead: true } },
      }),
    );
    expect(Responses?.[bench.table]).toHaveLength(20);
    expect(UnprocessedKeys).toEqual({});
  });

  test('a query answers one partition key by sort key, page after page', async () => {
    const days = ['2025-01-03', '2025-01-01', 'unknown', '2025-01-02'];
    for (const day of days) await bench.put({ ...bench.newKey('day#0', day), n: N(1) });
    await bench.put({ ...bench.newKey('day#1', '2025-01-01'), n: N(1) });
    const pages = await bench.queryTable('day#0', { Limit: 3 });
    expect(pages.map((page) => page.length)).toEqual([3, 1]);
    expect(pages.flat().map(({ sk }) => sk?.S)).toEqual([...days].sort());
    expect(await bench.queryTable('day#none')).toEqual([[]]);
  });

  test('a page ends at 1 MB', async () => {
    const part = S('x'.repeat(390 * 1024));
    for (const sk of ['a', 'b', 'c', 'd']) await bench.put({ ...bench.newKey('large', sk), part });
    const pages = await bench.queryTable('large');
    expect(pages.length).toBeGreaterThan(1);
    expect(pages.flat().map(({ sk }) => sk?.S)).toEqual(['a', 'b', 'c', 'd']);
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
    expect(new Set(all).size).toBe(all.length);
    expect(await scan(7)).toEqual(all);
  });
}

export function ranking(bench: Bench): void {
  test('holds who has its key and its sort key, follows the sums, is read from both ends', async () => {
    const scores = { 1: '10', 2: '-3.5', 3: '9' };
    for (const [id, score] of Object.entries(scores)) {
      await bench.put({ ...bench.newKey(`customer#${id}`), rk: S('customer'), a: N(score) });
    }
    await bench.put({ ...bench.newKey('product#4'), rk: S('product'), a: N(1000) });
    await bench.put({ ...bench.newKey('customer#5'), a: N(1000) });
    await bench.put({ ...bench.newKey('customer#6'), rk: S('customer') });
    const shows = (isForward: boolean, ids: number[]) =>
      vi.waitFor(async () => {
        const items = await bench.ranking('customer', isForward, { Limit: 2 });
        expect(items.map(({ pk }) => pk?.S)).toEqual(ids.map((id) => `customer#${id}`));
      }, SOON);
    await shows(false, [1, 3, 2]);
    await shows(true, [2, 3, 1]);
    await bench.update(bench.newKey('customer#3'), {
      UpdateExpression: 'ADD #a :by',
      ExpressionAttributeNames: { '#a': 'a' },
      ExpressionAttributeValues: { ':by': N(2) },
    });
    await shows(false, [3, 1, 2]);
    await bench.update(bench.newKey('customer#3'), {
      UpdateExpression: 'REMOVE #rk',
      ConditionExpression: '#a = :eleven',
      ExpressionAttributeNames: { '#rk': 'rk', '#a': 'a' },
      ExpressionAttributeValues: { ':eleven': N(11) },
    });
    await shows(false, [1, 2]);
  });

  test('shows whole items, ties among them, page after page', async () => {
    const ids = ['1', '2', '3', '4', '5'];
    const item = (id: string) => ({
      ...{ ...bench.newKey(`tie#${id}`), rk: S('tie') },
      ...{ a: N(7), n: N(id), 'w:0:1': N(3) },
    });
    for (const id of ids) await bench.put(item(id));
    await vi.waitFor(async () => {
      const items = await bench.ranking('tie', false, { Limit: 2 });
      const byId = items.sort((a, b) => Number(a.n?.N) - Number(b.n?.N));
      expect(byId).toEqual(ids.map(item));
    }, SOON);
  });

  test('is never read consistently', async () => {
    const query = bench.query({
      IndexName: 'ranking',
      KeyConditionExpression: '#rk = :rk',
      ExpressionAttributeNames: { '#rk': 'rk' },
      ExpressionAttributeValues: { ':rk': S('x') },
      ConsistentRead: true,
    });
    await expect(query).rejects.toMatchObject(INVALID);
  });
}
