// I9: numbers keep every digit.
import { expect, test } from 'vitest';
import {
  readInt32,
  readInt64,
  readText,
} from '../../../functions/orders/debezium/column-values.ts';

test('integers keep every digit and their type’s range', () => {
  expect(readInt64(9223372036854775807n)).toBe(9223372036854775807n);
  expect(readInt64(-9223372036854775808n)).toBe(-9223372036854775808n);
  expect(readInt32(2147483647)).toBe(2147483647n);
  for (const value of [9223372036854775808n, 1.5, '7.0', '07', '-0', '', null, true, Number.NaN]) {
    expect(() => readInt64(value)).toThrow('not a 64-bit integer');
  }
  expect(readInt64('9223372036854775807')).toBe(9223372036854775807n);
  expect(readInt32('-7', { type: 'string' })).toBe(-7n);
  expect(() => readInt64('1500', { type: 'bytes' })).toThrow('not a 64-bit integer');
  for (const value of [2147483648, -2147483649, 9007199254740993n]) {
    expect(() => readInt32(value)).toThrow('not a 32-bit integer');
  }
});

test('text has a bounded number of characters, not of bytes', () => {
  expect(readText('🚚'.repeat(5), 5)).toBe('🚚'.repeat(5));
  expect(() => readText('abcdef', 5)).toThrow('more than 5 characters');
  expect(() => readText(5, 5)).toThrow('is 5, not text');
});
