// Sums by aggregate: what a batch adds, what a merge adds up, what the base holds. Pure.
import { Decimal } from '../decimal.ts';

/** Orders or items, pieces, money. Only products have pieces. */
export interface Sums {
  readonly count: bigint;
  readonly quantity: bigint;
  readonly amount: Decimal;
}

/** What is counted once each and ranked: customers by amount spent, products by revenue. */
export type EntityKind = 'customer' | 'product';
export const ENTITY_KINDS: readonly EntityKind[] = ['customer', 'product'];

/** Day and status of an order, or an entity: `2025-01-15/paid`, `42`. */
export type AggregateKind = 'day' | EntityKind;
export const AGGREGATE_KINDS: readonly AggregateKind[] = ['day', ...ENTITY_KINDS];

export const NO_SUMS: Sums = { count: 0n, quantity: 0n, amount: Decimal.ZERO };

/** Orders without a date. */
export const DAY_UNKNOWN = 'unknown';
const STATUS_UNKNOWN = 'unknown';

/** A day has no `/`, so the first one ends it, whatever the status holds. */
export function dayName(day: string | null, status: string | null): string {
  return `${day ?? DAY_UNKNOWN}/${status ?? STATUS_UNKNOWN}`;
}

export function splitDayName(name: string): { day: string; status: string } {
  const at = name.indexOf('/');
  return { day: name.slice(0, at), status: name.slice(at + 1) };
}

export function plus(a: Sums, b: Sums): Sums {
  return {
    count: a.count + b.count,
    quantity: a.quantity + b.quantity,
    amount: a.amount.plus(b.amount),
  };
}

export function negated({ count, quantity, amount }: Sums): Sums {
  return { count: -count, quantity: -quantity, amount: amount.negated() };
}

export function isNothing({ count, quantity, amount }: Sums): boolean {
  return count === 0n && quantity === 0n && amount.isZero;
}

/** Sums of many aggregates, by kind and name. */
export class SumsByName {
  readonly #kinds: Readonly<Record<AggregateKind, Map<string, Sums>>> = {
    day: new Map(),
    customer: new Map(),
    product: new Map(),
  };

  add(kind: AggregateKind, name: string, sums: Sums): void {
    const all = this.#kinds[kind];
    const before = all.get(name);
    all.set(name, before ? plus(before, sums) : sums);
  }

  addAll(other: SumsByName): void {
    for (const kind of AGGREGATE_KINDS) {
      for (const [name, sums] of other.of(kind)) this.add(kind, name, sums);
    }
  }

  of(kind: AggregateKind): ReadonlyMap<string, Sums> {
    return this.#kinds[kind];
  }
}
