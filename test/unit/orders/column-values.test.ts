// I9: numbers keep every digit.
import { expect, test } from 'vitest';
import {
  readDecimal,
  readInt32,
  readInt64,
  readText,
} from '../../../functions/orders/debezium/column-values.ts';
import { NumberLiteral } from '../../../functions/orders/debezium/exact-json.ts';

const DECIMAL = {
  name: 'org.apache.kafka.connect.data.Decimal',
  type: 'bytes',
  scale: 2,
  precision: 10,
};
const STRING = { type: 'string' };

test.each([
  ['base64, scale from the schema', 'AfQ=', { ...DECIMAL, scale: 3 }, '0.5'],
  ['base64, negative', '/gw=', DECIMAL, '-5'],
  ['base64 that reads as NaN0', 'NaN0', DECIMAL, '35152.52'],
  ['base64 that reads as digits', '1234', DECIMAL, '-26588.24'],
  ['base64 zero', 'AA==', DECIMAL, '0'],
  ['base64 of the type’s limit', 'AlQL4/8=', DECIMAL, '99999999.99'],
  ['base64 without a schema: the configured scale', 'AfQ=', undefined, '5'],
  [
    'digits without a schema are base64, as a string would hold its scale',
    '1234',
    undefined,
    '-26588.24',
  ],
  ['a string without a schema', '119.98', undefined, '119.98'],
  ['a negative string without a schema', '-500', undefined, '-500'],
  ['a string by schema, though it could be base64', '1234', STRING, '1234'],
  ['a number', 119.98, undefined, '119.98'],
  ['a small number', 1e-7, undefined, '0.0000001'],
  [
    'a number with more digits than a double',
    new NumberLiteral('123456789012345.67'),
    undefined,
    '123456789012345.67',
  ],
  ['a large integer', 9007199254740993n, { type: 'int64' }, undefined],
  ['a decimal of variable scale', { scale: 4, value: 'MDk=' }, undefined, '1.2345'],
  ['a decimal of negative scale', { scale: -2, value: 'BQ==' }, undefined, '500'],
])('decimal: %s', (_case, value, column, expected) => {
  const read = () => readDecimal(value, column, 2).toText();
  if (expected === undefined) expect(read).toThrow('digits before the point');
  else expect(read()).toBe(expected);
});

test.each([
  ['NaN', 'NaN', STRING],
  ['Infinity', 'Infinity', STRING],
  ['comma', '1,5', undefined],
  ['empty', '', undefined],
  ['a base64 that is none', '%%%%', DECIMAL],
  ['a boolean', true, undefined],
  ['an array', [], undefined],
  ['an object', { value: 'AQ==' }, undefined],
  ['not finite', Number.POSITIVE_INFINITY, undefined],
  ['absurdly large', 1e30, undefined],
  ['absurdly precise', '0.00000000001', undefined],
  ['more digits than its own column can hold', 'F0h26AA=', DECIMAL],
  ['megabytes of base64', 'A'.repeat(1_000_000), DECIMAL],
  ['megabytes of digits', '1'.repeat(100_001), STRING],
])('no decimal: %s', (_case, value, column) => {
  expect(() => readDecimal(value, column, 2)).toThrow(/^is /);
});

test('integers keep every digit and their type’s range', () => {
  expect(readInt64(9223372036854775807n)).toBe(9223372036854775807n);
  expect(readInt64(-9223372036854775808n)).toBe(-9223372036854775808n);
  expect(readInt32(2147483647)).toBe(2147483647n);
  for (const value of [9223372036854775808n, 1.5, '7', null, true, Number.NaN]) {
    expect(() => readInt64(value)).toThrow('not a 64-bit integer');
  }
  for (const value of [2147483648, -2147483649, 9007199254740993n]) {
    expect(() => readInt32(value)).toThrow('not a 32-bit integer');
  }
});

test('text has a bounded number of characters, not of bytes', () => {
  expect(readText('🚚'.repeat(5), 5)).toBe('🚚'.repeat(5));
  expect(() => readText('abcdef', 5)).toThrow('more than 5 characters');
  expect(() => readText(5, 5)).toThrow('is 5, not text');
});
