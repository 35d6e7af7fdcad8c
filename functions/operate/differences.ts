// A difference as the one line in which commands show it.
import type { Difference } from '../orders/repair/differences.ts';

export function showDifference({ aggregate, attribute, expected, actual }: Difference): string {
  return `${aggregate} ${attribute}: ${actual}, by the rows ${expected}`;
}
