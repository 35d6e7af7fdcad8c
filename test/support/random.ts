// Seeded randomness: one number decides a whole run, so a failure can be played again.

export interface Random {
  /** A whole number from 0 to `below` - 1. */
  below(below: number): number;
  /** A whole number from `low` to `high`, both included. */
  integer(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<T>(values: readonly T[]): T;
}

/** mulberry32 */
export function makeRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    below,
    integer: (low, high) => low + below(high - low + 1),
    chance: (probability) => next() < probability,
    pick: (values) => values[below(values.length)] as (typeof values)[number],
  };
}

/** Where a random test begins: fresh each time, unless FIRST_SEED says, as in CI, where red is to mean the change. */
export function firstSeed(): number {
  const given = process.env.FIRST_SEED;
  return given ? Number(given) : Math.floor(Math.random() * 2 ** 31);
}

/** Seeds to run: the one in SEED, or `count` from the first, which the failing test's message names. */
export function seeds(count: number): number[] {
  const given = process.env.SEED;
  if (given) return [Number(given)];
  const first = firstSeed();
  return Array.from({ length: count }, (_, index) => (first + index) >>> 0);
}
