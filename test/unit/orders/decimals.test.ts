// I60: a value that has two readings is read as what its schema or a setting says, or refused.
import { expect, test } from 'vitest';
import { readDecimal } from '../../../functions/orders/debezium/decimals.ts';
import { NumberLiteral } from '../../../functions/orders/debezium/exact-json.ts';
import type { DecimalForm } from '../../../functions/orders/debezium/options.ts';

const AUTO: DecimalForm = { handling: 'auto', scale: 2 };
const DECIMAL = {
  name: 'org.apache.kafka.connect.data.Decimal',
  type: 'bytes',
  scale: 2,
  precision: 10,
};
const DECIMAL_WIDE = { type: 'bytes', scale: 2 };
const STRING = { type: 'string' };

test.each([
  ['base64, scale from the schema', 'AfQ=', { ...DECIMAL, scale: 3 }, '0.5'],
  ['base64, negative', '/gw=', DECIMAL, '-5'],
  ['base64 that reads as NaN0', 'NaN0', DECIMAL, '35152.52'],
  ['base64 that reads as digits', '1234', DECIMAL, '-26588.24'],
  ['base64 zero', 'AA==', DECIMAL, '0'],
  ['base64 of the type’s limit', 'AlQL4/8=', DECIMAL, '99999999.99'],
  ['base64 without a schema: the configured scale', 'AfQ=', undefined, '5'],
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
  ['a column of negative scale', 'DA==', { ...DECIMAL, scale: -3, precision: 2 }, '12000'],
  ['a number of a column with its scale', 12.5, { ...DECIMAL, precision: 4 }, '12.5'],
  ['digits of a length that base64 never has', '250', undefined, '250'],
  ['digits with an exponent and a point', '1.5E+3', undefined, '1500'],
  ['a decimal of negative scale', { scale: -2, value: 'BQ==' }, undefined, '500'],
])('decimal: %s', (_case, value, column, expected) => {
  const read = () => readDecimal(value, column, AUTO).toText();
  if (expected === undefined) expect(read).toThrow('digits before the point');
  else expect(read()).toBe(expected);
});

test.each([
  ['NaN', 'NaN', STRING],
  ['Infinity', 'Infinity', STRING],
  ['infinity of a double', 'Infinity', { type: 'double' }],
  ['base64 by a schema of doubles', 'AfQ=', { type: 'double' }],
  ['more digits than the column, as a number', 123.5, { ...DECIMAL, precision: 4 }],
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
  expect(() => readDecimal(value, column, AUTO)).toThrow(/^is /);
});

test.each(['1500', '00001234', '+150', '1E+3', 'Infinity', 'INFINITY', '+inf'])(
  'without a schema %s has two readings, and the deployment must say which',
  (text) => {
    const read = (form: DecimalForm) => readDecimal(text, undefined, form).toText();
    expect(() => read(AUTO)).toThrow(/text or as base64 .* DECIMAL_HANDLING=string or precise/);
    expect(read({ ...AUTO, handling: 'precise' })).toBe(
      readDecimal(text, DECIMAL_WIDE, AUTO).toText(),
    );
    expect(() => read({ ...AUTO, handling: 'double' })).toThrow('not a decimal number');
    const isNumber = Number.isFinite(Number(text));
    if (isNumber) expect(read({ ...AUTO, handling: 'string' })).toBe(String(Number(text)));
    else expect(() => read({ ...AUTO, handling: 'string' })).toThrow('not a decimal number');
  },
);

test('a scale without a schema is the column’s own', () => {
  expect(readDecimal('APQk', undefined, { ...AUTO, scale: 4 }).toText()).toBe('6.25');
});
