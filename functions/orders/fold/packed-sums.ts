// Sums in JSON: `{"42":[orders or items, pieces, "money"], …}`. Pure.
import { Decimal } from '../decimal.ts';
import { type PackedInteger, packInteger, unpackInteger } from '../table/packed.ts';
import { isNothing, type Sums } from './sums.ts';

export type PackedSums = Readonly<
  Record<string, readonly [count: PackedInteger, quantity: PackedInteger, amount: string]>
>;

/** What is nothing is left out. */
export function packSums(sums: ReadonlyMap<string, Sums>): PackedSums {
  const entries = [...sums].filter(([, sum]) => !isNothing(sum));
  return Object.fromEntries(
    entries.map(([name, { count, quantity, amount }]) => [
      name,
      [packInteger(count), packInteger(quantity), amount.toText()],
    ]),
  );
}

export function unpackSums(packed: PackedSums | undefined): Map<string, Sums> {
  const entries = Object.entries(packed ?? {});
  return new Map(
    entries.map(([name, [count, quantity, amount]]) => [
      name,
      {
        count: unpackInteger(count),
        quantity: unpackInteger(quantity),
        amount: Decimal.of(amount),
      },
    ]),
  );
}
