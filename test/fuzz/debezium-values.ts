// Target: the values of change events. Real events of every encoding with something changed in them, among
// untouched ones, through decode, fold and apply.
import type { KafkaRecord, PartitionBatch } from '../../functions/kafka/records.ts';
import type { Random } from '../support/random.ts';
import { type CapturedRecord, readCaptured } from './captured-records.ts';
import type { Target } from './fuzz-run.ts';
import { damagedBytes } from './hostile-values.ts';
import { mutate, parseTree, showTree, simplerTrees, type Tree } from './json-tree.ts';
import { checkBatches, runOrders, type Sent } from './stream-run.ts';

export interface EventInput {
  readonly topic: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly isGood: boolean;
}

const BATCH_RECORDS_MAX = 16;
/** Longer ones are refused, and may be nested too deeply to be written anew. */
const KEY_LENGTH_MAX = 4_000;
const TOPICS = ['dbserver1.public.orders', 'dbserver1.public.order_items'] as const;
/** The fields that are read; the rest of an event is the connector's own business. */
const READ =
  /\/(id|customer_id|total_amount|status|created_at|product_id|quantity|price|op|after|before|source|table|lsn|ts_ms|payload|schema|fields|parameters|scale|__op|__deleted|__table|__lsn)(\/|$)|^\/(type|name)$/;

export function debeziumTarget(): Target<EventInput> {
  const captured = readCaptured();
  return {
    name: 'debezium',
    make: (random) =>
      Array.from({ length: 1 + random.below(BATCH_RECORDS_MAX) }, () =>
        makeEvent(captured, random),
      ),
    check: (inputs) => {
      const sent = inputs.map(toSent);
      return checkBatches(sent, [toBatch(sent)], runOrders, () => countSkippable(inputs));
    },
    simpler: simplerEvents,
    show: ({ key, value, ...rest }) =>
      JSON.stringify({ ...rest, key: shown(key), value: shown(value) }),
  };
}

export function makeEvent(captured: readonly CapturedRecord[], random: Random): EventInput {
  const { topic, key, value } = random.pick(captured);
  if (random.chance(0.3))
    return { topic, key: bytes(key), value: bytes(value), isGood: isWhole(value) };
  const changed = random.chance(0.9) && value !== null ? changeText(value, random) : bytes(value);
  const changedKey = random.chance(0.15) && key !== null ? changeText(key, random) : bytes(key);
  const swapped = random.chance(0.05) ? random.pick(TOPICS) : topic;
  return { topic: swapped, key: changedKey, value: changed, isGood: false };
}

export function changeText(text: string, random: Random): Buffer {
  if (random.chance(0.04)) return damagedBytes(text, random);
  let tree = knownTree(text);
  for (let left = 1 + random.below(3); left > 0; left -= 1) tree = mutate(tree, random, READ);
  const changed = Buffer.from(showTree(tree));
  return random.chance(0.02) ? damagedBytes(changed.toString(), random) : changed;
}

const trees = new Map<string, Tree>();

/** The captures' texts come again and again. */
function knownTree(text: string): Tree {
  const tree = trees.get(text) ?? parseTree(text);
  trees.set(text, tree);
  return tree;
}

/** An unchanged TOAST column needs the row before it, which the batch may lack. */
function isWhole(value: string | null): boolean {
  return !value?.includes('__debezium_unavailable_value');
}

/** All in one partition, whatever their topic: the first record says from where the batch is. */
function toSent(input: EventInput, index: number): Sent {
  return { ...input, partition: 3, offset: BigInt(index) };
}

/** Those of a row that the batch has more of. */
function countSkippable(inputs: readonly EventInput[]): number {
  const rows = inputs.map(readRow);
  return rows.filter((row, at) => rows.some((other, place) => place !== at && other === row))
    .length;
}

/** Which row an event is of, by its whole key, and by a reading that shares nothing with the product's. */
function readRow({ topic, key, value }: EventInput): string {
  const message = skim(value);
  const id = message?.after?.id ?? message?.before?.id ?? message?.id;
  return `${topic} ${key === null ? sorted({ id }) : (key.length < KEY_LENGTH_MAX && sorted(skim(key))) || String(key)}`;
}

/** One integer is itself, under whatever name. */
function sorted(key: unknown): string | undefined {
  if (typeof key === 'number') return String(key);
  if (typeof key !== 'object' || key === null) return undefined;
  const entries = Object.entries(key).sort(([a], [b]) => (a < b ? -1 : 1));
  const [first] = entries;
  const isOne = entries.length === 1 && first && Number.isInteger(first[1]);
  return isOne ? String(first[1]) : JSON.stringify(entries);
}

interface Skimmed {
  readonly [name: string]: unknown;
  readonly payload?: Skimmed | null;
  readonly after?: Skimmed | null;
  readonly before?: Skimmed | null;
  readonly source?: Skimmed | null;
}

function skim(bytes: Buffer | null): Skimmed | null {
  try {
    const value: Skimmed | null = JSON.parse(String(bytes));
    return value?.payload === undefined ? value : value.payload;
  } catch {
    return null;
  }
}

function toBatch(sent: readonly Sent[]): PartitionBatch {
  const records = sent.map(
    ({ topic, partition, offset, key, value }): KafkaRecord => ({
      ...{ topic, partition, offset, key, value, timestamp: 0, headers: [] },
    }),
  );
  return { topic: TOPICS[0], partition: 3, records };
}

function* simplerEvents(input: EventInput): Generator<EventInput> {
  if (input.key !== null) yield { ...input, key: null };
  const tree = input.value && tryTree(input.value);
  if (!tree) return;
  for (const simpler of simplerTrees(tree)) {
    yield { ...input, value: Buffer.from(showTree(simpler)), isGood: false };
  }
}

function tryTree(value: Buffer) {
  try {
    return parseTree(value.toString());
  } catch {
    return undefined;
  }
}

function bytes(text: string | null): Buffer | null {
  return text === null ? null : Buffer.from(text);
}

function shown(part: Buffer | null): string | null {
  const text = part?.toString() ?? null;
  return text !== null && text.length > 1_500 ? `${text.slice(0, 1_500)}… (${text.length})` : text;
}
