import { expect, test } from 'vitest';
import * as format from '../../console/lib/format.ts';
import { labelledPlaces, ticks } from '../../console/lib/ticks.ts';

test('I96 every digit in the reader’s way of writing', () => {
  expect(format.money('12345678901234567.89', 'en')).toBe('12,345,678,901,234,567.89');
  expect(format.money('12345678901234567.89', 'de')).toBe('12.345.678.901.234.567,89');
  expect(format.money('5', 'en')).toBe('5.00');
  expect(format.decimal('0.123456789012345678901', 'en')).toBe('0.123456789012345678901');
  expect(format.decimal('9223372036854775807', 'fr')).toMatch(/^9\s223\s372\s036\s854\s775\s807$/u);
  expect(format.decimal('not a number', 'en')).toBe('not a number');
  expect(format.signed('1.50', 'en')).toBe('+1.50');
  expect(format.signed('-1.50', 'en')).toBe('-1.50');
  expect(format.signed('0.00', 'en')).toBe('0.00');
});

test.each(['America/Los_Angeles', 'Asia/Tokyo', 'Pacific/Kiritimati'])(
  'days are UTC in %s',
  (zone) => {
    const before = process.env.TZ;
    process.env.TZ = zone;
    try {
      expect(format.day('2026-11-26', 'en-GB')).toBe('26 Nov 2026');
      expect(format.instant('2026-11-26T23:59:59.123456Z', 'en-GB')).toBe('26 Nov 2026, 23:59:59');
      expect(format.clockTime('2026-11-26T23:59:59.123456Z')).toBe('23:59:59.123');
    } finally {
      process.env.TZ = before;
    }
  },
);

test('what no calendar here holds is shown as it is', () => {
  expect(format.instant('+012024-01-01T00:00:00Z', 'en')).toBe('+012024-01-01T00:00:00Z');
  expect(format.day('unknown', 'en')).toBe('unknown');
});

test('ages and axes', () => {
  expect(format.ago(130, 'en')).toBe('2 minutes ago');
  expect(format.ago(1.2, 'en')).toBe('1 second ago');
  expect(format.duration(86_400 * 3, 'en')).toBe('3 days');
  expect(format.compact(12_000, 'en')).toBe('12K');
  expect(format.compact(1.5e16, 'en')).toBe('1.5E16');
  expect(ticks(0, 97)).toEqual([0, 25, 50, 75, 100]);
  expect(ticks(-30, 90)).toEqual([-50, 0, 50, 100]);
  expect(ticks(0, 0)).toEqual([0, 1]);
  expect(labelledPlaces(10, 3)).toEqual([1, 5, 9]);
  expect(labelledPlaces(1, 5)).toEqual([0]);
});
