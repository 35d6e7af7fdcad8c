// What one row adds to which aggregates. A change of a row takes its old image's part away and adds
// the new one's. Pure.
import { Decimal } from '../decimal.ts';
import type { ItemRow, OrderRow } from './change.ts';
import type { RowImage } from './image.ts';
import { type AggregateKind, dayName, isNothing, negated, type Sums } from './sums.ts';

export interface Contribution {
  readonly kind: AggregateKind;
  readonly name: string;
  readonly sums: Sums;
}

export function contributionsOf(image: RowImage | undefined): Contribution[] {
  if (!image?.row) return [];
  return image.table === 'orders' ? ofOrder(image.row) : ofItem(image.row);
}

function ofOrder({ customer, amount, status, day }: OrderRow): Contribution[] {
  const sums = { count: 1n, quantity: 0n, amount: amount ?? Decimal.ZERO };
  const ofDay: Contribution = { kind: 'day', name: dayName(day, status), sums };
  if (customer === null) return [ofDay];
  return [ofDay, { kind: 'customer', name: customer.toString(), sums }];
}

function ofItem({ product, quantity, price }: ItemRow): Contribution[] {
  if (product === null) return [];
  const amount = quantity === null || price === null ? Decimal.ZERO : price.times(quantity);
  const sums = { count: 1n, quantity: quantity ?? 0n, amount };
  return [{ kind: 'product', name: product.toString(), sums }];
}

/** One change's part: several of one aggregate may cancel, when they are added up. */
export function contributionsBetween(
  before: RowImage | undefined,
  after: RowImage,
): Contribution[] {
  const gone = contributionsOf(before).map(({ kind, name, sums }) => {
    return { kind, name, sums: negated(sums) };
  });
  return [...gone, ...contributionsOf(after)].filter(({ sums }) => !isNothing(sums));
}
