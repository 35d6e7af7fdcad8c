// Plays seeds of the outcomes half, several at once in this process: a seed waits for PostgreSQL half of
// its time. With mutations, each until a seed catches it.
import { availableParallelism } from 'node:os';
import type { Totals } from '../crew.ts';
import { startServer } from './database.ts';
import { MUTATIONS } from './mutations.ts';
import { type OutcomesSimulation, openOutcomes, type SeedResult } from './run.ts';

/** One more than there are cores keeps them at work. */
const AT_ONCE = availableParallelism() + 1;

export interface Range {
  readonly firstSeed: number;
  readonly seeds: number;
  readonly mutation?: string | undefined;
}

type MayGoOn = (totals: Totals) => boolean;

/** Ends at the first seed that fails. */
export async function playOutcomes(range: Range, mayGoOn: MayGoOn): Promise<Totals> {
  const { mutation } = range;
  const simulation = await openOutcomes(mutation === undefined ? {} : { mutation });
  try {
    return await playSeeds(simulation, range, mayGoOn);
  } finally {
    await simulation.close();
  }
}

/** Each mistake, with what it came to. */
export async function* playOutcomesMutations(range: Range, mayGoOn: MayGoOn) {
  const server = await startServer();
  try {
    for (const { name } of MUTATIONS) {
      const simulation = await openOutcomes({ mutation: name, server });
      yield { name, totals: await playSeeds(simulation, range, mayGoOn) };
      await simulation.close();
    }
  } finally {
    await server.stop();
  }
}

async function playSeeds(
  simulation: OutcomesSimulation,
  { firstSeed, seeds }: Range,
  mayGoOn: MayGoOn,
): Promise<Totals> {
  const totals: Totals = { seeds: 0, events: 0, counts: {}, failed: [] };
  let handedOut = 0;
  const work = Array.from({ length: Math.min(AT_ONCE, seeds) }, async () => {
    while (handedOut < seeds && totals.failed.length === 0 && mayGoOn(totals)) {
      const seed = firstSeed + handedOut;
      handedOut += 1;
      add(totals, await simulation.simulate(seed));
    }
  });
  await Promise.all(work);
  totals.failed.sort((a, b) => a.seed - b.seed);
  return totals;
}

function add(sum: Totals, result: SeedResult): void {
  sum.seeds += 1;
  sum.events += result.events;
  for (const [name, count] of Object.entries(result.totals)) {
    sum.counts[name] = (sum.counts[name] ?? 0) + count;
  }
  if (result.failures.length > 0) sum.failed.push(result);
}
