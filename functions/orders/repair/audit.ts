// Recomputes every aggregate from the row images and compares: the base with the segments that are not
// merged yet, the counters, the rankings. Reads a table that is written to meanwhile: a read of all of it is
// no snapshot, and of a batch under way the segment is there before the images, so what differs is looked
// at again. What was broken lacks the same at every look.
import { Decimal } from '../decimal.ts';
import { AGGREGATE_KINDS, ENTITY_KINDS, type EntityKind, SumsByName } from '../fold/sums.ts';
import { basePageOf, isPresent } from '../merge/base.ts';
import type { BaseStore } from '../merge/base-store.ts';
import { COUNTERS } from '../merge/counters.ts';
import type { Plan } from '../merge/plan.ts';
import type { PlanStore } from '../merge/plan-store.ts';
import { byRank, type Ranked, type Ranking, rankingOf } from '../merge/ranking.ts';
import { readTexts } from '../pages/text-store.ts';
import { CORRECTIONS } from '../segments/segment.ts';
import type { SegmentStore, Tail } from '../segments/segment-store.ts';
import type { Table } from '../table/table-store.ts';
import { compareSums, type Difference } from './differences.ts';
import { Survey } from './survey.ts';

export interface AuditPorts {
  readonly table: Table;
  readonly plans: PlanStore;
  readonly base: BaseStore;
  readonly segments: SegmentStore;
  /** Between two looks. */
  readonly pause: () => Promise<void>;
}

export interface AuditResult {
  readonly rows: number;
  readonly aggregates: number;
  readonly differences: readonly Difference[];
}

export interface SteadyAudit extends AuditResult {
  /** Nothing was under way at the last look: then its differences are real, each and all of them. */
  readonly isQuiet: boolean;
}

const LOOKS_MAX = 3;

export async function audit(ports: AuditPorts): Promise<SteadyAudit> {
  let result = await look(ports);
  for (let looks = 1; looks < LOOKS_MAX && !isSettled(result); looks++) {
    await ports.pause();
    const before = new Set(result.differences.map(gapOf));
    const again = await look(ports);
    const lasting = again.differences.filter((difference) => before.has(gapOf(difference)));
    result = { ...again, differences: again.isQuiet ? again.differences : lasting };
  }
  return result;
}

function isSettled({ isQuiet, differences }: SteadyAudit): boolean {
  return isQuiet || differences.length === 0;
}

async function look(ports: AuditPorts): Promise<SteadyAudit> {
  const before = await momentOf(ports);
  const survey = new Survey();
  for await (const stored of ports.table.scan()) {
    survey.add(stored, await readTexts(ports.table, [stored]));
  }
  const unmerged = await readUnmerged(before.plan, survey, ports);
  const ofBase = await checkBase(survey, before.plan, ports);
  const after = await momentOf(ports);
  const { rows, sums } = survey.expected();
  const found = new SumsByName();
  found.addAll(survey.base);
  found.addAll(unmerged);
  const aggregates = AGGREGATE_KINDS.reduce((count, kind) => count + found.of(kind).size, 0);
  return {
    rows,
    aggregates: aggregates + ENTITY_KINDS.length,
    differences: [...compareSums(sums, found), ...ofBase],
    isQuiet: before.isEnded && before.shown === after.shown,
  };
}

/** What must be the same before and after for the look to be of one moment. */
async function momentOf({ plans, segments }: AuditPorts) {
  const { plan } = await plans.read();
  const tails: [string, Tail][] = [];
  for (const stream of (await segments.streams()).keys()) {
    tails.push([stream, await segments.tail(stream)]);
  }
  const shown = tails.map(([stream, { number, ended }]) => `${stream} ${number} ${ended}`).sort();
  return {
    plan,
    isEnded: tails.every(([stream, { to, ended }]) => ended >= to || stream === CORRECTIONS),
    shown: `${plan.epoch} ${plan.state}\n${shown.join('\n')}`,
  };
}

/** Of a plan that is half merged, what its pages do not have yet; and all that is behind it. */
async function readUnmerged(
  plan: Plan,
  survey: Survey,
  { segments }: AuditPorts,
): Promise<SumsByName> {
  const unmerged = new SumsByName();
  for (const stream of (await segments.streams()).keys()) {
    const range = plan.ranges.get(stream);
    const from = plan.state === 'planned' ? range?.from : range?.to;
    for await (const { number, segment } of segments.readFrom(stream, (from ?? 0) + 1)) {
      const isPlanned = range !== undefined && number <= range.to;
      for (const kind of AGGREGATE_KINDS) {
        for (const [name, sums] of segment.sums.of(kind)) {
          const isMerged = survey.epochOf(kind, basePageOf(kind, name)) >= plan.epoch;
          if (!(isPlanned && isMerged)) unmerged.add(kind, name, sums);
        }
      }
    }
  }
  return unmerged;
}

/** Counters and rankings against the pages, when no plan is half merged. */
async function checkBase(survey: Survey, plan: Plan, { base }: AuditPorts): Promise<Difference[]> {
  if (plan.state === 'planned') return [];
  const counters = await base.read(COUNTERS);
  const differences: Difference[] = [];
  for (const kind of ENTITY_KINDS) {
    const present = [...survey.base.of(kind)]
      .filter(([, sums]) => isPresent(sums))
      .map(([name, sums]) => ({ id: BigInt(name), sums }));
    const actual = counters.present[kind].toString();
    const expected = present.length.toString();
    if (actual !== expected) {
      differences.push({ aggregate: `distinct ${kind}s`, attribute: 'count', expected, actual });
    }
    differences.push(...compareRanking(kind, present, await base.read(rankingOf(kind))));
  }
  return differences;
}

function compareRanking(
  kind: EntityKind,
  present: readonly Ranked[],
  { best, floor }: Ranking,
): Difference[] {
  const wanted = [...present].sort(byRank).slice(0, floor ? best.length : present.length);
  return wanted.flatMap(({ id, sums }, at) => {
    const expected = `${id} with ${sums.amount.toText()}`;
    const found = best[at];
    const actual = found ? `${found.id} with ${found.sums.amount.toText()}` : 'nobody';
    return expected === actual
      ? []
      : [{ aggregate: `ranking of ${kind}s`, attribute: `rank ${at + 1}`, expected, actual }];
  });
}

/** Of a sum that many add to, both sides grow; what it lacks stays the same. */
function gapOf({ aggregate, attribute, expected, actual }: Difference): string {
  const [want, have] = [Decimal.parse(expected), Decimal.parse(actual)];
  const gap = want && have ? want.plus(have.negated()).toText() : `${actual} for ${expected}`;
  return `${aggregate} ${attribute} ${gap}`;
}
