// The halves of the service that can be simulated, found by name: each folder's run.ts plays a seed, its
// mutations.ts lists what it must catch.
import { existsSync } from 'node:fs';
import type { Mutation } from './mutation.ts';
import type { SeedResult } from './result.ts';

export const HALVES = ['orders', 'outcomes'] as const;
export type HalfName = (typeof HALVES)[number];

export interface Half {
  /** @param options.mutation the name of one of the list */
  simulate(seed: number, options: { readonly mutation?: string }): Promise<SeedResult>;
  readonly mutations: readonly Mutation[];
}

export function isThere(name: HalfName): boolean {
  return existsSync(new URL(`./${name}/run.ts`, import.meta.url));
}

export async function loadHalf(name: HalfName): Promise<Half> {
  const { simulate } = await import(`./${name}/run.ts`);
  const { mutations } = await import(`./${name}/mutations.ts`);
  return { simulate, mutations };
}
