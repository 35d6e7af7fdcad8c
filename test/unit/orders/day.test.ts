// I60: what has two readings is read as a schema or a setting says, or refused.
import { expect, test } from 'vitest';
import { readDay } from '../../../functions/orders/debezium/day.ts';
import { NumberLiteral } from '../../../functions/orders/debezium/exact-json.ts';

const MICRO = { name: 'io.debezium.time.MicroTimestamp', type: 'int64' };
const MILLI = { name: 'io.debezium.time.Timestamp', type: 'int64' };
const NANO = { name: 'io.debezium.time.NanoTimestamp', type: 'int64' };
const DAYS = { name: 'io.debezium.time.Date', type: 'int32' };

test.each([
  ['µs by schema', 1_736_899_200_000_000, MICRO, '2025-01-15'],
  ['µs a moment before midnight', 1_736_899_199_999_999, MICRO, '2025-01-14'],
  ['µs of 1970-01-05, small enough to be ms', 345_600_000_000, MICRO, '1970-01-05'],
  ['µs before the epoch', -1, MICRO, '1969-12-31'],
  ['ms by schema', 1_736_899_200_000, MILLI, '2025-01-15'],
  ['ms of 1970-01-01', 5, MILLI, '1970-01-01'],
  ['ns by schema', 1_736_899_200_000_000_001n, NANO, '2025-01-15'],
  ['ns one below midnight, beyond a double', 1_736_899_199_999_999_999n, NANO, '2025-01-14'],
  ['days by schema', 20_103, DAYS, '2025-01-15'],
  ['µs by size', 1_736_899_200_000_000, undefined, '2025-01-15'],
  ['ms by size', 1_736_899_200_000, undefined, '2025-01-15'],
  ['ns by size', 1_736_899_200_000_000_000n, undefined, '2025-01-15'],
  ['days by size', 20_103, undefined, '2025-01-15'],
  ['a moment before 1970, by size', -1_000, undefined, '1969-12-31'],
  ['1970 itself, by size', 0, undefined, '1970-01-01'],
  ['µs of infinity', 9_223_372_036_854_775_807n, MICRO, 'infinity'],
  ['µs of -infinity', -9_223_372_036_854_775_808n, undefined, '-infinity'],
  ['µs of 1900 by size', -2_203_891_200_000_000, undefined, '1900-03-01'],
])('%s', (_case, value, column, day) => {
  expect(readDay(value, column, 'auto')).toBe(day);
});

test.each([
  ['2025-01-15T10:30:00Z', '2025-01-15'],
  ['2025-01-15T10:30:00.123456Z', '2025-01-15'],
  ['2025-01-15T23:30:00-02:00', '2025-01-16'],
  ['2025-01-15T00:30:00+02:00', '2025-01-14'],
  ['2025-01-15 00:30:00+05:30', '2025-01-14'],
  ['2025-01-15T10:30:00', '2025-01-15'],
  ['1736899200000000', '2025-01-15'],
  ['-2203891200000', '1900-03-01'],
  ['9223372036854775807', 'infinity'],
  ['infinity', 'infinity'],
  ['-infinity', '-infinity'],
  ['+294247-01-10T04:00:25.2Z', 'infinity'],
  ['-290308-12-21T19:59:27.6Z', '-infinity'],
  ['2025-01-15', '2025-01-15'],
  ['2017-09-15Z', '2017-09-15'],
  ['2024-02-29T00:00:00Z', '2024-02-29'],
  ['2024-12-31T23:59:60Z', '2024-12-31'],
  ['+12345-06-07T00:00:00Z', '12345-06-07'],
  ['-0043-03-15T00:00:00Z', '0044-03-15 BC'],
  ['0001-01-01T00:00:00+14:00', '0001-12-31 BC'],
])('%s is on %s', (text, day) => {
  expect(readDay(text, undefined, 'auto')).toBe(day);
});

test.each([
  '2025-02-30T00:00:00Z',
  '2025-13-01',
  '2025-01-15T24:00:00Z',
  '2025-01-15T10:61:00Z',
  'yesterday',
  '',
  '2025-1-5',
  '20250115',
  true,
  1.5,
  [],
  {},
  new NumberLiteral('1e30'),
  10n ** 40n,
  300_000_000_000_000_000_000_000n,
])('%s is no timestamp', (value) => {
  expect(() => readDay(value, undefined, 'auto')).toThrow('not a timestamp');
});

test.each([
  [1_752_969_600, 'seconds', '2025-07-20'],
  [1_752_969_600, 'milliseconds', '1970-01-21'],
  [100_000, 'days', '2243-10-17'],
  [5, 'nanoseconds', '1970-01-01'],
  [-25_567, 'days', '1900-01-01'],
  [2_932_896, 'days', '9999-12-31'],
  [999, 'milliseconds', '1970-01-01'],
  [253_402_214_400_000, 'milliseconds', '9999-12-31'],
  [253_402_300_799_999_999n, 'microseconds', '9999-12-31'],
  [253_402_214_400_000, 'microseconds', '1978-01-11'],
] as const)('%i may be of two units: as the setting says, %s', (value, unit, day) => {
  expect(readDay(value, undefined, unit)).toBe(day);
  expect(() => readDay(value, undefined, 'auto')).toThrow(/may be .* or .* TIMESTAMP_UNIT/);
});

test.each([MICRO, MILLI, NANO, undefined])('both infinities that Debezium documents', (column) => {
  expect(readDay(9_223_372_036_825_200_000n, column, 'auto')).toBe('infinity');
  expect(readDay(-9_223_372_036_832_400_000n, column, 'auto')).toBe('-infinity');
});

test.each([
  ['µs of 1971', 31_536_000_000_000n, 'milliseconds or microseconds'],
  ['µs of 1969', -31_536_000_000_000n, 'milliseconds or microseconds'],
  ['ms of 2999-12-31', 32_503_593_600_000n, 'milliseconds or microseconds'],
  ['ns of 1971', 31_536_000_000_000_000n, 'microseconds or nanoseconds'],
  ['a calendar’s minute', '202501151030', 'the time of a calendar or a number'],
  ['a calendar’s second', '20250115103000', 'the time of a calendar or a number'],
  ['a calendar’s millisecond', '20250115103000123', 'the time of a calendar or a number'],
])('%s has two readings without a schema', (_case, value, readings) => {
  expect(() => readDay(value, undefined, 'auto')).toThrow(`which may be ${readings} since 1970`);
});

test('digits of a text are a number where a setting says its unit, or no schema says that it is a text', () => {
  const text = { type: 'string' };
  for (const digits of ['20250115103000', '1736899200000']) {
    expect(() => readDay(digits, text, 'auto')).toThrow('not a timestamp');
  }
  expect(readDay('1736899200000', text, 'milliseconds')).toBe('2025-01-15');
  expect(readDay('1736899200000', undefined, 'auto')).toBe('2025-01-15');
});

test('the infinities in milliseconds, and those of a date', () => {
  for (const column of [MILLI, undefined]) {
    expect(readDay(9_223_372_036_825_200, column, 'auto')).toBe('infinity');
    expect(readDay(-9_223_372_036_832_400, column, 'auto')).toBe('-infinity');
  }
  expect(readDay(-2_147_472_692, DAYS, 'auto')).toBe('infinity');
  expect(readDay(-2_147_472_691, undefined, 'days')).toBe('-infinity');
  expect(readDay(-2_147_472_691, undefined, 'seconds')).toBe('1901-12-13');
});

test('a number of another type than a time is refused, whatever its size', () => {
  const year = { name: 'io.debezium.time.Year', type: 'int32' };
  expect(() => readDay(2025, year, 'auto')).toThrow(
    'is of the type "io.debezium.time.Year", which',
  );
});

const local = { year: 2025, month: 1, day: 15, hour: 23, minute: 30, second: 0, nanos: 1 };
test.each([
  ['local', { ...local, specialValue: null, precision: 6 }, '2025-01-15'],
  ['with an offset', { ...local, offsetSeconds: -7_200, zoneId: '-02:00' }, '2025-01-16'],
  ['a date', { year: -43, month: 3, day: 15 }, '0044-03-15 BC'],
  ['infinity', { ...local, specialValue: 'POSITIVE_INFINITY' }, 'infinity'],
  ['-infinity', { ...local, specialValue: 'NEGATIVE_INFINITY' }, '-infinity'],
])('structured: %s', (_case, parts, day) => {
  expect(readDay(parts, undefined, 'auto')).toBe(day);
});

test.each([{}, { ...local, month: 13 }, { ...local, hour: 24 }, { ...local, day: '15' }])(
  'structured, and no time: %o',
  (parts) => {
    expect(() => readDay(parts, undefined, 'auto')).toThrow('is an object, not a timestamp');
  },
);

test('every day of eight centuries is the calendar’s', () => {
  for (let at = Date.UTC(1600, 0, 1); at < Date.UTC(2400, 0, 1); at += 86_400_000) {
    const expected = new Date(at).toISOString().slice(0, 10);
    expect(readDay(at / 86_400_000, DAYS, 'auto')).toBe(expected);
    expect(readDay(`${expected}T23:59:59.999Z`, undefined, 'auto')).toBe(expected);
  }
});
