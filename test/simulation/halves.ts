// The halves of the service that can be simulated: how each plays seeds, and what it must catch.
import { availableParallelism } from 'node:os';
import { Crew, type Totals } from './crew.ts';
import type { Mutation } from './mutation.ts';
import { mutations as ordersMutations } from './orders/mutations.ts';
import { MUTATIONS as outcomesMutations } from './outcomes/mutations.ts';
import { playOutcomes, playOutcomesMutations } from './outcomes/play.ts';

export const HALVES = ['orders', 'outcomes'] as const;
export type HalfName = (typeof HALVES)[number];

export interface Range {
  readonly firstSeed: number;
  readonly seeds: number;
  /** The name of one of the list. */
  readonly mutation?: string | undefined;
}

/** Asked before more seeds are played, told what is done. */
export type MayGoOn = (totals: Totals) => boolean;

export interface Half {
  readonly mutations: readonly Mutation[];
  /** Ends soon after the first seed that fails. */
  play(range: Range, mayGoOn: MayGoOn): Promise<Totals>;
  /** Each of the list in turn. */
  playMutations(range: Range, mayGoOn: MayGoOn): AsyncIterable<{ name: string; totals: Totals }>;
}

const STRETCH = 25;
const STRETCH_OF_MUTATION = 5;

const openCrew = ({ seeds }: Range) => new Crew(Math.min(seeds, availableParallelism()));

const orders: Half = {
  mutations: ordersMutations,
  async play(range, mayGoOn) {
    const crew = openCrew(range);
    try {
      return await crew.play({ ...range, stretch: STRETCH }, mayGoOn);
    } finally {
      await crew.dismiss();
    }
  },
  async *playMutations(range, mayGoOn) {
    const crew = openCrew(range);
    try {
      for (const { name } of ordersMutations) {
        const task = { ...range, mutation: name, stretch: STRETCH_OF_MUTATION };
        yield { name, totals: await crew.play(task, mayGoOn) };
      }
    } finally {
      await crew.dismiss();
    }
  },
};

const outcomes: Half = {
  mutations: outcomesMutations,
  play: playOutcomes,
  playMutations: playOutcomesMutations,
};

export const halves: Readonly<Record<HalfName, Half>> = { orders, outcomes };
