// Numbers, days and times for a reader, in the reader's locale, without losing a digit. Pure: the locale is
// given. Times are UTC, everywhere.
import { isDecimal } from './decimal.ts';
import { isDay } from './utc-day.ts';

export type Locale = string | undefined;

/** Every digit, grouped; at least so many decimals. What is no plain decimal is shown as it is. */
export function decimal(text: string, locale: Locale, decimalsMin = 0): string {
  if (!isDecimal(text)) return text;
  const decimals = Math.min(100, Math.max(decimalsMin, text.split('.')[1]?.length ?? 0));
  return numberFormat(locale, decimals).format(text as Intl.StringNumericLiteral);
}

/** The most decimals that any of them has: with it, a column's points stand below each other. */
export function scaleOf(texts: readonly string[], least = 0): number {
  return Math.max(least, ...texts.map((text) => text.split('.')[1]?.length ?? 0));
}

export function money(text: string, locale: Locale): string {
  return decimal(text, locale, 2);
}

/** An average with its endless digits: four decimals are plenty, and it says that it is rounded. */
export function rounded(text: string, locale: Locale, decimals = 4): string {
  if (!isDecimal(text)) return text;
  return numberFormat(locale, decimals).format(text as Intl.StringNumericLiteral);
}

/** For an axis: `12K`. */
export function compact(value: number, locale: Locale): string {
  const notation = Math.abs(value) < 1e15 ? 'compact' : 'scientific';
  return new Intl.NumberFormat(locale, { notation, maximumFractionDigits: 2 }).format(value);
}

/** With a plus sign where it is one. */
export function signed(text: string, locale: Locale, decimalsMin = 0): string {
  const shown = decimal(text, locale, decimalsMin);
  return /^[0.]+$/.test(text) || text.startsWith('-') ? shown : `+${shown}`;
}

export function bytes(count: number, locale: Locale): string {
  if (count < 1000) return `${count} bytes`;
  const [value, unit] = count < 1e6 ? [count / 1000, 'KB'] : [count / 1e6, 'MB'];
  return `${new Intl.NumberFormat(locale, { maximumFractionDigits: 1 }).format(value)} ${unit}`;
}

type DayForm = 'full' | 'short' | 'month' | 'weekday';

const DAY_FORMS: Readonly<Record<DayForm, Intl.DateTimeFormatOptions>> = {
  full: { day: 'numeric', month: 'short', year: 'numeric' },
  short: { day: 'numeric', month: 'short' },
  month: { month: 'short', year: 'numeric' },
  weekday: { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' },
};

export function day(text: string, locale: Locale, form: DayForm = 'full'): string {
  if (!isDay(text)) return text;
  return dayFormat(locale, form).format(new Date(`${text}T00:00:00Z`));
}

const INSTANT = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(\.\d+)?(Z|\+00:00)?$/;

/** To the second, in UTC; what has another form is shown as it is. */
export function instant(text: string, locale: Locale): string {
  const [, date = '', time = ''] = INSTANT.exec(text) ?? [];
  return isDay(date) ? `${day(date, locale)}, ${time}` : text;
}

/** The time of day to the millisecond. */
export function clockTime(text: string): string {
  const [, , time, fraction = ''] = INSTANT.exec(text) ?? [];
  return time ? `${time}${fraction.slice(0, 4)}` : text;
}

const AGES: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
];

/** `2 minutes ago`. */
export function ago(seconds: number, locale: Locale): string {
  const whole = Math.round(seconds);
  const [unit, length] = AGES.find(([, one]) => Math.abs(whole) >= one * 2) ?? ['second', 1];
  return new Intl.RelativeTimeFormat(locale, { numeric: 'always' }).format(
    -Math.round(whole / length),
    unit,
  );
}

/** `2 min`, `12.5 s`: how long, for a table. */
export function duration(seconds: number, locale: Locale): string {
  const [unit, length] = AGES.find(([, one]) => Math.abs(seconds) >= one * 2) ?? ['second', 1];
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit,
    unitDisplay: 'long',
    maximumFractionDigits: length === 1 ? 1 : 0,
  }).format(seconds / length);
}

const numberFormat = kept(
  (locale: Locale, decimals: number) =>
    new Intl.NumberFormat(locale, {
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
    }),
);

const dayFormat = kept(
  (locale: Locale, form: DayForm) =>
    new Intl.DateTimeFormat(locale, { ...DAY_FORMS[form], timeZone: 'UTC' }),
);

/** One is made anew more slowly than a row of a table is drawn. */
function kept<Form extends string | number, Format>(make: (locale: Locale, form: Form) => Format) {
  const made = new Map<string, Format>();
  return (locale: Locale, form: Form): Format => {
    const key = `${locale}/${form}`;
    const format = made.get(key) ?? make(locale, form);
    made.set(key, format);
    return format;
  };
}
