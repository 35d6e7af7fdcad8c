// I9: numbers keep every digit.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Decimal } from '../../../functions/orders/decimal.ts';

test.each([
  ['0', '0'],
  ['-0', '0'],
  ['12.50', '12.5'],
  ['-12.50', '-12.5'],
  ['.5', '0.5'],
  ['5.', '5'],
  ['+7', '7'],
  ['1e3', '1000'],
  ['1.5E-7', '0.00000015'],
  ['99999999.99', '99999999.99'],
  ['12345678901234567890123456789.01', '12345678901234567890123456789.01'],
])('%s is read as %s', (text, expected) => {
  expect(Decimal.parse(text)?.toText()).toBe(expected);
});

test.each(['', '.', 'NaN', 'Infinity', '1,5', '0x10', '1_0', ' 1', '1e', '--1', '1e99999', '١'])(
  '%j is no decimal',
  (text) => {
    expect(Decimal.parse(text)).toBeUndefined();
  },
);

test.each([
  ['15420.5', '15420.50'],
  ['0', '0.00'],
  ['-0.5', '-0.50'],
  ['0.005', '0.005'],
  ['100', '100.00'],
])('%s is shown with at least two digits: %s', (text, expected) => {
  expect(Decimal.of(text).toText(2)).toBe(expected);
});

const anyDecimal = fc
  .tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.nat({ max: 12 }))
  .map(([coefficient, scale]) => new Decimal(coefficient, scale));

test('addition is exact: it agrees with integers of the common scale', () => {
  fc.assert(
    fc.property(anyDecimal, anyDecimal, (a, b) => {
      const at20 = ({ coefficient, scale }: Decimal) => coefficient * 10n ** BigInt(20 - scale);
      expect(at20(a.plus(b))).toBe(at20(a) + at20(b));
      expect(a.plus(b).plus(b.negated()).compare(a)).toBe(0);
      expect(Math.sign(a.compare(b))).toBe(at20(a) < at20(b) ? -1 : at20(a) > at20(b) ? 1 : 0);
    }),
  );
});

test('text and back is the same value, at any scale shown', () => {
  fc.assert(
    fc.property(anyDecimal, fc.nat({ max: 15 }), (value, scale) => {
      expect(Decimal.of(value.toText(scale)).compare(value)).toBe(0);
    }),
  );
});
