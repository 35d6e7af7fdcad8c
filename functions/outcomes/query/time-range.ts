// A time range as the whole UTC days inside it and the parts of days at its ends. The rollups know whole
// days; the rows of the ends make any range exact. Pure.
import { DAY, type Microseconds } from './instant.ts';

/** Both ends included; an end that is not set is open. */
export interface TimeRange {
  readonly first: Microseconds | undefined;
  readonly last: Microseconds | undefined;
}

/** Days since 1970, from the first to before the second; one that is not set is open. */
export interface DayRange {
  readonly from: bigint | undefined;
  readonly to: bigint | undefined;
}

export interface SplitRange {
  /** `undefined` when the range holds no whole day. */
  readonly days: DayRange | undefined;
  readonly ends: readonly TimeRange[];
}

export function splitRange(range: TimeRange): SplitRange {
  const { first, last } = range;
  const from = first === undefined ? undefined : floorDays(first + DAY - 1n);
  const to = last === undefined ? undefined : floorDays(last + 1n);
  if (from !== undefined && to !== undefined && from >= to)
    return { days: undefined, ends: [range] };
  const ends = [
    ...(from === undefined ? [] : [{ first, last: from * DAY - 1n }]),
    ...(to === undefined ? [] : [{ first: to * DAY, last }]),
  ];
  return { days: { from, to }, ends: ends.filter(isNotEmpty) };
}

/** The UTC days that the range touches. */
export function touchedDays({ first, last }: TimeRange): DayRange {
  return {
    from: first === undefined ? undefined : floorDays(first),
    to: last === undefined ? undefined : floorDays(last) + 1n,
  };
}

function isNotEmpty({ first, last }: TimeRange): boolean {
  return first === undefined || last === undefined || first <= last;
}

function floorDays(instant: Microseconds): bigint {
  const days = instant / DAY;
  return days * DAY > instant ? days - 1n : days;
}
