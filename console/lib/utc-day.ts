// Days as text, `2026-11-26`, always of UTC. A day never becomes a local time, which would be the day before
// for a reader west of Greenwich. Pure.

const DAY_MS = 86_400_000;
const FORM = /^\d{4}-\d\d-\d\d$/;

/** Days outside of the years 0 to 9999, and what is no day at all, stay text that nothing computes with. */
export function isDay(text: string): boolean {
  return FORM.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`));
}

export function dayOf(instant: string): string {
  return instant.slice(0, 10);
}

export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

export function daysBetween(first: string, last: string): number {
  return Math.round((Date.parse(last) - Date.parse(first)) / DAY_MS);
}

/** Both ends included. */
export function daysFrom(first: string, last: string): string[] {
  const length = daysBetween(first, last) + 1;
  return Array.from({ length: Math.max(0, length) }, (_, index) => addDays(first, index));
}

/** A whole year, month or day, by its first and last day. */
export interface Span {
  readonly level: 'year' | 'month' | 'day';
  /** `2026`, `2026-11` or `2026-11-26`. */
  readonly name: string;
  readonly first: string;
  readonly last: string;
}

export function spanNamed(name: string): Span {
  if (name.length === 4) {
    return { level: 'year', name, first: `${name}-01-01`, last: `${name}-12-31` };
  }
  if (name.length === 10) return { level: 'day', name, first: name, last: name };
  const [year = 0, month = 0] = name.split('-').map(Number);
  const last = new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10);
  return { level: 'month', name, first: `${name}-01`, last };
}

/** The span that goes exactly from one to the other. */
export function spanOf(first: string | undefined, last: string | undefined): Span | undefined {
  if (!first || !last || !isDay(first) || !isDay(last)) return undefined;
  const names = [first, first.slice(0, 7), first.slice(0, 4)];
  return names.map(spanNamed).find((span) => span.first === first && span.last === last);
}

/** The spans around a span, widest first. */
export function spansAround({ name }: Span): Span[] {
  return [4, 7].filter((length) => length < name.length).map((n) => spanNamed(name.slice(0, n)));
}

/** How the days fall into years, months or days: the widest of them that is a choice at all. */
export function choicesIn(days: readonly string[]): Span[] {
  for (const length of [4, 7, 10]) {
    const names = [...new Set(days.filter(isDay).map((day) => day.slice(0, length)))].sort();
    if (names.length > 1 || length === 10) return names.map(spanNamed);
  }
  return [];
}

/** The same time so many seconds later, to the second, without a zone: as reports write it. */
export function laterBy(instant: string, seconds: number): string {
  const ms = Date.parse(instant.endsWith('Z') ? instant : `${instant}Z`);
  return new Date(ms + seconds * 1000).toISOString().slice(0, 19);
}
