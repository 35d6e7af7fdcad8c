// Decisions of the code without which something is lost, twice or wrong. Each is taken out in turn, and
// the simulation must notice.
import type { Mutation } from '../mutation.ts';

const change = (name: string, path: string, find: string, replace: string): Mutation => ({
  name,
  file: `functions/${path}`,
  find,
  replace,
});

const WRITING = [
  change(
    'pages written whatever is there',
    'orders/pages/page-store.ts',
    '      seen: page?.seen,',
    '      seen: await table.get(key),',
  ),
  change(
    'a segment appended behind whatever is there',
    'orders/segments/append.ts',
    'segments.append(stream, number + 1, part.text)',
    'segments.append(stream, (await segments.tail(stream)).number + 1, part.text)',
  ),
  change(
    'images written before the segment',
    'orders/aggregate.ts',
    '    const tail = await appendSegments(',
    '    await pages.write(fold.images, read, undefined);\n    const tail = await appendSegments(',
  ),
  change(
    'what the tail covers not dropped',
    'orders/segments/append.ts',
    '  let tail = await segments.tail(stream);',
    '  let tail = { ...(await segments.tail(stream)), to: -1n };',
  ),
  change(
    'a part of a batch passed for the whole',
    'orders/segments/append.ts',
    'half.at(-1)?.offset ?? to, head, bytesMax',
    'to, head, bytesMax',
  ),
  change(
    'a batch that adds nothing leaves no segment',
    'orders/segments/append.ts',
    'steps.filter(({ offset }) => offset > to)',
    'steps.filter(({ offset, contributions }) => offset > to && contributions.length > 0)',
  ),
  change(
    'stream epoch ignored',
    'orders/aggregate.ts',
    'streamName(ports.streamEpoch, topic, partition)',
    "streamName('0', topic, partition)",
  ),
  change(
    'topic ignored',
    'orders/aggregate.ts',
    'streamName(ports.streamEpoch, topic, partition)',
    "streamName(ports.streamEpoch, topic.slice('dbserverN'.length), partition)",
  ),
  change(
    'stream not registered',
    'orders/aggregate.ts',
    'if (!streams.has(stream)) await segments.register(stream, table);',
    '',
  ),
  change(
    'images of other streams not read',
    'orders/aggregate.ts',
    'const all = new Set(siblings).add(stream);',
    'const all = new Set([stream]);',
  ),
  change(
    'a full page takes one more',
    'orders/pages/page-store.ts',
    'const isFull = page?.isFull || kept.length >= rowsMax;',
    'const isFull = false;',
  ),
  change(
    'pages by hash not read',
    'orders/pages/page-store.ts',
    'filter((row) => first.hasFull(placeOf(row, span)));',
    'filter(() => false);',
  ),
  change(
    'a page that was refused given up',
    'orders/aggregate.ts',
    '=== REFUSED) continue;',
    '=== REFUSED) return fold;',
  ),
];

const IMAGES = [
  change(
    'no tombstone for deletes',
    'orders/pages/page-store.ts',
    'filter((row) => !isForgotten(row, nowSeconds));',
    'filter(({ image }) => image.row);',
  ),
  change(
    'tombstones forgotten at once',
    'orders/table/items.ts',
    'TOMBSTONE_DAYS = 8;',
    'TOMBSTONE_DAYS = 0;',
  ),
  change(
    'the tombstone of a row that has moved forgotten',
    'orders/pages/page-store.ts',
    'image.row === null && image.earlier === undefined;',
    'image.row === null;',
  ),
  change(
    'a tombstone as old as the first one of its row',
    'orders/pages/page-store.ts',
    '{ goneSince: Math.floor(nowMs / 1000) };',
    '{ goneSince: before?.goneSince ?? Math.floor(nowMs / 1000) };',
  ),
  change(
    'offsets that were seen not skipped',
    'orders/fold/fold.ts',
    'if (image && wasSeen(change.offset, stream, image)) continue;',
    '',
  ),
  change(
    'streams that a row has left forgotten',
    'orders/fold/image.ts',
    ': image.earlier?.get(stream);',
    ': undefined;',
  ),
  change(
    'positions in other streams not kept with the newest image',
    'orders/fold/image.ts',
    'return { ...newest, earlier: withoutStream(seen, newest.stream) };',
    'return newest;',
  ),
  change(
    'of two images the one that knows the other not the newer',
    'orders/fold/image.ts',
    'if (wasSeen(other.offset, other.stream, image)) return true;',
    '',
  ),
  change(
    'of two images the LSN not asked',
    'orders/fold/image.ts',
    'return isBefore === isAfter ? image.stream > other.stream : isAfter;',
    'return image.stream > other.stream;',
  ),
  change(
    'no LSN skip: what is sent again is applied again',
    'orders/fold/image.ts',
    'isOvertaken(change, image) || isSentAgain(change, image);',
    'isOvertaken(change, image);',
  ),
  change(
    'the time of commits not compared: a moved database seems to send again',
    'orders/fold/image.ts',
    'return one.lsn <= other.lsn && one.committedAtMs <= other.committedAtMs;',
    'return one.lsn <= other.lsn;',
  ),
  change(
    'another change of the same transaction taken for the same one',
    'orders/fold/image.ts',
    'return !isUpTo(image.source, source) || hasContentsOf(change, image);',
    'return true;',
  ),
  change(
    'the tombstone of an older delete deletes',
    'orders/fold/image.ts',
    'image.isBehindDelete && change.row === null && !change.source;',
    'false;',
  ),
  change(
    'LSN compared between snapshot and streamed rows',
    'orders/debezium/decode.ts',
    'source && STREAMED.has(op) && { source }',
    'source && { source }',
  ),
  change(
    'unavailable value overwrites',
    'orders/debezium/rows.ts',
    'if (raw === UNAVAILABLE) return undefined;',
    'if (raw === UNAVAILABLE) return null;',
  ),
  change(
    'a snapshot read is an increment',
    'orders/fold/fold.ts',
    'contributionsBetween(image, next)',
    'contributionsBetween(change.source ? image : undefined, next)',
  ),
  change(
    '-1 of the old image forgotten',
    'orders/fold/contribution.ts',
    '[...gone, ...contributionsOf(after)]',
    'contributionsOf(after)',
  ),
  change(
    'what is unresolved not seen',
    'orders/fold/fold.ts',
    '      move(name, unresolvedAt(change, stream, image), []);\n',
    '',
  ),
];

const MERGE = [
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
    'replace: ({ seen }, plan) => table.put({',
    'replace: async (_read, plan) => table.put({ seen: await table.get(itemKeys.plan),',
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
    'segments.deleteBelow(stream, to, now() - FENCE_MS)',
    'segments.deleteBelow(stream, to + 1, now() - FENCE_MS)',
  ),
  change(
    'segments deleted before the fence',
    'orders/merge/merge.ts',
    'segments.deleteBelow(stream, to, now() - FENCE_MS)',
    'segments.deleteBelow(stream, to, now())',
  ),
  change(
    'a segment merged before what it was made from',
    'orders/merge/merge.ts',
    '[...segment.after].some(([other, offset]) => offsetOf(other) < offset);',
    'false;',
  ),
  change(
    'an emptied page dropped before its plan is done',
    'orders/merge/base-store.ts',
    '(await table.put({ key, text, seen }))',
    '(await table.put({ key, text, seen, ...(next.sums.size === 0 && { expiresAt: now() / 1000 }) }))',
  ),
  change(
    'a merge that is overtaken fails',
    'orders/merge/base-store.ts',
    '.catch(throwOvertaken)',
    '',
  ),
];

const REPORTS = [
  change(
    'figures of a later plan shown',
    'orders/reports/read-figures.ts',
    'if (newest > epoch) throw',
    'if (newest < 0) throw',
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

const REPAIR = [
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
    '    await segments.end(stream, stretchOf(records).lastOffset);\n    if ((await pages.write(',
  ),
  change(
    'merges not paused',
    'orders/merge/merge.ts',
    'if (isPaused(plan, now()) && plan.pause?.rebuild !== options.rebuild) {',
    'if (plan.epoch < 0) {',
  ),
  change(
    'streams that are new since the cuts not noticed',
    'orders/repair/rebuild.ts',
    'if (isComplete) return survey;',
    'return survey;',
  ),
  change(
    'corrections lost',
    'orders/repair/rebuild.ts',
    'if (!isDryRun) await this.#correct(differenceOf(sums, survey.base));',
    '',
  ),
  change(
    'counters not mended',
    'orders/repair/rebuild.ts',
    'await base.setCounters({ epoch: plan.epoch, present, broken });',
    '',
  ),
  change(
    'rankings not mended',
    'orders/repair/rebuild.ts',
    'await base.setRanking(kind, await base.readBest(kind, plan.epoch, kept));',
    '',
  ),
];

const READS_AND_FAILURES = [
  change(
    'only the first page read',
    'orders/table/table-store.ts',
    '} while (start && left > 0);',
    '} while (left < 0);',
  ),
  change(
    'unread keys of a batch given up',
    'orders/table/table-store.ts',
    'if (keys.length === 0) return items;',
    'return items;',
  ),
  change(
    'a failed write taken for a refused one',
    'orders/table/table-store.ts',
    'if (!(error instanceof ConditionalCheckFailedException)) throw error;',
    '',
  ),
  change(
    'poison dropped silently',
    'orders/aggregate.ts',
    "if (decoded.kind === 'reject') rejections.push({ record, reason: decoded.reason });",
    '',
  ),
  change(
    'offsets as floats',
    'kafka/records.ts',
    'isExact ? BigInt(value as number | string)',
    'isExact ? BigInt(Number(value))',
  ),
  change(
    'the failure of one partition swallowed',
    'platform/settle.ts',
    'if (reasons.length > 0) {',
    'if (reasons.length === settled.length && settled.length > 1) {',
  ),
];

export const mutations: readonly Mutation[] = [
  ...WRITING,
  ...IMAGES,
  ...MERGE,
  ...REPORTS,
  ...REPAIR,
  ...READS_AND_FAILURES,
];
