import fc from 'fast-check';
import { expect, test } from 'vitest';
import { minus, percent, plus, share, sign } from '../../console/lib/decimal.ts';

test('differences are exact', () => {
  expect(minus('12345678901234567.89', '0.01')).toBe('12345678901234567.88');
  expect(minus('1.5', '1.50')).toBe('0.00');
  expect(minus('0.001', '2')).toBe('-1.999');
  expect(sign('-0.00')).toBe(0);
});

test('what is added and taken away again leaves what was', () => {
  const decimals = fc.tuple(fc.bigInt(-(10n ** 40n), 10n ** 40n), fc.stringMatching(/^\d{0,9}$/));
  const text = decimals.map(([whole, rest]) => (rest ? `${whole}.${rest}` : `${whole}`));
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(sign(minus(minus(plus(a, b), b), a))).toBe(0);
    }),
  );
});

test.each([
  ['1', '3', '33.3'],
  ['-1', '3', '-33.3'],
  ['1', '-8', '-12.5'],
  ['2', '3', '66.7'],
  ['0', '5', '0.0'],
  ['5', '0', undefined],
])('%s in %s is %s percent', (part, whole, expected) => {
  expect(percent(part, whole)).toBe(expected);
});

test('a bar is as long as its share, and never longer than the whole', () => {
  expect(share('5', '10')).toBe(0.5);
  expect(share('20', '10')).toBe(1);
  expect(share('-5', '10')).toBe(0);
  expect(share('0', '0')).toBe(0);
});
