// Target: Lambda's events as they reach the two stream functions. Where every record has a position, the
// event is taken and each record is accounted for; where one has none, or the event is another service's, it
// fails with an error that says so.
import { type PartitionBatch, readPartitionBatches } from '../../functions/kafka/records.ts';
import type { Random } from '../support/random.ts';
import { type CapturedRecord, readCaptured } from './captured-records.ts';
import { makeEvent } from './debezium-values.ts';
import type { Target } from './fuzz-run.ts';
import { hostileLeaf, hostileText } from './hostile-values.ts';
import { mutate, parseTree, showTree, simplerTrees, type Tree, toTree } from './json-tree.ts';
import { checkBatches, keyOf, runOrders, runOutcomes, type Sent } from './stream-run.ts';

export interface EventPart {
  /** A record, or a whole event. */
  readonly kind: 'record' | 'event';
  readonly text: string;
  readonly isGood: boolean;
}

const RECORDS_MAX = 10;
const OFTEN = /^\/(topic|partition|offset|timestamp|key|value|headers)/;
const ODD_TOPICS = [
  ...[
    '..',
    '.',
    '',
    '../../analytics/summary',
    'a/b',
    'a\\b',
    'é',
    'a b',
    '\0',
    '%2e%2e',
    '__proto__',
  ],
  ...[
    'x'.repeat(249),
    'x'.repeat(250),
    'dbserver1.public.customers',
    'orders',
    'a-1',
    '💶'.repeat(300),
  ],
];
const ODD_OFFSETS = [
  ...['-1', '1.5', '2.0', '1e3', '9007199254740993', '9223372036854775807', '9223372036854775808'],
  ...[
    '"9223372036854775807"',
    '"9223372036854775808"',
    '"007"',
    '"-1"',
    '" 1"',
    '"1e3"',
    '"٣"',
    '[5]',
  ],
  ...['"99999999999999999999999999"', '0', '"0"', 'null'],
];
const ODD_BASE64 = [
  '!!!',
  'e30',
  'e30=x',
  'e3 0=',
  'e30==',
  '=',
  '====',
  'ÿÿÿÿ',
  'e30=\n',
  'gA',
  '_-8=',
];
const ODD_HEADERS = [
  ...[
    'null',
    '{}',
    '"x"',
    '[null]',
    '[[]]',
    '[{"a":null}]',
    '[{"a":"text"}]',
    '[{"a":[1.5,"x",null]}]',
  ],
  ...['[{"a":{"length":400000000}}]', '[{"a":[-128,127,255,-61]}]', '[{"__proto__":[1]}]', '[5]'],
  ...['[{"a":[{"toString":1,"valueOf":1}]}]', '[{"a":[]}]', '[{"a":[1]},{"a":[2]}]'],
];
const OTHER_EVENTS = [
  ...['null', '5', '"x"', '[]', '{}', '{"Records":[]}', '{"records":[]}', '{"records":null}'],
  ...[
    '{"records":"x"}',
    '{"records":{"t-0":{}}}',
    '{"records":{"t-0":[null]}}',
    '{"records":[[]]}',
  ],
  ...[
    '{"records":[{"recordId":"1","data":"e30="}]}',
    '{"records":{"t-0":[[]]}}',
    '{"records":{"t-0":"x"}}',
  ],
];

export function lambdaTarget(): Target<EventPart> {
  const captured = readCaptured();
  return {
    name: 'lambda',
    make: (random) => makeParts(captured, random),
    check: async (parts) => {
      const event = toEvent(parts);
      if (event === undefined) return undefined;
      return checkEvent(event, parts);
    },
    simpler: ({ kind, text }) =>
      simplerTrees(parseTree(text)).map((tree) => ({ kind, text: showTree(tree), isGood: false })),
    show: ({ kind, text }) => `${kind} ${text.slice(0, 2_000)}`,
  };
}

function makeParts(captured: readonly CapturedRecord[], random: Random): EventPart[] {
  if (random.chance(0.04)) {
    const text = random.chance(0.7) ? random.pick(OTHER_EVENTS) : hostileLeaf(random);
    return [{ kind: 'event', text, isGood: false }];
  }
  const { topic } = random.pick(captured);
  return Array.from({ length: 1 + random.below(RECORDS_MAX) }, (_, index) => {
    const made = makeEvent(captured, random);
    const { key, value } = made;
    const isGood = made.isGood && made.topic === topic;
    const record: Tree = toTree({
      topic,
      partition: random.below(3),
      offset: index * 2,
      timestamp: 1_736_899_200_000,
      timestampType: 'CREATE_TIME',
      key: key?.toString('base64') ?? null,
      value: value?.toString('base64') ?? null,
      headers: [{ source: [100, -61, -87] }],
    });
    if (random.chance(0.6)) return { kind: 'record', text: showTree(record), isGood };
    return { kind: 'record', text: showTree(changeRecord(record, random)), isGood: false };
  });
}

/** Mostly something that is still a record, so that what comes behind the first check is reached. */
function changeRecord(record: Tree, random: Random): Tree {
  const what = random.below(20);
  if (what < 2) return withField(record, 'topic', JSON.stringify(random.pick(ODD_TOPICS)));
  if (what < 5) return withField(record, 'offset', random.pick(ODD_OFFSETS));
  if (what < 7) return withField(record, 'offset', String(random.below(12)));
  if (what < 10) return withField(record, 'headers', random.pick(ODD_HEADERS));
  if (what < 13) return withField(record, 'value', JSON.stringify(random.pick(ODD_BASE64)));
  if (what < 15) return withField(record, 'key', JSON.stringify(random.pick(ODD_BASE64)));
  if (what < 16) return withField(record, 'value', base64Of(hostileLeaf(random)));
  if (what < 17) return withField(record, 'timestamp', hostileLeaf(random));
  if (what < 18) return withField(record, hostileText(random), hostileLeaf(random));
  return mutate(record, random, OFTEN);
}

function withField(record: Tree, name: string, value: Tree): Tree {
  if (typeof record === 'string' || Array.isArray(record)) return record;
  return { fields: [...record.fields.filter(([known]) => known !== name), [name, value]] };
}

function base64Of(text: string): string {
  return JSON.stringify(Buffer.from(text).toString('base64'));
}

/** `undefined` for what is no JSON: Lambda's runtime takes no such event. */
function toEvent(parts: readonly EventPart[]): unknown {
  const [first] = parts;
  const records = parts.filter(({ kind }) => kind === 'record').map(({ text }) => text);
  const text =
    first?.kind === 'event'
      ? first.text
      : `{"eventSource":"aws:kafka","records":{"a-0":[${records.slice(0, 5).join()}],"b-0":[${records.slice(5).join()}]}}`;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function checkEvent(event: unknown, parts: readonly EventPart[]) {
  const sent = readSent(event, parts);
  const read = readOrError(event);
  if (sent === undefined)
    return read instanceof Error ? errorComplaint(read) : 'taken for an event';
  if (read instanceof Error) return `an event was refused: ${read.message}`;
  const orders = await checkBatches(sent, read, runOrders, () => sent.length);
  const outcomes = sent.map((record) => ({ ...record, isGood: false }));
  return orders ?? (await checkBatches(outcomes, read, runOutcomes, () => 0));
}

function readOrError(event: unknown): PartitionBatch[] | Error {
  try {
    return readPartitionBatches(event);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function errorComplaint({ name, message }: Error): string | undefined {
  const isClear = name === 'TypeError' && /^(The event|A record|The record|Offset) /.test(message);
  return isClear ? undefined : `no clear error: ${name}: ${message}`;
}

/** What must come of the event, by a reading that shares nothing with the product's. */
function readSent(event: unknown, parts: readonly EventPart[]): Sent[] | undefined {
  const records =
    isObject(event) && isObject(event.records) ? Object.values(event.records) : undefined;
  if (!records?.every(Array.isArray)) return undefined;
  const all = records
    .flat()
    .map((record, index) => readRecord(record, parts[index]?.isGood ?? false));
  const known = all.filter((record) => record !== undefined);
  if (known.length < all.length) return undefined;
  // Kafka has one record at a position.
  return [...new Map(known.toReversed().map((record) => [keyOf(record), record])).values()];
}

function readRecord(record: unknown, isGood: boolean): Sent | undefined {
  if (!isObject(record)) return undefined;
  const { topic, partition, offset, key = null, value = null } = record;
  if (typeof topic !== 'string' || !/^[a-zA-Z0-9._-]{1,249}$/.test(topic)) return undefined;
  if (topic === '.' || topic === '..') return undefined;
  if (typeof partition !== 'number' || !(partition >= 0 && partition < 2 ** 31)) return undefined;
  if (!Number.isInteger(partition)) return undefined;
  const isExact = typeof offset === 'number' ? Number.isSafeInteger(offset) : isDigits(offset);
  if (!isExact || BigInt(String(offset)) < 0n || BigInt(String(offset)) >= 2n ** 63n)
    return undefined;
  if (!isTextOrNull(key) || !isTextOrNull(value)) return undefined;
  const bytes = { key: readBytes(key), value: readBytes(value) };
  return { topic, partition, offset: BigInt(String(offset)), ...bytes, isGood };
}

function isDigits(value: unknown): boolean {
  return typeof value === 'string' && /^\d+$/.test(value);
}

function isTextOrNull(value: unknown): value is string | null {
  return typeof value === 'string' || value === null;
}

/** Of text that is no base64 the text itself is kept. */
function readBytes(text: string | null): Buffer | null {
  if (text === null) return null;
  const isBase64 = /^(?:[\w+/-]{4})*(?:[\w+/-]{2}==|[\w+/-]{3}=)?$/.test(text);
  return Buffer.from(text, isBase64 ? 'base64' : 'utf8');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
