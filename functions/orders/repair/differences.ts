// What differs between two sums of the same aggregates, in words for an operator. Pure.
import { AGGREGATE_KINDS, isNothing, NO_SUMS, type Sums, type SumsByName } from '../fold/sums.ts';
import { differenceOf } from './survey.ts';

export interface Difference {
  /** `customer 42`, `day 2025-01-15/paid`, `distinct customers`. */
  readonly aggregate: string;
  readonly attribute: string;
  /** By the row images. */
  readonly expected: string;
  readonly actual: string;
}

export function compareSums(wanted: SumsByName, found: SumsByName): Difference[] {
  const difference = differenceOf(wanted, found);
  return AGGREGATE_KINDS.flatMap((kind) =>
    [...difference.of(kind)]
      .filter(([, sums]) => !isNothing(sums))
      .flatMap(([name]) =>
        compareOne(
          `${kind} ${name}`,
          wanted.of(kind).get(name) ?? NO_SUMS,
          found.of(kind).get(name) ?? NO_SUMS,
        ),
      ),
  );
}

function compareOne(aggregate: string, wanted: Sums, found: Sums): Difference[] {
  const attributes = [
    ['count', wanted.count.toString(), found.count.toString()],
    ['quantity', wanted.quantity.toString(), found.quantity.toString()],
    ['amount', wanted.amount.toText(), found.amount.toText()],
  ] as const;
  return attributes
    .filter(([, expected, actual]) => expected !== actual)
    .map(([attribute, expected, actual]) => ({ aggregate, attribute, expected, actual }));
}
