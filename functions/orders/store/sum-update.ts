// One update of one aggregate, guarded by its watermark so that no delta is added twice. Pure.
// The protocol and why it is exact: docs/architecture.md, "Exactly once without transactions".
import { addDeltas, type Delta } from '../contribution.ts';
import { Decimal } from '../decimal.ts';
import type { Step } from '../fold.ts';
import type { Cut } from '../image.ts';
import { afterCutAttribute, type ItemKey, watermarkAttribute } from '../items.ts';
import { type Conditions, type Item, number, type UpdateRequest } from './update-request.ts';

/** What of an aggregate's steps is still to be added, given what was read of its item. */
export interface Pending {
  readonly steps: readonly Step[];
  /** The steps' sum. */
  readonly delta: Delta;
  readonly lastOffset: bigint;
  readonly watermarkHolds: Conditions[number];
}

/**
 * `seen` is the item as read after a refusal; without it the first attempt assumes that nothing of the
 * batch was added. `undefined` when all of it was added before.
 */
export function pendingSteps(
  steps: readonly Step[],
  stream: string,
  seen: Item | undefined,
): Pending | undefined {
  const watermark = seen && readInteger(seen, watermarkAttribute(stream));
  const left = watermark === undefined ? steps : steps.filter(({ offset }) => offset > watermark);
  const [first, last] = [left.at(0), left.at(-1)];
  if (!first || !last) return undefined;
  return {
    steps: left,
    delta: left.map((step) => step.delta).reduce(addDeltas),
    lastOffset: last.offset,
    watermarkHolds: seen
      ? watermarkIsAs(stream, watermark)
      : watermarkIsBelow(stream, first.offset),
  };
}

/**
 * An expression may have 4 KB, which is some 350 attributes. While a rebuild runs each sum is there twice,
 * and a few are the watermark's.
 */
const ATTRIBUTES_MAX = 150;

/**
 * The steps in parts that one update can take. A batch of hundreds of different statuses goes in several
 * updates, each of which moves the watermark over its own part: whatever comes between them, no step is
 * added twice. Steps of one offset stay together, since the watermark cannot stand between them.
 */
export function stepsThatFit(steps: readonly Step[]): Step[][] {
  const parts: Step[][] = [];
  let attributes = new Set<string>();
  for (const step of steps) {
    const part = parts.at(-1);
    const together = attributes.union(new Set(step.delta.keys()));
    if (part && (together.size <= ATTRIBUTES_MAX || part.at(-1)?.offset === step.offset)) {
      part.push(step);
      attributes = together;
    } else {
      parts.push([step]);
      attributes = new Set(step.delta.keys());
    }
  }
  return parts;
}

function watermarkIsBelow(stream: string, offset: bigint): Conditions[number] {
  const attribute = watermarkAttribute(stream);
  return [
    { attribute, is: 'absent' },
    { attribute, is: '<', value: number(offset) },
  ];
}

function watermarkIsAs(stream: string, watermark: bigint | undefined): Conditions[number] {
  const attribute = watermarkAttribute(stream);
  return watermark === undefined
    ? { attribute, is: 'absent' }
    : { attribute, is: '=', value: number(watermark) };
}

/** `stream` is the name, and the cut while a rebuild runs. */
export function planSumUpdate(
  key: ItemKey,
  { steps, delta, lastOffset, watermarkHolds }: Pending,
  { stream, cut }: { readonly stream: string; readonly cut?: Cut },
): UpdateRequest {
  return {
    key,
    add: cut ? new Map([...delta, ...afterCut(steps, cut)]) : delta,
    set: new Map([[watermarkAttribute(stream), number(lastOffset)]]),
    conditions: [watermarkHolds],
  };
}

/** What comes after the cut is summed a second time, beside the sums: those less these are the cut's. */
export function afterCut(steps: readonly Step[], { rebuild, offset }: Cut): Delta {
  const deltas = steps.filter((step) => step.offset > offset).map(({ delta }) => delta);
  const sum = deltas.reduce(addDeltas, new Map());
  return new Map([...sum].map(([name, value]) => [afterCutAttribute(rebuild, name), value]));
}

export function readInteger(item: Item, attribute: string): bigint | undefined {
  const value = item[attribute];
  return value && 'N' in value ? BigInt(Decimal.of(value.N).toText()) : undefined;
}

/** A sum that was never written is zero. */
export function readDecimal(item: Item, attribute: string): Decimal {
  const value = item[attribute];
  return value && 'N' in value ? Decimal.of(value.N) : Decimal.ZERO;
}
