// What one row adds to which aggregates. A change of a row takes its old image's part away and adds
// the new one's. Pure.
import type { ItemRow, OrderRow } from './change.ts';
import { Decimal } from './decimal.ts';
import type { RowImage } from './image.ts';
import {
  DAY_UNKNOWN,
  type EntityKind,
  type ItemKey,
  itemKeys,
  STATUS_PREFIX,
  STATUS_UNKNOWN,
} from './items.ts';

/** Attribute → what to add to it. */
export type Delta = ReadonlyMap<string, Decimal>;

export interface Aggregate {
  readonly key: ItemKey;
  /** Set for what is ranked and counted once. */
  readonly entity?: EntityKind;
}

export interface Contribution {
  readonly aggregate: Aggregate;
  readonly delta: Delta;
}

const ONE = Decimal.ofInteger(1);

export function contributionsOf(image: RowImage | undefined, partition: number): Contribution[] {
  if (!image?.row) return [];
  return image.table === 'orders' ? ofOrder(image.row, partition) : ofItem(image.row);
}

function ofOrder({ customer, amount, status, day }: OrderRow, partition: number): Contribution[] {
  const sums: [string, Decimal][] = [
    ['n', ONE],
    ['a', amount ?? Decimal.ZERO],
  ];
  const contributions: Contribution[] = [
    {
      aggregate: { key: itemKeys.day(day ?? DAY_UNKNOWN, partition) },
      delta: new Map([...sums, [STATUS_PREFIX + (status ?? STATUS_UNKNOWN), ONE]]),
    },
  ];
  if (customer !== null) {
    const key = itemKeys.entity('customer', customer);
    contributions.push({ aggregate: { key, entity: 'customer' }, delta: new Map(sums) });
  }
  return contributions;
}

function ofItem({ product, quantity, price }: ItemRow): Contribution[] {
  if (product === null) return [];
  const revenue = quantity === null || price === null ? Decimal.ZERO : price.times(quantity);
  return [
    {
      aggregate: { key: itemKeys.entity('product', product), entity: 'product' },
      delta: new Map([
        ['n', ONE],
        ['q', Decimal.ofInteger(quantity ?? 0n)],
        ['a', revenue],
      ]),
    },
  ];
}

/** The sum of two deltas, without what cancelled out. */
export function addDeltas(a: Delta, b: Delta): Delta {
  const sum = new Map(a);
  for (const [attribute, value] of b) {
    sum.set(attribute, (sum.get(attribute) ?? Decimal.ZERO).plus(value));
  }
  return sum;
}

export function negate(delta: Delta): Delta {
  return new Map([...delta].map(([attribute, value]) => [attribute, value.negated()]));
}

export function isNothing(delta: Delta): boolean {
  return [...delta.values()].every((value) => value.isZero);
}
