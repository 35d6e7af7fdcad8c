// What the stores and the simulation believe of DynamoDB, as one suite at the level of the SDK's client:
// the simulated one, the embedded one and AWS's own answer it alike.
import {
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  GetItemCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Decimal } from '../../functions/orders/decimal.ts';
import {
  ADD_ONE,
  Bench,
  INVALID,
  N,
  type OpenClient,
  S,
  type Update,
  type Values,
} from './dynamodb-bench.ts';
import { ranking, reads } from './dynamodb-reads.ts';

export function dynamoDbSuite(name: string, openClient: () => Promise<OpenClient>): void {
  describe(`DynamoDB's client (${name})`, () => {
    const bench = new Bench(openClient);
    beforeAll(() => bench.start());
    afterAll(() => bench.stop());
    describe('updates', () => updates(bench));
    describe('conditions', () => conditions(bench));
    describe('numbers', () => numbers(bench));
    describe('refusals', () => refusals(bench));
    describe('reads', () => reads(bench));
    describe('the ranking index', () => ranking(bench));
  });
}

function addWhen(condition: string, names: Record<string, string>, values: Values): Update {
  return {
    UpdateExpression: 'ADD #n :one',
    ConditionExpression: condition,
    ExpressionAttributeNames: { '#n': 'n', ...names },
    ExpressionAttributeValues: { ':one': N(1), ...values },
  };
}

function updates(bench: Bench): void {
  test('an update makes the item, adds to what is absent as to zero, and answers it whole', async () => {
    const key = bench.newKey();
    const answer = await bench.update(key, { ...ADD_ONE, ReturnValues: 'ALL_NEW' });
    expect(answer.Attributes).toEqual({ ...key, 'w:0:1': N(7), n: N(1) });
    expect((await bench.update(key, ADD_ONE)).Attributes).toBeUndefined();
    expect(await bench.get(key)).toEqual({ ...key, 'w:0:1': N(7), n: N(2) });
  });

  test('an update removes attributes, present or not', async () => {
    const key = bench.newKey();
    await bench.put({ ...key, rk: S('kind'), n: N(0) });
    const remove = { UpdateExpression: 'REMOVE #0', ExpressionAttributeNames: { '#0': 'rk' } };
    await bench.update(key, remove);
    await bench.update(key, remove);
    expect(await bench.get(key)).toEqual({ ...key, n: N(0) });
  });

  test('a put replaces the whole item, and every type comes back', async () => {
    const key = bench.newKey();
    await bench.put({ ...key, old: N(1) });
    const item = { ...key, gone: { BOOL: true }, ttl: N(1795316359), z: S('0:1'), 's:é"': N(3) };
    await bench.put(item);
    expect(await bench.get(key)).toEqual(item);
  });

  test('capacity is told when it is asked for', async () => {
    const key = bench.newKey();
    const more = { ReturnConsumedCapacity: 'TOTAL' } as const;
    const put = await bench.put(key, more);
    const update = await bench.update(key, { ...ADD_ONE, ...more });
    expect(put.ConsumedCapacity?.CapacityUnits).toBe(1);
    expect(update.ConsumedCapacity?.CapacityUnits).toBe(1);
    expect((await bench.put(key)).ConsumedCapacity).toBeUndefined();
  });
}

function conditions(bench: Bench): void {
  test.for<[condition: string, isHeld: boolean]>([
    ['attribute_exists(#n)', true],
    ['attribute_not_exists(#n)', false],
    ['attribute_not_exists(#absent)', true],
    ['#n > :ten', false],
    ['#n > :nine', true],
    ['#n >= :ten', true],
    ['#n < :nine', false],
    ['#n = :ten', true],
    ['#n <> :ten', false],
    ['#absent < :nine', false],
    ['#absent = :nine', false],
    ['#absent <> :nine', true],
    ['#text <> :nine', true],
    ['#text < :nine', false],
    ['(attribute_not_exists(#n) OR #n < :nine)', false],
    ['(attribute_not_exists(#n) OR #n > :nine) AND #text = :text', true],
    ['(attribute_not_exists(#text) OR #text <> :text OR #n < :nine)', false],
    ['#n < :nine AND #n = :ten OR #text = :text', true],
    ['#text = :text AND #n < :nine', false],
  ])('%s', async ([condition, isHeld]) => {
    const key = bench.newKey();
    await bench.put({ ...key, n: N(10), text: S('9') });
    const used = (all: Record<string, string>) =>
      Object.fromEntries(
        Object.entries(all).filter(([placeholder]) => condition.includes(placeholder)),
      );
    const names = used({ '#absent': 'absent', '#text': 'text' });
    const literals = { ':nine': N(9), ':ten': N('10.0'), ':text': S('9') };
    const values = Object.fromEntries(
      Object.entries(literals).filter(([placeholder]) => condition.includes(placeholder)),
    );
    const update = bench.update(key, addWhen(condition, names, values));
    if (isHeld) await update;
    else await expect(update).rejects.toBeInstanceOf(ConditionalCheckFailedException);
    expect((await bench.get(key))?.n).toEqual(N(isHeld ? 11 : 10));
  });

  test('of an item that is not there, all attributes are absent', async () => {
    const key = bench.newKey();
    const present = addWhen('attribute_exists(#pk)', { '#pk': 'pk' }, {});
    await expect(bench.update(key, present)).rejects.toBeInstanceOf(
      ConditionalCheckFailedException,
    );
    expect(await bench.get(key)).toBeUndefined();
    await bench.update(key, addWhen('attribute_not_exists(#n)', {}, {}));
    expect((await bench.get(key))?.n).toEqual(N(1));
  });

  test('a put has conditions, too, and leaves the item when they fail', async () => {
    const item = { ...bench.newKey(), z: S('0:1'), o: N('9007199254740993') };
    const isOlder = (offset: string) => ({
      ConditionExpression: '(attribute_not_exists(#0) OR #0 <> :0 OR #1 < :1)',
      ExpressionAttributeNames: { '#0': 'z', '#1': 'o' },
      ExpressionAttributeValues: { ':0': S('0:1'), ':1': N(offset) },
    });
    await bench.put(item, isOlder('9007199254740993'));
    const late = bench.put({ ...item, late: N(1) }, isOlder('9007199254740993'));
    await expect(late).rejects.toBeInstanceOf(ConditionalCheckFailedException);
    await bench.put({ ...item, o: N('9007199254740994') }, isOlder('9007199254740994'));
    expect((await bench.get({ pk: item.pk, sk: item.sk }))?.o).toEqual(N('9007199254740994'));
  });
}

function numbers(bench: Bench): void {
  test.for([
    ['1.50', '1.5'],
    ['-0.010', '-0.01'],
    ['000', '0'],
    ['-0', '0'],
    ['1e3', '1000'],
    ['12345678901234567890123456789012345678', '12345678901234567890123456789012345678'],
    ['0.00000000000000000001', '0.00000000000000000001'],
  ] as const)('%s is told as %s', async ([sent, told]) => {
    const key = bench.newKey();
    await bench.put({ ...key, n: N(sent) });
    expect(plainNumber(await bench.get(key))).toBe(told);
  });

  test('sums are exact to 38 digits and come back to zero', async () => {
    const key = bench.newKey();
    const large = '1234567890123456789012345678.0123456789';
    // By value: DynamoDB Local keeps the zeros after the point, AWS does not.
    const add = async (by: string) => {
      const { Attributes } = await bench.update(key, {
        UpdateExpression: 'ADD #n :by',
        ExpressionAttributeNames: { '#n': 'n' },
        ExpressionAttributeValues: { ':by': N(by) },
        ReturnValues: 'ALL_NEW',
      });
      return Decimal.of(Attributes?.n?.N ?? '').toText();
    };
    expect(await add(large)).toBe(large);
    expect(await add(`-${large}`)).toBe('0');
    await add('0.1');
    expect(await add('0.2')).toBe('0.3');
  });

  test('numbers are compared by value, to the last digit', async () => {
    const key = bench.newKey();
    await bench.put({ ...key, n: N('9007199254740993') });
    const above = (value: string) => addWhen('#n > :value', {}, { ':value': N(value) });
    const equal = bench.update(key, above('9007199254740993'));
    await expect(equal).rejects.toBeInstanceOf(ConditionalCheckFailedException);
    await bench.update(key, above('9007199254740992'));
  });
}

/** Plain digits, however the engine writes powers of ten. */
function plainNumber(item: Values | undefined): string {
  const text = item?.n?.N ?? '';
  const [, digits = '', exponent] = /^(\d+)[eE]\+?(-?\d+)$/.exec(text) ?? [];
  if (exponent === undefined) return text;
  const zeros = Number(exponent);
  return zeros >= 0 ? digits + '0'.repeat(zeros) : `0.${digits.padStart(-zeros, '0')}`;
}

function refusals(bench: Bench): void {
  test('39 digits', async () => {
    const item = { ...bench.newKey(), n: N('1'.repeat(39)) };
    await expect(bench.put(item)).rejects.toMatchObject(INVALID);
  });

  test('names and values that no expression uses, or that none defines', async () => {
    const key = bench.newKey();
    const unusedName = { ...ADD_ONE.ExpressionAttributeNames, '#2': 'x' };
    const unusedValue = { ...ADD_ONE.ExpressionAttributeValues, ':2': N(1) };
    const { ExpressionAttributeValues: _, ...noValues } = ADD_ONE;
    for (const wrong of [
      { ...ADD_ONE, ExpressionAttributeNames: unusedName },
      { ...ADD_ONE, ExpressionAttributeValues: unusedValue },
      noValues,
    ]) {
      await expect(bench.update(key, wrong)).rejects.toMatchObject(INVALID);
    }
  });

  test('an attribute twice in an update, a key attribute, a text that shall be added to', async () => {
    const key = bench.newKey();
    await bench.put({ ...key, text: S('x') });
    const change = (UpdateExpression: string, name: string) =>
      bench.update(key, {
        UpdateExpression,
        ExpressionAttributeNames: { '#0': name },
        ExpressionAttributeValues: { ':0': N(1) },
      });
    await expect(change('SET #0 = :0 ADD #0 :0', 'n')).rejects.toMatchObject(INVALID);
    await expect(change('SET #0 = :0', 'sk')).rejects.toMatchObject(INVALID);
    await expect(change('ADD #0 :0', 'text')).rejects.toMatchObject(INVALID);
    expect(await bench.get(key)).toEqual({ ...key, text: S('x') });
  });

  test('keys that are empty, too many, or twice in one batch', async () => {
    const key = bench.newKey();
    const batch = (Keys: Values[]) =>
      bench.client.send(
        new BatchGetItemCommand({
          RequestItems: { [bench.table]: { Keys, ConsistentRead: true } },
        }),
      );
    const tooMany = Array.from({ length: 101 }, (_, id) => bench.newKey(`many#${id}`));
    await expect(batch(tooMany)).rejects.toMatchObject(INVALID);
    await expect(batch([key, key])).rejects.toMatchObject(INVALID);
    await expect(bench.put({ pk: S(''), sk: S('x') })).rejects.toMatchObject(INVALID);
    await expect(bench.put({ pk: S('x') })).rejects.toMatchObject(INVALID);
  });

  test('an index key of another type, an item above 400 KB', async () => {
    const key = bench.newKey();
    await expect(bench.put({ ...key, rk: S('kind'), a: S('1') })).rejects.toMatchObject(INVALID);
    const large = { ...key, s: S('x'.repeat(400 * 1024)) };
    await expect(bench.put(large)).rejects.toMatchObject(INVALID);
  });

  test('a table that is not there', async () => {
    const command = new GetItemCommand({
      TableName: 'not-there',
      Key: bench.newKey(),
      ConsistentRead: true,
    });
    await expect(bench.client.send(command)).rejects.toBeInstanceOf(ResourceNotFoundException);
  });
}
