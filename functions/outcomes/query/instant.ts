// Points in time as microseconds since 1970, in UTC: what PostgreSQL keeps and a JavaScript Date does
// not. Requests are read as messages are; rows may hold any year. Pure.
import { parseInstant as parseRecorded } from '../record/instant.ts';

export type Microseconds = bigint;

export const DAY: Microseconds = 86_400_000_000n;

const DAY_ALONE = /^\d{4}(-?)\d\d\1\d\d$/;
const STORED = /^(\d{4,6})-(\d\d)-(\d\d)(?: (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?\+00)?( BC)?$/;

/** Every form that a message's time may have; the last of a day that is not said is its first instant. */
export function parseInstant(text: string): Microseconds | undefined {
  const recorded = parseRecorded(text);
  return recorded && fromStored(recorded.text.replace('T', ' '));
}

export function isDayAlone(text: string): boolean {
  return DAY_ALONE.test(text.trim());
}

/**
 * What PostgreSQL writes for a time or a date: `2025-01-31 22:59:59.5+00`, `0044-03-15 BC`.
 * @throws {TypeError} when the server's DateStyle or TimeZone is not the client's.
 */
export function fromStored(text: string): Microseconds {
  const match = STORED.exec(text);
  if (!match) throw new TypeError(`"${text}" is not a UTC time as PostgreSQL writes it.`);
  const [, year, month, day, hour = 0, minute = 0, second = 0, fraction = '', era] = match;
  const instant = new Date(0);
  instant.setUTCFullYear(era ? 1 - Number(year) : Number(year), Number(month) - 1, Number(day));
  instant.setUTCHours(Number(hour), Number(minute), Number(second));
  return BigInt(instant.getTime()) * 1_000n + BigInt(fraction.padEnd(6, '0'));
}

/** `isoTime` of a stored time, by its text alone where its year has four digits: exports have millions of them. */
export function isoOfStored(text: string): string {
  if (!isUsual(text)) return isoTime(fromStored(text));
  const seconds = `${text.slice(0, 10)}T${text.slice(11, 19)}`;
  return text.length === LENGTH_OF_SECONDS
    ? `${seconds}Z`
    : `${seconds}${text.slice(19, -3).padEnd(7, '0')}Z`;
}

const LENGTH_OF_SECONDS = '2025-01-31 22:59:59+00'.length;

/** Four digits of a year, in UTC, of the server's ISO style: nothing but those has these where they are. */
function isUsual(text: string): boolean {
  return text[4] === '-' && text[10] === ' ' && text.endsWith('+00');
}

/** What PostgreSQL reads as the same time. */
export function toStored(instant: Microseconds): string {
  const { date, microseconds } = split(instant);
  const year = date.getUTCFullYear();
  const shown = String(year > 0 ? year : 1 - year).padStart(4, '0');
  const rest = date.toISOString().slice(-'-MM-DDTHH:MM:SS.mmmZ'.length, -'.mmmZ'.length);
  const fraction = microseconds.toString().padStart(6, '0');
  return `${shown}${rest}.${fraction}Z${year > 0 ? '' : ' BC'}`;
}

/** `2025-01-31T22:59:59Z`, with microseconds only where they are not zero, as Django writes it. */
export function isoTime(instant: Microseconds): string {
  const { date, microseconds } = split(instant);
  const seconds = date.toISOString().slice(0, -'.mmmZ'.length);
  return microseconds === 0n
    ? `${seconds}Z`
    : `${seconds}.${String(microseconds).padStart(6, '0')}Z`;
}

/** `2025-01-31`. */
export function isoDay(instant: Microseconds): string {
  return isoTime(instant).split('T', 1).join();
}

function split(instant: Microseconds) {
  const microseconds = ((instant % 1_000_000n) + 1_000_000n) % 1_000_000n;
  return { date: new Date(Number((instant - microseconds) / 1_000n)), microseconds };
}
