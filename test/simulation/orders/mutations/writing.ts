// Decisions of what a batch writes: segments, pages of row images, which change is new to a row.
import type { Mutation } from '../../mutation.ts';

const change = (name: string, path: string, find: string, replace: string): Mutation => ({
  name,
  file: `functions/${path}`,
  find,
  replace,
});

const WRITING: readonly Mutation[] = [
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
    'if (!known.has(stream)) await segments.register(stream, table);',
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
    'rooms.isFull(place));',
    'false);',
  ),
  change(
    'rows elsewhere written before their page is full',
    'orders/pages/page-store.ts',
    'of [neighbours, elsewhere])',
    'of [elsewhere, neighbours])',
  ),
  change(
    'pages by hash not read',
    'orders/pages/page-store.ts',
    'filter((row) => pages.hasFull(placeOf(row, span)));',
    'filter(() => false);',
  ),
  change(
    'a page that was refused given up',
    'orders/aggregate.ts',
    '=== REFUSED) continue;',
    '=== REFUSED) return fold;',
  ),
];

const IMAGES: readonly Mutation[] = [
  change(
    'long texts not kept',
    'orders/pages/page-store.ts',
    'await keepTexts(table, kept, page?.seen);',
    '',
  ),
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
    'of two images the one that knows the other not the newer',
    'orders/fold/image.ts',
    'if (wasSeen(other.offset, other.stream, image)) return true;',
    '',
  ),
  change(
    'LSN compared between snapshot and streamed rows',
    'orders/debezium/decode.ts',
    'event && STREAMED.has(event.op) ? event.source : undefined',
    'event?.source',
  ),
  change(
    'unavailable value overwrites',
    'orders/debezium/rows.ts',
    'if (value === unavailableValue) continue;',
    '',
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
    'isBehindDelete && change.row === null && !change.source;',
    'false;',
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
];

const READS_AND_FAILURES: readonly Mutation[] = [
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
    'poison dropped silently',
    'orders/aggregate.ts',
    'rejections.push({ record, reason: decoded.reason });',
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

export const WRITING_MUTATIONS: readonly Mutation[] = [
  ...WRITING,
  ...IMAGES,
  ...READS_AND_FAILURES,
];
