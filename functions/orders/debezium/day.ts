// The UTC day of a timestamp column in every encoding a Postgres connector writes, as PostgreSQL
// prints `column::date`: `2025-01-15`, `0044-03-15 BC`. Pure.
// Encodings: Debezium documentation, PostgreSQL connector, "Temporal types".
import { ENV } from '../../contracts.ts';
import { ColumnError, showValue } from './column-values.ts';
import { isJsonObject, type JsonObject, type JsonValue } from './exact-json.ts';
import type { ColumnType } from './message.ts';
import type { TimestampUnit } from './options.ts';

const MS_PER_DAY = 86_400_000n;
const US_PER_DAY = MS_PER_DAY * 1000n;
const NS_PER_DAY = US_PER_DAY * 1000n;
const SECONDS_PER_DAY = 86_400n;

const UNIT_PER_DAY: Readonly<Record<TimestampUnit, bigint | undefined>> = {
  auto: undefined,
  days: 1n,
  seconds: SECONDS_PER_DAY,
  milliseconds: MS_PER_DAY,
  microseconds: US_PER_DAY,
  nanoseconds: NS_PER_DAY,
};

const UNITS_PER_DAY: ReadonlyMap<string, bigint> = new Map([
  ['io.debezium.time.Timestamp', MS_PER_DAY],
  ['io.debezium.time.MicroTimestamp', US_PER_DAY],
  ['io.debezium.time.NanoTimestamp', NS_PER_DAY],
  ['io.debezium.time.Date', 1n],
  ['org.apache.kafka.connect.data.Timestamp', MS_PER_DAY],
  ['org.apache.kafka.connect.data.Date', 1n],
]);

/**
 * PostgreSQL's `infinity` and `-infinity`: as they arrive, as Debezium documents them (its driver's), and the
 * moments that these are as microseconds, in milliseconds and as text.
 */
const INFINITIES: ReadonlyMap<bigint | string, string> = new Map<bigint | string, string>([
  [2n ** 63n - 1n, 'infinity'],
  [-(2n ** 63n), '-infinity'],
  [9_223_372_036_825_200_000n, 'infinity'],
  [-9_223_372_036_832_400_000n, '-infinity'],
  [9_223_372_036_825_200n, 'infinity'],
  [-9_223_372_036_832_400n, '-infinity'],
  ['+294247-01-10T04:00:25.2Z', 'infinity'],
  ['-290308-12-21T19:59:27.6Z', '-infinity'],
  ['infinity', 'infinity'],
  ['-infinity', '-infinity'],
]);

/** Of a date they are PostgreSQL's days since 2000, which pass Java's integers. */
const INFINITE_DAYS: ReadonlyMap<bigint, string> = new Map([
  [-2_147_472_692n, 'infinity'],
  [-2_147_472_691n, '-infinity'],
]);

/** More than there are in PostgreSQL's own range for timestamps, and a number holds them. */
const DAYS_MAX = 10n ** 9n;
// That range.
const YEAR_MIN = -4712;
const YEAR_MAX = 294_276;

const ISO_TEXT =
  /^([+-]?\d{4,6})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?)?(?:Z|([+-])(\d{2})(?::?(\d{2}))?)?( BC)?$/;

/** As Protobuf's JSON has its large integers; shorter text may be a date, `20250115`. */
const EPOCH_TEXT = /^-?\d{11,19}$/;
/** `202501151030`, `20250115103000`, `20250115103000123`: the times of a calendar, as other converters write them. */
const CALENDAR_TEXT = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(?:(\d{2})(?:\d{3})?)?$/;

/** @throws {ColumnError} when the value is no timestamp that PostgreSQL could hold. */
export function readDay(
  value: JsonValue,
  column: ColumnType | undefined,
  unit: TimestampUnit,
): string {
  const sent = typeof value === 'string' ? epochOfText(value, column, unit) : value;
  const day =
    typeof sent === 'string'
      ? dayOfText(sent)
      : isJsonObject(sent)
        ? dayOfParts(sent)
        : dayOfEpoch(sent, column, unit);
  if (day === undefined) throw new ColumnError(`is ${showValue(value)}, not a timestamp`);
  return day;
}

/** The text itself where it is none: a schema that says `string` means no number, unless the setting does. */
function epochOfText(
  text: string,
  column: ColumnType | undefined,
  unit: TimestampUnit,
): bigint | string {
  const isKnown = unit !== 'auto';
  if (!EPOCH_TEXT.test(text) || (!isKnown && column?.type === 'string')) return text;
  if (!isKnown && isCalendarTime(text)) throw unclear(text, 'the time of a calendar or a number');
  return BigInt(text);
}

function isCalendarTime(text: string): boolean {
  const [, ...parts] = CALENDAR_TEXT.exec(text) ?? [];
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.map(Number);
  return dayInUtc([year, month, day], [hour, minute, second || 0], 0) !== undefined;
}

function dayOfEpoch(
  value: JsonValue,
  column: ColumnType | undefined,
  unit: TimestampUnit,
): string | undefined {
  const isInteger = typeof value === 'bigint' || Number.isInteger(value);
  if (!isInteger) return undefined;
  const epoch = BigInt(value as bigint | number);
  const infinity = INFINITIES.get(epoch);
  if (infinity !== undefined) return infinity;
  const perDay = perDayOf(column) ?? UNIT_PER_DAY[unit] ?? perDayBySize(epoch);
  const infiniteDay = perDay === 1n ? INFINITE_DAYS.get(epoch) : undefined;
  return infiniteDay ?? showDay(floorDivide(epoch, perDay));
}

/** Years, times of day, durations. */
const OTHER_TIME = /^(?:io\.debezium\.time|org\.apache\.kafka\.connect\.data)\./;

function perDayOf(column: ColumnType | undefined): bigint | undefined {
  const { name = '' } = column ?? {};
  const perDay = UNITS_PER_DAY.get(name);
  if (perDay !== undefined || !OTHER_TIME.test(name)) return perDay;
  throw new ColumnError(`is of the type ${showValue(name)}, which is no timestamp`);
}

/** 1970 itself and the last moment before it, in whatever unit: a microsecond is a thousand nanoseconds. */
const ABOUT_1970: ReadonlySet<bigint> = new Set([0n, -1n, -1_000n]);
/** 1973-03-03 to 2244-02-09 in milliseconds; in microseconds and nanoseconds the same times a thousand. */
const MS_RANGE = [100_000_000_000n, 8_650_000_000_000n] as const;
const US_RANGE = [MS_RANGE[0] * 1_000n, MS_RANGE[1] * 1_000n] as const;
const NS_MIN = US_RANGE[0] * 1_000n;
/** Databases write 9999-12-31 for never: its milliseconds are microseconds of a day in 1978. */
const YEAR_9999_MS = [253_370_764_800_000n, 253_402_300_800_000n] as const;
const YEAR_9999_US = [YEAR_9999_MS[0] * 1_000n, YEAR_9999_MS[1] * 1_000n] as const;

const isWithin = (value: bigint, [from, to]: readonly [bigint, bigint]) =>
  value >= from && value < to;

/**
 * Without a schema nothing says whether 1736899200000 is milliseconds. Of the units that Debezium writes
 * the ranges for the years 1973 to 2243 are disjoint, so within them the size alone tells. What is
 * smaller could be days, or seconds, as other converters write them.
 */
function perDayBySize(epoch: bigint): bigint {
  const size = epoch < 0n ? -epoch : epoch;
  if (epoch >= 1_000n && epoch < 100_000n) return 1n;
  if (isWithin(epoch, YEAR_9999_MS)) throw unclear(epoch, 'milliseconds or microseconds');
  if (isWithin(epoch, YEAR_9999_US)) throw unclear(epoch, 'microseconds or nanoseconds');
  if (size >= NS_MIN) return NS_PER_DAY;
  if (size >= US_RANGE[1]) throw unclear(epoch, 'microseconds or nanoseconds');
  if (size >= US_RANGE[0]) return US_PER_DAY;
  if (size >= MS_RANGE[1]) throw unclear(epoch, 'milliseconds or microseconds');
  if (size >= MS_RANGE[0]) return MS_PER_DAY;
  if (ABOUT_1970.has(epoch)) return SECONDS_PER_DAY;
  throw unclear(epoch, size < SECONDS_PER_DAY ? 'days or seconds' : 'seconds or milliseconds');
}

function unclear(epoch: bigint | string, units: string): ColumnError {
  return new ColumnError(
    `is ${epoch}, which may be ${units} since 1970: ` +
      `say which by ${ENV.timestampUnit}, or let the connector send a schema`,
  );
}

const SPECIAL_VALUES: ReadonlyMap<JsonValue | undefined, string> = new Map([
  ['POSITIVE_INFINITY', 'infinity'],
  ['NEGATIVE_INFINITY', '-infinity'],
]);

/** `time.precision.mode=structured`: the parts of a local time, of one with an offset, or of a date. */
function dayOfParts(parts: JsonObject): string | undefined {
  const special = SPECIAL_VALUES.get(parts.specialValue);
  if (special !== undefined) return special;
  const { year, month, day, hour = 0, minute = 0, second = 0, offsetSeconds = 0 } = parts;
  const numbers = [year, month, day, hour, minute, second, offsetSeconds];
  if (!numbers.every((part) => Number.isInteger(part))) return undefined;
  const [y = 0, m = 0, d = 0, h = 0, min = 0, s = 0, offset = 0] = numbers.map(Number);
  return dayInUtc([y, m, d], [h, min, s], offset);
}

function dayOfText(text: string): string | undefined {
  const infinity = INFINITIES.get(text);
  if (infinity !== undefined) return infinity;
  const match = ISO_TEXT.exec(text);
  if (!match) return undefined;
  const [, yearText, month, day, hour = '0', minute = '0', second = '0', sign, ...zone] = match;
  const [zoneHours = '0', zoneMinutes = '0', era] = zone;
  const year = era ? 1 - Number(yearText) : Number(yearText);
  const offset = (Number(zoneHours) * 60 + Number(zoneMinutes)) * 60 * (sign === '-' ? -1 : 1);
  const clock = [Number(hour), Number(minute), Number(second)] as const;
  return dayInUtc([year, Number(month), Number(day)], clock, offset);
}

type Triple = readonly [number, number, number];

function dayInUtc(date: Triple, clock: Triple, offsetSeconds: number): string | undefined {
  const [hour, minute, second] = clock;
  const isClock = [hour, minute, second].every((part) => part >= 0);
  if (!isClock || hour > 23 || minute > 59 || second > 60 || !isCalendarDay(...date)) {
    return undefined;
  }
  const utcMinutes = hour * 60 + minute - offsetSeconds / 60;
  return showDay(BigInt(daysFromCivil(...date) + Math.floor(utcMinutes / (24 * 60))));
}

function isCalendarDay(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  const next = month === 12 ? daysFromCivil(year + 1, 1, 1) : daysFromCivil(year, month + 1, 1);
  return day <= next - daysFromCivil(year, month, 1);
}

function showDay(daysFromEpoch: bigint): string | undefined {
  if (daysFromEpoch > DAYS_MAX || daysFromEpoch < -DAYS_MAX) return undefined;
  const { year, month, day } = civilFromDays(Number(daysFromEpoch));
  if (year < YEAR_MIN || year > YEAR_MAX) return undefined;
  const shownYear = String(year > 0 ? year : 1 - year).padStart(4, '0');
  return `${shownYear}-${twoDigits(month)}-${twoDigits(day)}${year > 0 ? '' : ' BC'}`;
}

const twoDigits = (value: number) => (value < 10 ? `0${value}` : `${value}`);

function floorDivide(value: bigint, divisor: bigint): bigint {
  return value >= 0n ? value / divisor : -((-value + divisor - 1n) / divisor);
}

// Proleptic Gregorian calendar in 400-year eras that start on 1 March, so that the leap day is last.
const DAYS_PER_ERA = 146_097;
const EPOCH_FROM_ERA_ZERO = 719_468;

function daysFromCivil(year: number, month: number, day: number): number {
  const marchYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * DAYS_PER_ERA + dayOfEra - EPOCH_FROM_ERA_ZERO;
}

function civilFromDays(days: number): { year: number; month: number; day: number } {
  const shifted = days + EPOCH_FROM_ERA_ZERO;
  const era = Math.floor(shifted / DAYS_PER_ERA);
  const dayOfEra = shifted - era * DAYS_PER_ERA;
  const leapDays =
    Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leapDays) / 365);
  const yearStart = 365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100);
  const dayOfYear = dayOfEra - yearStart;
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  const day = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}
