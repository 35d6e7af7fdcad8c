// Decisions of the merge, the reports and the rebuild.
import type { Mutation } from '../../mutation.ts';

const change = (name: string, path: string, find: string, replace: string): Mutation => ({
  name,
  file: `functions/${path}`,
  find,
  replace,
});

const MERGE: readonly Mutation[] = [
  change(
    'a page of the base added to twice',
    'orders/merge/base-store.ts',
    '      if (seen && page.epoch === epoch) return { page, stored: seen };\n',
    '',
  ),
  change(
    'a late merge adds to a later page',
    'orders/merge/base-store.ts',
    'EMPTY_PAGE;\n      refuseLater(page.epoch, epoch);',
    'EMPTY_PAGE;',
  ),
  change(
    'who came and went not kept for who takes up',
    'orders/merge/base-store.ts',
    'return { page, stored: seen };',
    'return { page: { ...page, came: 0 }, stored: seen };',
  ),
  change(
    'a plan of a run that died not taken up',
    'orders/merge/merge.ts',
    "if (plan.state === 'planned') {",
    'if (plan.epoch < 0) {',
  ),
  change(
    'a plan replaced whoever has made one',
    'orders/merge/plan-store.ts',
    'table.put({ key: itemKeys.plan, text: packPlan(plan), seen }),',
    'table.get(itemKeys.plan).then((now) => table.put({ key: itemKeys.plan, text: packPlan(plan), seen: now ?? seen })),',
  ),
  change(
    'too few left in a ranking not noticed',
    'orders/merge/merge.ts',
    'return isShort(next, topN) ? base.readBest(kind, epoch, kept) : next;',
    'return next;',
  ),
  change(
    'the floor by amount alone',
    'orders/merge/ranking.ts',
    'byRank(entry, floor) <= 0',
    'entry.sums.amount.compare(floor.sums.amount) >= 0',
  ),
  change(
    'who falls behind the floor stays',
    'orders/merge/ranking.ts',
    '    else ranked.delete(name);\n',
    '',
  ),
  change(
    'counters not changed',
    'orders/merge/merge.ts',
    '  await count(plan.epoch, merged, ports);\n',
    '',
  ),
  change(
    'a stream’s newest segment deleted',
    'orders/merge/merge.ts',
    'oldSegments.deleteBelow(stream, to, now() - FENCE_MS)',
    'oldSegments.deleteBelow(stream, to + 1, now() - FENCE_MS)',
  ),
  change(
    'a segment merged before what it was made from',
    'orders/merge/merge.ts',
    'return [...after].some(([stream, offset]) => (merged.get(stream)?.offset ?? -1n) < offset);',
    'return after.size + merged.size < 0;',
  ),
  change(
    'an emptied page dropped before its plan is done',
    'orders/merge/base-store.ts',
    '(await table.put({ key, text, seen })) !== REFUSED) return {',
    '(await table.put({ key, text, seen, ...(next.sums.size === 0 && { expiresAt: 1 }) })) !== REFUSED) return {',
  ),
];

const REPORTS: readonly Mutation[] = [
  change(
    'figures of a later plan shown',
    'orders/reports/read-figures.ts',
    'if (newest > epoch)',
    'if (newest < 0)',
  ),
  change(
    'stamped documents overwritten',
    'orders/reports/report-store.ts',
    "...(seen ? { IfMatch: seen.etag } : { IfNoneMatch: '*' }),",
    '...(seen && { IfMatch: seen.etag }),',
  ),
  change(
    'the latest written without condition',
    'orders/reports/report-store.ts',
    "...(seen ? { IfMatch: seen.etag } : { IfNoneMatch: '*' }),",
    "...(!seen && { IfNoneMatch: '*' }),",
  ),
  change(
    'the latest goes back',
    'orders/reports/report-store.ts',
    'if (latest && latest.generatedAt >= run.generatedAt) return;',
    '',
  ),
  change(
    'two plans under one stamp',
    'orders/reports/report-store.ts',
    'return found?.epoch === run.epoch && found.generatedAt === run.generatedAt;',
    'return true;',
  ),
];

const REPAIR: readonly Mutation[] = [
  change(
    'the cut not seen by those behind it',
    'orders/aggregate.ts',
    'pages.write(fold.images, read, tail.cut)',
    'pages.write(fold.images, read, undefined)',
  ),
  change(
    'the row at the cut replaced by a later change',
    'orders/pages/page-store.ts',
    '  if (before?.atCut?.rebuild === cut.rebuild) return { image, ...gone, atCut: before.atCut };\n',
    '',
  ),
  change(
    'rows as they are now held against the base at the cuts',
    'orders/repair/survey.ts',
    'if (!this.#cuts) return image;',
    'return image;',
  ),
  change(
    'one cut for all rounds of a rebuild',
    'orders/repair/rebuild.ts',
    'this.#pause.rebuild * ROUNDS_MAX + round',
    'this.#pause.rebuild',
  ),
  change(
    'batches before the cut not waited for',
    'orders/repair/rebuild.ts',
    '      await this.#untilEnded(marks);\n',
    '',
  ),
  change(
    'a batch ends before its images are written',
    'orders/aggregate.ts',
    '    if ((await pages.write(',
    '    await segments.end(stream, stretchOf(records).lastOffset, tail);\n    if ((await pages.write(',
  ),
  change(
    'streams that are new since the cuts not noticed',
    'orders/repair/rebuild.ts',
    'if (isComplete) return { survey,',
    'return { survey,',
  ),
  change(
    'corrections lost',
    'orders/repair/rebuild.ts',
    'if (!isDryRun) await this.#correct(differenceOf(sums, survey.base), marks);',
    '',
  ),
  change(
    'counters not mended',
    'orders/repair/rebuild.ts',
    'await base.set(COUNTERS, { epoch, present, broken });',
    '',
  ),
  change(
    'rankings not mended',
    'orders/repair/rebuild.ts',
    'await base.set(rankingOf(kind), await base.readBest(kind, epoch, kept));',
    '',
  ),
  change(
    'a late cut behind that of a newer rebuild',
    'orders/repair/rebuild.ts',
    'if (newest && newest.rebuild > rebuild) throw',
    'if (newest && newest.rebuild < 0) throw',
  ),
];

export const MERGING_MUTATIONS: readonly Mutation[] = [...MERGE, ...REPORTS, ...REPAIR];
