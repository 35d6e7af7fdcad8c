// Decisions of the code without which something is lost, twice or wrong. Each is taken out in turn, and
// the simulation must notice.
import type { Mutation } from '../mutation.ts';

const change = (name: string, file: string, find: string, replace: string): Mutation => ({
  name,
  file: `functions/orders/${file}`,
  find,
  replace,
});

const SUM_UPDATE = 'store/sum-update.ts';
const ENTITY_UPDATE = 'store/entity-update.ts';
const AGGREGATE_STORE = 'store/aggregate-store.ts';
const READER = 'store/ranking-reader.ts';

const WATERMARKS = [
  change('no watermark condition', SUM_UPDATE, 'conditions: [watermarkHolds],', 'conditions: [],'),
  change(
    'watermark not moved',
    SUM_UPDATE,
    'set: new Map([[watermarkAttribute(stream), number(lastOffset)]]),',
    'set: new Map(),',
  ),
  change(
    'what is under the watermark not dropped',
    SUM_UPDATE,
    'steps.filter(({ offset }) => offset > watermark)',
    'steps',
  ),
  change(
    'watermark compared with <= instead of <',
    SUM_UPDATE,
    "{ attribute, is: '<', value: number(offset) },",
    "{ attribute, is: '<=' as '<', value: number(offset) },",
  ),
  change(
    'watermark as a float',
    SUM_UPDATE,
    'number(lastOffset)]]),',
    'number(Number(lastOffset))]]),',
  ),
  change(
    'net-zero writes dropped',
    SUM_UPDATE,
    'if (!first || !last) return undefined;',
    'if (!first || !last) return undefined;\n' +
      '  const sums = left.map((step) => step.delta).reduce(addDeltas);\n' +
      '  if ([...sums.values()].every((sum) => sum.isZero)) return undefined;',
  ),
  change(
    'stream epoch ignored',
    'aggregate.ts',
    'streamName(streamEpoch, topic, partition)',
    "streamName('0', topic, partition)",
  ),
];

const IMAGES = [
  change(
    'images written before aggregates',
    AGGREGATE_STORE,
    'const stretch = { stream: stream.name, ...offsets, ...(stream.cut && { cut: stream.cut }) };',
    'await pMap(fold.images, writeImage, CONCURRENTLY);\n' +
      '      const stretch = { stream: stream.name, ...offsets };',
  ),
  change('image condition gone', AGGREGATE_STORE, 'isStill(current))', '[])'),
  change(
    'image overwritten that is not the one it was made from',
    AGGREGATE_STORE,
    'if (seen && current && !supersedes(image, current, isByLsn)) return true;',
    '',
  ),
  change(
    'image of another stream overwritten',
    'image.ts',
    'if (wasSeen(image.offset, image.stream, current)) return false;',
    'if (image.stream !== current.stream) return true;\n' +
      '  if (image.offset <= current.offset) return false;',
  ),
  change(
    'no tombstone for deletes',
    AGGREGATE_STORE,
    'await pMap(fold.images, writeImage, CONCURRENTLY);',
    'await pMap(fold.images.filter(({ image }) => image.row), writeImage, CONCURRENTLY);',
  ),
  change('tombstones forgotten at once', 'items.ts', 'TOMBSTONE_DAYS = 8;', 'TOMBSTONE_DAYS = 0;'),
  change(
    'offsets that were seen not skipped',
    'fold.ts',
    'if (image && wasSeen(change.offset, stream.name, image)) continue;',
    '',
  ),
  change(
    'streams that a row has left forgotten',
    'image.ts',
    ': image.earlier?.get(stream);',
    ': undefined;',
  ),
  change(
    'no LSN skip: what is sent again is applied again',
    'image.ts',
    'return isOvertaken(change, image) || isUpTo(change.source, image.source);',
    'return isOvertaken(change, image);',
  ),
  change(
    'the time of commits not compared: a moved database seems to send again',
    'image.ts',
    'return one.lsn <= other.lsn && one.committedAtMs <= other.committedAtMs;',
    'return one.lsn <= other.lsn;',
  ),
  change(
    'LSN compared between snapshot and streamed rows',
    'debezium/decode.ts',
    'event && STREAMED.has(event.op) ? event.source : undefined;',
    'event ? event.source : undefined;',
  ),
  change(
    'unavailable value overwrites',
    'debezium/rows.ts',
    'if (value === unavailableValue) continue;',
    'if (value === unavailableValue) { row[field] = null as Row[keyof Row]; continue; }',
  ),
  change(
    'a snapshot read is an increment',
    'fold.ts',
    'of deltasBetween(image, next, stream.partition)',
    'of deltasBetween(change.source ? image : undefined, next, stream.partition)',
  ),
  change('-1 of the old image forgotten', 'fold.ts', 'add(aggregate, negate(delta));', ''),
];

const COUNTERS = [
  change('marks overwritten', ENTITY_UPDATE, 'showMarks([...kept, mark])', 'showMarks([mark])'),
  change(
    'marks of what was added before not returned',
    ENTITY_UPDATE,
    "return { kind: 'added-before', marks: keptInStretch };",
    "return { kind: 'added-before', marks: [] };",
  ),
  change(
    'marks kept beside a new one not returned',
    ENTITY_UPDATE,
    'mark ? [...keptInStretch, mark] : keptInStretch };',
    'mark ? [mark] : [] };',
  ),
  change(
    'counter update lost',
    AGGREGATE_STORE,
    'await addToSum(itemKeys.distinct(kind, stream.name), steps, stretch);',
    '',
  ),
  change(
    'regime condition gone',
    ENTITY_UPDATE,
    'conditions: [...sums.conditions, ...regime(change, seen, mark !== undefined)],',
    'conditions: sums.conditions,',
  ),
  change(
    'count not as read when it crosses zero',
    ENTITY_UPDATE,
    'return [countIsAsRead(seen)];',
    'return [];',
  ),
];

const RANKINGS = [
  change(
    'ranking key never set above a floor',
    'store/rankings.ts',
    'return entity.rk !== undefined;',
    'return true;',
  ),
  change('floor trusted at once', READER, '> FLOOR_TRUSTED_AFTER_MS;', '>= 0;'),
  change(
    'ranking keys dropped without condition',
    'store/rankings.ts',
    "remove: ['rk'], conditions: [still] }",
    "remove: ['rk'], conditions: [] }",
  ),
  change(
    'too few above the floor not noticed',
    READER,
    'if (ranked.length < topN && floor.score) return',
    'if (ranked.length < 0 && floor.score) return',
  ),
  change(
    'ties at the cut not all read',
    READER,
    'this.#limits.indexMax && !isTied) break;',
    'topN - 1) break;',
  ),
];

const READS_AND_FAILURES = [
  change(
    'report reads its items in two moments',
    'store/figures-store.ts',
    'days,\n        customers: customers.map(',
    'days: (await readDays()).map((day) => ({\n' +
      '          ...day,\n' +
      '          ordersByStatus:\n' +
      '            days.find((one) => one.day === day.day)?.ordersByStatus ?? day.ordersByStatus,\n' +
      '        })),\n' +
      '        customers: customers.map(',
  ),
  change(
    'only the first page read',
    'store/table-store.ts',
    'start = page.next;',
    'start = undefined;',
  ),
  change(
    'unread keys of a batch given up',
    'store/table-store.ts',
    'if (keys.length === 0) return items;',
    'return items;',
  ),
  change(
    'a failed write taken for a refused one',
    'store/table-store.ts',
    'if (!(error instanceof ConditionalCheckFailedException)) throw error;',
    '',
  ),
  change(
    'poison dropped silently',
    'aggregate.ts',
    "if (decoded.kind === 'reject') rejections.push({ record, reason: decoded.reason });",
    '',
  ),
  {
    name: 'offsets as floats',
    file: 'functions/kafka/records.ts',
    find: 'BigInt(value as number | string)',
    replace: 'BigInt(Number(value))',
  },
  {
    name: 'the failure of one partition swallowed',
    file: 'functions/platform/settle.ts',
    find: 'if (reasons.length > 0) {',
    replace: 'if (reasons.length === settled.length && settled.length > 1) {',
  },
];

export const mutations: readonly Mutation[] = [
  ...WATERMARKS,
  ...IMAGES,
  ...COUNTERS,
  ...RANKINGS,
  ...READS_AND_FAILURES,
];
