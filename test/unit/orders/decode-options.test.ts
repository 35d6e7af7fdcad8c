// A wrong setting stops the start, in one line that names it and what is allowed.
import { expect, test } from 'vitest';
import { readDecodeOptions } from '../../../functions/orders/debezium/options.ts';

test('without settings Debezium’s own names and forms hold', () => {
  expect(readDecodeOptions({})).toEqual({
    topics: {},
    orderColumns: {
      ...{ id: 'id', customer_id: 'customer_id', total_amount: 'total_amount' },
      ...{ status: 'status', created_at: 'created_at' },
    },
    itemColumns: { id: 'id', product_id: 'product_id', quantity: 'quantity', price: 'price' },
    amount: { handling: 'auto', scale: 2 },
    price: { handling: 'auto', scale: 2 },
    timestampUnit: 'auto',
    unavailableValue: '__debezium_unavailable_value',
    statusLengthMax: 4_096,
  });
});

test('each setting is read', () => {
  const options = readDecodeOptions({
    ...{ ORDERS_TOPICS: 'a.orders, eu=b.orders', ORDER_ITEMS_TOPICS: 'items' },
    ...{ ORDERS_COLUMNS: 'id=order_id, total_amount=amount', ORDER_ITEMS_COLUMNS: 'price=unit' },
    ...{ DECIMAL_HANDLING: 'price=precise', DECIMAL_SCALE: 'price=4', TIMESTAMP_UNIT: 'seconds' },
    ...{ UNAVAILABLE_VALUE: '<unchanged>', STATUS_LENGTH_MAX: '50' },
  });
  expect(options).toMatchObject({
    topics: {
      orders: new Map([
        ['a.orders', null],
        ['b.orders', 'eu'],
      ]),
      order_items: new Map([['items', null]]),
    },
    orderColumns: { id: 'order_id', total_amount: 'amount', status: 'status' },
    itemColumns: { price: 'unit' },
    amount: { handling: 'auto', scale: 2 },
    price: { handling: 'precise', scale: 4 },
    timestampUnit: 'seconds',
    unavailableValue: '<unchanged>',
    statusLengthMax: 50,
  });
});

test.each([
  [
    { ORDERS_TOPICS: 'a b' },
    'ORDERS_TOPICS is "a b": it must be a list of topics, each as <topic> or <label>=<topic>.',
  ],
  [{ ORDERS_TOPICS: 'a,a' }, 'ORDERS_TOPICS holds a twice.'],
  [
    { ORDERS_TOPICS: 'a', ORDER_ITEMS_TOPICS: 'b,a' },
    'ORDERS_TOPICS and ORDER_ITEMS_TOPICS both hold a.',
  ],
  [
    { ORDERS_COLUMNS: 'amount' },
    'ORDERS_COLUMNS is "amount": it must be a list of <column>=<its name> for id, customer_id, total_amount, status, created_at.',
  ],
  [
    { ORDER_ITEMS_COLUMNS: 'cost=price' },
    'ORDER_ITEMS_COLUMNS is "cost=price": it must be a list of <column>=<its name> for id, product_id, quantity, price.',
  ],
  [{ ORDERS_COLUMNS: 'status=id' }, 'ORDERS_COLUMNS gives two columns the same name.'],
  [
    { DECIMAL_HANDLING: 'base64' },
    'DECIMAL_HANDLING is "base64": it must be one of auto, string, precise, double.',
  ],
  [
    { DECIMAL_HANDLING: 'amount=string' },
    'DECIMAL_HANDLING is "amount=string": it must be one value, or total_amount=… and price=… with commas.',
  ],
  [{ DECIMAL_SCALE: '11' }, 'DECIMAL_SCALE is "11": it must be a whole number from 0 to 10.'],
  [
    { TIMESTAMP_UNIT: 's' },
    'TIMESTAMP_UNIT is "s": it must be one of auto, days, seconds, milliseconds, microseconds, nanoseconds.',
  ],
  [
    { STATUS_LENGTH_MAX: '0' },
    'STATUS_LENGTH_MAX is "0": it must be a whole number from 1 to 4096.',
  ],
])('%o', (env, message) => {
  expect(() => readDecodeOptions(env)).toThrow(message);
});

test('the placeholder may stand in hex, as Debezium takes it', () => {
  const read = (text: string) => readDecodeOptions({ UNAVAILABLE_VALUE: text }).unavailableValue;
  expect(read('hex:5f5Fc3a9')).toBe('__é');
  expect(['hex:', 'hex:5', 'hexagon'].map(read)).toEqual(['hex:', 'hex:5', 'hexagon']);
});
