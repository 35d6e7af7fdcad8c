// A point in time from ISO 8601 text or a Kafka timestamp to the text that PostgreSQL reads, with
// microseconds and always in UTC. Pure.

export interface Instant {
  /** `2025-01-31T22:59:59.123456+00`; PostgreSQL's ` BC` after it before year 1. */
  readonly text: string;
  /** The first day of its month, for the partition; `null` before year 1 and after 9999. */
  readonly month: string | null;
}

// Calendar dates, extended or basic. A space for the T, as PostgreSQL and Python print it; no zone is UTC.
const ISO_DATE = /^(\d{4})(-?)(\d\d)\2(\d\d)/;
const ISO_TIME = /^[Tt ](\d\d)(?::?(\d\d)(?::?(\d\d)(?:[.,](\d+))?)?)?/;
const ISO_ZONE = /^ ?(?:[Zz]|([+-])(\d\d)(?::?(\d\d))?)$/;

const KAFKA_TIMESTAMP_MAX = 8_640_000_000_000_000;

/** `undefined` when the text is no date-time, or one that is not in the calendar. */
export function parseInstant(text: string): Instant | undefined {
  const trimmed = text.trim();
  const date = ISO_DATE.exec(trimmed);
  if (!date) return undefined;
  const afterDate = trimmed.slice(date[0].length);
  const time = ISO_TIME.exec(afterDate);
  const afterTime = afterDate.slice(time?.[0].length ?? 0);
  const zone = ISO_ZONE.exec(afterTime);
  if (afterTime !== '' && !(time && zone)) return undefined;

  const day = dayStart(Number(date[1]), Number(date[3]), Number(date[4]));
  const clock = clockTime(time?.[1], time?.[2], time?.[3]);
  const offset = zoneOffset(zone?.[1], zone?.[2], zone?.[3]);
  if (day === undefined || clock === undefined || offset === undefined) return undefined;
  // Digits beyond the microsecond are cut, as the original did: rounding could reach the next day.
  const micros = (time?.[4] ?? '').slice(0, 6).padEnd(6, '0');
  return toInstant(day + clock - offset, micros);
}

/** `undefined` for -1, Kafka's "no timestamp", and for what is no time at all. */
export function kafkaInstant(timestamp: number): Instant | undefined {
  const isTime = Number.isInteger(timestamp) && timestamp >= 0 && timestamp <= KAFKA_TIMESTAMP_MAX;
  return isTime
    ? toInstant(timestamp, `${String(timestamp % 1_000).padStart(3, '0')}000`)
    : undefined;
}

function dayStart(year: number, month: number, day: number): number | undefined {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  // 30 February rolls over into March: then it was none.
  const isReal = year > 0 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return isReal ? date.getTime() : undefined;
}

function clockTime(hours = '0', minutes = '0', seconds = '0'): number | undefined {
  const [h, m, s] = [Number(hours), Number(minutes), Number(seconds)];
  return h < 24 && m < 60 && s < 60 ? ((h * 60 + m) * 60 + s) * 1_000 : undefined;
}

/** Up to 15:59, as in PostgreSQL; the world has -12:00 to +14:00. */
function zoneOffset(sign = '+', hours = '0', minutes = '0'): number | undefined {
  const [h, m] = [Number(hours), Number(minutes)];
  if (h > 15 || m > 59) return undefined;
  return (h * 60 + m) * 60_000 * (sign === '-' ? -1 : 1);
}

function toInstant(epochMs: number, micros: string): Instant {
  const date = new Date(epochMs);
  const year = date.getUTCFullYear();
  const monthToSecond = date.toISOString().slice(-20, -5);
  const era = year > 0 ? '' : ' BC';
  const yearText = String(year > 0 ? year : 1 - year).padStart(4, '0');
  const text = `${yearText}${monthToSecond}.${micros}+00${era}`;
  const hasMonth = year > 0 && year <= 9999;
  return { text, month: hasMonth ? `${text.slice(0, 7)}-01` : null };
}
