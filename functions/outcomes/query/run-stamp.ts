// The stamp of a report run, `YYYYMMDD_HHMMSS` in UTC: the name of its documents, in the order of time. Pure.

export type Stamp = string;

const STAMP = /^([12]\d{3})(\d\d)(\d\d)_(\d\d)(\d\d)(\d\d)$/;
/** Seconds since 1970 of the years 1000 and 2999. */
const FIRST = -30_610_224_000;
const LAST = 32_503_679_999;
const WRITTEN = /^(\d{4})-?(\d\d)-?(\d\d)[T_](\d\d):?(\d\d):?(\d\d)$/;

export function isStamp(text: string): boolean {
  return STAMP.test(text) && !Number.isNaN(Date.parse(`${showStamp(text)}Z`));
}

/** Reads a stamp, or a document's `generated_at`; `undefined` when it is neither. */
export function readStamp(text: string): Stamp | undefined {
  const [whole, ...digits] = WRITTEN.exec(text) ?? [];
  if (whole === undefined) return undefined;
  return `${digits.slice(0, 3).join('')}_${digits.slice(3).join('')}`;
}

/** As the document's `generated_at` has it. */
export function showStamp(stamp: Stamp): string {
  return stamp.replace(STAMP, '$1-$2-$3T$4:$5:$6');
}

/** The stamp that is so many seconds before, or after when negative; within the years 1000 to 2999. */
export function secondsBefore(stamp: Stamp, seconds: number): Stamp {
  return stampOf(Date.parse(`${showStamp(stamp)}Z`) / 1000 - seconds);
}

/** Of the seconds since 1970, rounded down. */
export function stampOf(seconds: number): Stamp {
  const clamped = Math.min(Math.max(Math.floor(seconds), FIRST), LAST);
  return new Date(clamped * 1000)
    .toISOString()
    .slice(0, 19)
    .replaceAll(/[-:]/g, '')
    .replace('T', '_');
}
