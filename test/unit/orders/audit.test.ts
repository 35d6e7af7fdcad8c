// The audit finds nothing in a sound table, and each thing that is altered by hand.
import { beforeEach, expect, test } from 'vitest';
import { Audit } from '../../../functions/orders/audit.ts';
import { Decimal } from '../../../functions/orders/decimal.ts';
import { moveFloor } from '../../../functions/orders/store/ranking-floor.ts';
import type { Item } from '../../../functions/orders/store/update-request.ts';
import { deliver } from '../../support/deliver.ts';
import { MemoryTable } from '../../support/memory-table.ts';
import { makeRandom } from '../../support/random.ts';
import { makeHistory } from '../../support/shop-history.ts';

let table: MemoryTable;

beforeEach(async () => {
  table = new MemoryTable();
  await deliver(table, makeHistory(makeRandom(7), 300), () => 10);
});

function audit() {
  const audit = new Audit();
  for (const item of table.items.values()) audit.add(item);
  return audit.result();
}

/** Changes the first item that has the attribute. */
function alter(key: RegExp, attribute: string, change: (value: Decimal) => Decimal | undefined) {
  const found = [...table.items].find(([name, item]) => key.test(name) && item[attribute]);
  if (!found) throw new Error(`No item ${key} has ${attribute}.`);
  const [name, { [attribute]: value, ...rest }] = found;
  const changed = change(value && 'N' in value ? Decimal.of(value.N) : Decimal.ZERO);
  table.items.set(name, {
    ...rest,
    ...(changed && { [attribute]: { N: changed.toText() } }),
  } as Item);
}

const oneMore = (value: Decimal) => value.plus(Decimal.ofInteger(1));
const oneCentLess = (value: Decimal) => value.plus(Decimal.of('-0.01'));

test('a sound table has no differences', () => {
  const { rows, aggregates, differences } = audit();
  expect(differences).toEqual([]);
  expect(rows).toBeGreaterThan(5);
  expect(aggregates).toBeGreaterThan(5);
});

test.for<[string, RegExp, string, (value: Decimal) => Decimal | undefined]>([
  ['an order count of a day', /^day#/, 'n', oneMore],
  ['an amount of a day', /^day#/, 'a', oneCentLess],
  ['a status count', /^day#/, 's:paid', oneMore],
  ['an amount of a customer', /^customer#/, 'a', oneCentLess],
  ['a quantity of a product', /^product#/, 'q', oneMore],
  ['a distinct counter', /^distinct#customer/, 'v', oneMore],
  ['an amount of a row', /^order#/, 'a', oneCentLess],
  ['a quantity of a row', /^item#/, 'q', oneMore],
  ['an entity missing from the index', /^product#/, 'rk', () => undefined],
])('it finds %s that was altered', ([_what, key, attribute, change]) => {
  alter(key, attribute, change);
  expect(audit().differences.length).toBeGreaterThan(0);
});

test('it finds an aggregate that is gone, and says what it should be', () => {
  const name = [...table.items.keys()].find((key) => key.startsWith('customer#')) ?? '';
  const count = table.items.get(name)?.n;
  table.items.delete(name);
  expect(audit().differences).toContainEqual({
    aggregate: name.split(' ')[0],
    attribute: 'n',
    expected: count && 'N' in count && count.N,
    actual: '0',
  });
});

test('an entity below the floor need not be in the index; above it, it must', async () => {
  alter(/^product#/, 'rk', () => undefined);
  await moveFloor(table, 'product', {}, { score: Decimal.of('1000000') });
  expect(audit().differences).toEqual([]);
  await moveFloor(
    table,
    'product',
    { score: Decimal.of('1000000') },
    { score: Decimal.of('-1000000') },
  );
  expect(audit().differences).toHaveLength(1);
});
