// The audit of a table that is written to meanwhile. A scan is no snapshot, and of a batch under way the
// sums are there before the images: both show as differences that are none. What was broken lacks the same
// at every look, whatever else goes on. Pure but for the looks.
import { Audit, type AuditResult, type Difference } from './audit.ts';
import { Decimal } from './decimal.ts';
import { readStreams, type StreamProgress } from './store/stream-cuts.ts';
import type { Table } from './store/table-store.ts';

export interface SteadyAudit extends AuditResult {
  /** No batch was under way at the last look: then its differences are real, each and all of them. */
  readonly isQuiet: boolean;
}

const LOOKS_MAX = 3;

export async function auditSteadily(
  table: Table,
  pause: () => Promise<void>,
): Promise<SteadyAudit> {
  let result = await look(table);
  for (let looks = 1; looks < LOOKS_MAX && !isSettled(result); looks++) {
    await pause();
    const before = new Set(result.differences.map(gapOf));
    const again = await look(table);
    const lasting = again.differences.filter((difference) => before.has(gapOf(difference)));
    result = { ...again, differences: again.isQuiet ? again.differences : lasting };
  }
  return result;
}

function isSettled({ isQuiet, differences }: SteadyAudit): boolean {
  return isQuiet || differences.length === 0;
}

async function look(table: Table): Promise<SteadyAudit> {
  const before = await readStreams(table);
  const audit = new Audit();
  for await (const item of table.scan()) audit.add(item);
  const after = await readStreams(table);
  const isQuiet = before.every(hasEnded) && showBegun(before) === showBegun(after);
  return { ...audit.result(), isQuiet };
}

function hasEnded({ begun, ended }: StreamProgress): boolean {
  return ended >= begun;
}

function showBegun(streams: readonly StreamProgress[]): string {
  return streams
    .map(({ topic, stream, begun }) => `${topic} ${stream} ${begun}`)
    .sort()
    .join('\n');
}

/** Of a sum that many add to, both sides grow; what it lacks stays the same. */
function gapOf({ aggregate, attribute, expected, actual }: Difference): string {
  const [want, have] = [Decimal.parse(expected), Decimal.parse(actual)];
  const gap = want && have ? want.plus(have.negated()).toText() : `${actual} for ${expected}`;
  return `${aggregate} ${attribute} ${gap}`;
}
