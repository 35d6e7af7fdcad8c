// One update of one aggregate, guarded by its watermark so that no delta is added twice. Pure.
// The protocol and why it is exact: docs/architecture.md, "Exactly once without transactions".
import { addDeltas, type Delta } from '../contribution.ts';
import { Decimal } from '../decimal.ts';
import type { Step } from '../fold.ts';
import { type ItemKey, watermarkAttribute } from '../items.ts';
import { type Conditions, type Item, number, type UpdateRequest } from './update-request.ts';

/** What of an aggregate's steps is still to be added, given what was read of its item. */
export interface Pending {
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
    delta: left.map((step) => step.delta).reduce(addDeltas),
    lastOffset: last.offset,
    watermarkHolds: seen
      ? watermarkIsAs(stream, watermark)
      : watermarkIsBelow(stream, first.offset),
  };
}

/** An expression may have 4 KB, which is some 350 attributes; a few are the watermark's. */
const ATTRIBUTES_MAX = 250;

/**
 * The steps in stretches that one update can take. A batch of hundreds of different statuses goes in several
 * updates, each of which moves the watermark over its own stretch: whatever comes between them, no step is
 * added twice.
 */
export function stretchesThatFit(steps: readonly Step[]): Step[][] {
  const stretches: Step[][] = [];
  let attributes = new Set<string>();
  for (const step of steps) {
    const fresh = [...step.delta.keys()].filter((attribute) => !attributes.has(attribute));
    const last = stretches.at(-1);
    if (last && attributes.size + fresh.length <= ATTRIBUTES_MAX) {
      last.push(step);
      for (const attribute of fresh) attributes.add(attribute);
    } else {
      stretches.push([step]);
      attributes = new Set(step.delta.keys());
    }
  }
  return stretches;
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

export function planSumUpdate(key: ItemKey, pending: Pending, stream: string): UpdateRequest {
  return {
    key,
    add: pending.delta,
    set: new Map([[watermarkAttribute(stream), number(pending.lastOffset)]]),
    conditions: [pending.watermarkHolds],
  };
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
