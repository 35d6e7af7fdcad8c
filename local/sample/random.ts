// Random numbers that go on from a state which can be stored. No clock, no other source.

export interface RandomState {
  /** 32 bits. */
  random: number;
}

/** Mulberry32, from 0 to below 1: small, seedable, good enough for a shop. */
export function random(state: RandomState): number {
  state.random = (state.random + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state.random ^ (state.random >>> 15), 1 | state.random);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}

export function randomBelow(state: RandomState, limit: number): number {
  return Math.floor(random(state) * limit);
}

export function pick<T>(state: RandomState, choices: readonly [T, ...T[]]): T {
  return choices[randomBelow(state, choices.length)] ?? choices[0];
}
