// The run that the shown one is compared with.
import { readRuns, readSummary, type SummaryDocument } from '../../api/reports.ts';
import type { Comparison } from '../../lib/route.ts';
import { laterBy } from '../../lib/utc-day.ts';
import { type Resource, useResource } from '../../state/resource.ts';

const DAY_S = 86_400;

/** Without a value and a failure: there is no run so early, or none is asked for. */
export function useEarlier(at: string, against: Comparison): Resource<SummaryDocument | undefined> {
  const key = against === 'none' ? undefined : `earlier ${at} ${against}`;
  const load = async (signal: AbortSignal) => {
    const seconds = against === 'run' ? 1 : Number(against) * DAY_S;
    const { runs } = await readRuns({ before: laterBy(at, -seconds), size: 1 }, signal);
    return runs[0] && (await readSummary(runs[0].at, signal));
  };
  return useResource(key, load, { keepsOlder: true });
}
