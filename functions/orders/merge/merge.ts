// Merges the segments into the base, as one plan after the other: plan → pages → counters and rankings →
// done. Whatever dies is taken up by the next run, from the same plan; whoever is late is refused. Why the
// reports of a plan are SQL over the prefixes that it names: docs/architecture.md, "The merge".
import { ENTITY_KINDS, SumsByName } from '../fold/sums.ts';
import type { OldSegmentsStore } from '../segments/old-segments-store.ts';
import type { Segment } from '../segments/segment.ts';
import type { SegmentStore } from '../segments/segment-store.ts';
import { TOMBSTONE_DAYS } from '../table/items.ts';
import { REFUSED } from '../table/table-store.ts';
import { type BaseStore, type Merged, OvertakenError } from './base-store.ts';
import { COUNTERS } from './counters.ts';
import { isPaused, type Plan, type Range } from './plan.ts';
import type { PlanStore, ReadPlan } from './plan-store.ts';
import { isShort, keptOf, type Ranking, rankingOf, rerank } from './ranking.ts';

export interface MergePorts {
  readonly plans: PlanStore;
  readonly base: BaseStore;
  readonly segments: SegmentStore;
  readonly oldSegments: OldSegmentsStore;
  readonly topN: number;
  readonly now: () => number;
  /** How much of the segments one plan takes, so that a long outage is merged in several. */
  readonly bytesMax?: number;
  /** How many the rankings keep. */
  readonly kept?: number;
  /** Old segments are looked for in one plan of so many. */
  readonly deleteEvery?: number;
}

export interface MergeOptions {
  /** The rebuild that has paused the others. */
  readonly rebuild?: number;
  /** Merge no further than these segments. */
  readonly upTo?: ReadonlyMap<string, number>;
}

export interface MergeRun {
  /** Done, and the newest. */
  readonly plan: Plan;
  readonly segments: number;
  /** Segments that a pause leaves for later. */
  readonly waiting: number;
  /** Whether a plan of a run that died was taken up. */
  readonly isTakenUp: boolean;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const PLAN_BYTES_MAX = 16_000_000;
/** No twin of a batch lives so long: Lambda's own limit is 15 minutes. */
const FENCE_MS = DAY_MS;
/** A tombstone is found for a day longer. */
const REMEMBERED_MS = (TOMBSTONE_DAYS - 1) * DAY_MS;
/** Old segments are looked for in one plan of so many. */
export const DELETE_EVERY = 12;
const ATTEMPTS_MAX = 50;

interface Collected {
  readonly ranges: ReadonlyMap<string, Range>;
  readonly sums: SumsByName;
  readonly segments: number;
  /** Whether there is more than one plan may take. */
  readonly isCutShort: boolean;
}

/** Everything that is there, as one plan or more. @throws {OvertakenError} when others keep being faster */
export async function merge(ports: MergePorts, options: MergeOptions = {}): Promise<MergeRun> {
  const { plans, now } = ports;
  let [segments, isTakenUp] = [0, false];
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const read = await plans.read();
    const { plan } = read;
    if (plan.state === 'planned') {
      isTakenUp = (await takeUp(read, ports)) || isTakenUp;
      continue;
    }
    if (isPaused(plan, now()) && plan.pause?.rebuild !== options.rebuild) {
      return { plan, segments, waiting: await countWaiting(plan, ports), isTakenUp };
    }
    const found = await collectNew(plan, ports, options.upTo);
    const next: Plan = {
      ...plan,
      epoch: plan.epoch + 1,
      state: 'planned',
      atMs: Math.max(now(), plan.atMs + 1),
      ranges: found.ranges,
    };
    if ((await plans.replace(read, next)) === REFUSED) continue;
    const written = await plans.read();
    const isOurs = written.plan.epoch === next.epoch && written.plan.state === 'planned';
    const done = isOurs && (await unlessOvertaken(() => finish(written, found, ports)));
    if (!done) continue;
    segments += found.segments;
    if (!found.isCutShort || found.segments === 0) {
      return { plan: done, segments, waiting: 0, isTakenUp };
    }
  }
  throw new OvertakenError(`Other runs were faster ${ATTEMPTS_MAX} times in a row.`);
}

/** Answers whether it was ours to finish. */
async function takeUp(read: ReadPlan, ports: MergePorts): Promise<boolean> {
  const done = await unlessOvertaken(async () => {
    return finish(read, await collectPlanned(read.plan, ports), ports);
  });
  return done !== undefined;
}

async function unlessOvertaken<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof OvertakenError) return undefined;
    throw error;
  }
}

/** `undefined`: another one has. */
async function finish(
  read: ReadPlan,
  { sums }: Collected,
  ports: MergePorts,
): Promise<Plan | undefined> {
  const { plan } = read;
  const merged = await ports.base.add(plan.epoch, sums);
  await count(plan.epoch, merged, ports);
  await rank(plan.epoch, merged, ports);
  const done: Plan = { ...plan, state: 'done' };
  if ((await ports.plans.replace(read, done)) === REFUSED) return undefined;
  await ports.base.expire(merged.emptied);
  if (plan.epoch % (ports.deleteEvery ?? DELETE_EVERY) === 0) await deleteOld(done, ports);
  return done;
}

async function count(epoch: number, { came, broke }: Merged, { base }: MergePorts): Promise<void> {
  if (broke === 0 && ENTITY_KINDS.every((kind) => came[kind] === 0)) return;
  await base.change(COUNTERS, epoch, ({ present, broken }) => ({
    epoch,
    present: {
      customer: present.customer + came.customer,
      product: present.product + came.product,
    },
    broken: broken + broke,
  }));
}

async function rank(epoch: number, { touched }: Merged, ports: MergePorts): Promise<void> {
  const { base, topN, kept = keptOf(topN) } = ports;
  for (const kind of ENTITY_KINDS) {
    const change = async (ranking: Ranking) => {
      const next = rerank(ranking, epoch, touched[kind], kept);
      return isShort(next, topN) ? base.readBest(kind, epoch, kept) : next;
    };
    const known = await base.read(rankingOf(kind));
    const isUntouched = touched[kind].size === 0 && !isShort(known, topN);
    if (!isUntouched) await base.change(rankingOf(kind), epoch, change);
  }
}

/** @throws {OvertakenError} when segments are gone: then another run is past this plan */
async function collectPlanned(
  { epoch, ranges }: Plan,
  { segments }: MergePorts,
): Promise<Collected> {
  const sums = new SumsByName();
  let count = 0;
  for (const [stream, { from, to }] of ranges) {
    if (to === from) continue;
    const before = count;
    for await (const { segment } of segments.readFrom(stream, from + 1, to)) {
      sums.addAll(segment.sums);
      count += 1;
    }
    if (count - before !== to - from) throw new OvertakenError(`Plan ${epoch} is merged and over.`);
  }
  return { ranges, sums, segments: count, isCutShort: false };
}

async function countWaiting({ ranges }: Plan, { segments }: MergePorts): Promise<number> {
  let waiting = 0;
  for (const stream of (await segments.streams()).keys()) {
    waiting += (await segments.tail(stream)).number - (ranges.get(stream)?.to ?? 0);
  }
  return waiting;
}

/**
 * A row's tombstone is forgotten after some days: whoever brings the row anew then, in another stream, does not know
 * what it was made from. So no plan takes a segment that was written so long after one that it leaves for later.
 */
async function collectNew(
  plan: Plan,
  ports: MergePorts,
  upTo: ReadonlyMap<string, number> | undefined,
): Promise<Collected> {
  const found = await collectUntil(plan, ports, upTo, Number.POSITIVE_INFINITY);
  const untilMs = found.oldestLeftMs + REMEMBERED_MS;
  return found.newestTakenMs > untilMs ? collectUntil(plan, ports, upTo, untilMs) : found;
}

interface Taken extends Collected {
  readonly newestTakenMs: number;
  readonly oldestLeftMs: number;
}

/** The streams take turns to be first, so that none waits for ever when there is more than one plan takes. */
async function collectUntil(
  plan: Plan,
  { segments, bytesMax = PLAN_BYTES_MAX }: MergePorts,
  upTo: ReadonlyMap<string, number> | undefined,
  untilMs: number,
): Promise<Taken> {
  const names = [...(await segments.streams()).keys()];
  const first = names.length === 0 ? 0 : plan.epoch % names.length;
  const sums = new SumsByName();
  const ranges = new Map<string, Range>();
  let [bytes, count, newestTakenMs] = [0, 0, 0];
  let oldestLeftMs = Number.POSITIVE_INFINITY;
  for (const stream of [...names.slice(first), ...names.slice(0, first)]) {
    const before = plan.ranges.get(stream);
    let range: Range = {
      from: before?.to ?? 0,
      to: before?.to ?? 0,
      offset: before?.offset ?? -1n,
      newestMs: before?.newestMs ?? 0,
    };
    const last = upTo?.get(stream);
    if (last === undefined || last > range.to) {
      for await (const { number, segment, bytes: size } of segments.readFrom(
        stream,
        range.to + 1,
        last,
      )) {
        const isLater = bytes >= bytesMax || segment.atMs > untilMs;
        if (isLater || isAhead(segment, new Map([...plan.ranges, ...ranges]))) {
          oldestLeftMs = Math.min(oldestLeftMs, segment.atMs);
          break;
        }
        newestTakenMs = Math.max(newestTakenMs, segment.atMs);
        sums.addAll(segment.sums);
        range = { ...range, to: number, offset: segment.to, newestMs: segment.newestMs };
        bytes += size;
        count += 1;
      }
    }
    ranges.set(stream, range);
  }
  const isCutShort = oldestLeftMs < Number.POSITIVE_INFINITY;
  return { ranges, sums, segments: count, isCutShort, newestTakenMs, oldestLeftMs };
}

/** Whether it was made from what is not merged before it: rows that have moved from another stream. */
function isAhead({ after }: Segment, merged: ReadonlyMap<string, Range>): boolean {
  return [...after].some(([stream, offset]) => (merged.get(stream)?.offset ?? -1n) < offset);
}

/** Behind the fence, but never a stream's newest: it is the tail. */
async function deleteOld({ ranges }: Plan, { oldSegments, now }: MergePorts): Promise<void> {
  for (const [stream, { to }] of ranges) {
    await oldSegments.deleteBelow(stream, to, now() - FENCE_MS);
  }
}
