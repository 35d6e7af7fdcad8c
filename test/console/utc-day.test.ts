import { expect, test } from 'vitest';
import {
  addDays,
  choicesIn,
  daysFrom,
  isDay,
  laterBy,
  spanNamed,
  spanOf,
  spansAround,
} from '../../console/lib/utc-day.ts';

test('days follow each other over months, leap days and years', () => {
  expect(addDays('2024-02-28', 1)).toBe('2024-02-29');
  expect(addDays('2026-01-01', -1)).toBe('2025-12-31');
  expect(daysFrom('2026-02-27', '2026-03-02')).toHaveLength(4);
  expect(daysFrom('2026-03-02', '2026-03-01')).toEqual([]);
  expect(laterBy('2026-11-26T00:30:00', -3600)).toBe('2026-11-25T23:30:00');
});

test.each(['+012024-01-01', '12024-01-01', 'unknown', '', '2026-13-01'])(
  '"%s" is no day',
  (text) => {
    expect(isDay(text)).toBe(false);
  },
);

test.each(['2026', '2024-02', '2026-11', '2026-11-26'])('%s is found again by its ends', (name) => {
  const span = spanNamed(name);
  expect(spanOf(span.first, span.last)).toEqual(span);
});

test('a range that is no whole year, month or day is none', () => {
  expect(spanOf('2026-01-01', '2026-02-28')).toBeUndefined();
  expect(spanOf('2026-01-01T10:00:00Z', '2026-01-01')).toBeUndefined();
  expect(spanOf(undefined, '2026-01-01')).toBeUndefined();
});

test('the hierarchy begins where there is a choice', () => {
  const names = (days: string[]) => choicesIn(days).map(({ name }) => name);
  expect(names(['2026-11-26', '2025-01-01'])).toEqual(['2025', '2026']);
  expect(names(['2026-11-26', '2026-10-01'])).toEqual(['2026-10', '2026-11']);
  expect(names(['2026-11-26', '2026-11-03', 'unknown'])).toEqual(['2026-11-03', '2026-11-26']);
  expect(names([])).toEqual([]);
  expect(spansAround(spanNamed('2026-11-26')).map(({ name }) => name)).toEqual(['2026', '2026-11']);
});
