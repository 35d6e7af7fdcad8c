// Earlier runs of a report, newest first, out of a listing that S3 gives oldest first only. A page reads the part
// of the listing that it is in, however many runs there are: it looks back from where it starts through a window of
// time, which is widened where runs are few and narrowed where they are many. Knows no client.
import { type Stamp, secondsBefore } from '../query/run-stamp.ts';

export interface Run {
  readonly stamp: Stamp;
  readonly writtenAt: string;
  readonly bytes: number;
}

export interface RunListing {
  /** Oldest first. */
  readonly runs: readonly Run[];
  /** Whether there is more behind them. */
  readonly isCut: boolean;
}

/** The runs after this stamp, as many as one request answers. `undefined`: from the first. */
export type ListRuns = (after: Stamp | undefined) => Promise<RunListing>;

/** About twice what the default schedule, a run in five minutes, needs. */
const SECONDS_A_RUN = 600;
const WIDER = 8;
/** No two runs share a second: a request answers more than such a window can hold. */
const WINDOW_SECONDS_MIN = 500;

/** The newest runs at or before `last`, at most so many, newest first. */
export async function runsUpTo(last: Stamp, count: number, list: ListRuns): Promise<Run[]> {
  const first = await list(undefined);
  if (!first.isCut) return newestOf(first.runs, last, count);
  const oldest = first.runs[0]?.stamp ?? last;
  let found: readonly Run[] = [];
  let end = last;
  let seconds = count * SECONDS_A_RUN;
  while (end >= oldest && found.length < count) {
    const start = secondsBefore(end, seconds);
    const { runs, isCut } = await list(start);
    const isMissingSome = isCut && (runs.at(-1)?.stamp ?? start) < end;
    if (isMissingSome && seconds > WINDOW_SECONDS_MIN) {
      seconds = Math.max(Math.floor(seconds / 2), WINDOW_SECONDS_MIN);
      continue;
    }
    found = [...runs.filter(({ stamp }) => stamp <= end), ...found];
    if (start === end) break;
    end = start;
    seconds *= WIDER;
  }
  return newestOf(found, last, count);
}

/** The runs that follow this one, at most so many, newest first. */
export async function runsAfter(stamp: Stamp, count: number, list: ListRuns): Promise<Run[]> {
  let found: readonly Run[] = [];
  let after = stamp;
  for (;;) {
    const { runs, isCut } = await list(after);
    found = [...found, ...runs];
    const last = runs.at(-1);
    if (!isCut || !last || found.length >= count) return found.slice(0, count).reverse();
    after = last.stamp;
  }
}

function newestOf(runs: readonly Run[], last: Stamp, count: number): Run[] {
  const before = runs.filter(({ stamp }) => stamp <= last);
  return before.slice(-count).reverse();
}
