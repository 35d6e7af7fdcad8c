// What the stores and the simulation believe of DynamoDB, as one suite at the level of the SDK's client:
// the simulated one, the embedded one and AWS's own answer it alike.
import {
  ConditionalCheckFailedException,
  PutItemCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  Bench,
  IF_ABSENT,
  INVALID,
  ifVersion,
  N,
  type OpenClient,
  S,
  type Values,
} from './dynamodb-bench.ts';
import { reads } from './dynamodb-reads.ts';

export function dynamoDbSuite(name: string, openClient: () => Promise<OpenClient>): void {
  describe(`DynamoDB's client (${name})`, () => {
    const bench = new Bench(openClient);
    beforeAll(() => bench.start());
    afterAll(() => bench.stop());
    describe('writes', () => writes(bench));
    describe('conditions', () => conditions(bench));
    describe('refusals', () => refusals(bench));
    describe('reads', () => reads(bench));
  });
}

function writes(bench: Bench): void {
  test('a put replaces the whole item, and every attribute comes back', async () => {
    const key = bench.newKey();
    await bench.put({ ...key, old: N(1) });
    const item = { ...key, v: N(2), d: S('{"é":"\u{1f69a}"}\n'), ttl: N(1795316359) };
    await bench.put(item);
    expect(await bench.get(key)).toEqual(item);
  });

  test('a batch deletes what is there, and what is not', async () => {
    const keys = Array.from({ length: 25 }, () => bench.newKey());
    for (const key of keys.slice(0, 20)) await bench.put({ ...key, v: N(1) });
    const { UnprocessedItems } = await bench.batchDelete(keys);
    expect(UnprocessedItems).toEqual({});
    const { Responses } = await bench.batchGet(keys);
    expect(Responses?.[bench.table]).toEqual([]);
  });

  // Of what is there: for what is not, DynamoDB Local asks two units where others ask one.
  test('a batch of deletions tells its capacity: a unit each', async () => {
    const keys = Array.from({ length: 25 }, () => bench.newKey());
    for (const key of keys) await bench.put({ ...key, v: N(1) });
    const { ConsumedCapacity } = await bench.batchDelete(keys);
    expect(ConsumedCapacity?.[0]?.CapacityUnits).toBe(25);
  });

  test('capacity is told when it is asked for: a unit a KB of what is larger, before or after', async () => {
    const key = bench.newKey();
    const measured = { ReturnConsumedCapacity: 'TOTAL' } as const;
    const units = async (item: Values) =>
      (await bench.put(item, measured)).ConsumedCapacity?.CapacityUnits;
    expect(await units(key)).toBe(1);
    expect(await units({ ...key, d: S('x'.repeat(2_500)) })).toBe(3);
    expect(await units(key)).toBe(3);
    expect((await bench.put(key)).ConsumedCapacity).toBeUndefined();
  });
}

function conditions(bench: Bench): void {
  test('an item is made on condition that there is none', async () => {
    const key = bench.newKey();
    await bench.put({ ...key, v: N(1) }, IF_ABSENT);
    const second = bench.put({ ...key, v: N(1), d: S('second') }, IF_ABSENT);
    await expect(second).rejects.toBeInstanceOf(ConditionalCheckFailedException);
    expect(await bench.get(key)).toEqual({ ...key, v: N(1) });
  });

  test('an item is replaced on condition that it has this version', async () => {
    const key = bench.newKey();
    const next = { ...key, v: N(11), d: S('next') };
    const refused = (version: number) =>
      expect(bench.put(next, ifVersion(version))).rejects.toBeInstanceOf(
        ConditionalCheckFailedException,
      );
    await refused(10);
    await bench.put({ ...key, v: N(10) });
    await refused(9);
    await refused(1);
    await bench.put(next, ifVersion(10));
    await refused(10);
    expect(await bench.get(key)).toEqual(next);
  });
}

function refusals(bench: Bench): void {
  test('names and values that no expression uses, or that none defines', async () => {
    const item = { ...bench.newKey(), v: N(1) };
    const wanted = ifVersion(1);
    const { ExpressionAttributeValues: _, ...noValues } = wanted;
    for (const wrong of [
      { ...wanted, ExpressionAttributeNames: { '#v': 'v', '#x': 'x' } },
      { ...wanted, ExpressionAttributeValues: { ':v': N(1), ':x': N(1) } },
      noValues,
    ]) {
      await expect(bench.put(item, wrong)).rejects.toMatchObject(INVALID);
    }
  });

  test('keys that are empty, too many, or twice in one batch', async () => {
    const key = bench.newKey();
    const many = (count: number) => Array.from({ length: count }, () => bench.newKey());
    await expect(bench.batchGet(many(101))).rejects.toMatchObject(INVALID);
    await expect(bench.batchGet([key, key])).rejects.toMatchObject(INVALID);
    await expect(bench.batchDelete(many(26))).rejects.toMatchObject(INVALID);
    await expect(bench.batchDelete([key, key])).rejects.toMatchObject(INVALID);
    await expect(bench.put({ pk: S(''), sk: S('x') })).rejects.toMatchObject(INVALID);
    await expect(bench.put({ pk: S('x') })).rejects.toMatchObject(INVALID);
  });

  test('an item above 400 KB', async () => {
    const large = { ...bench.newKey(), d: S('x'.repeat(400 * 1024)) };
    await expect(bench.put(large)).rejects.toMatchObject(INVALID);
  });

  test('a table that is not there', async () => {
    const command = new PutItemCommand({ TableName: 'not-there', Item: bench.newKey() });
    await expect(bench.client.send(command)).rejects.toBeInstanceOf(ResourceNotFoundException);
  });
}
