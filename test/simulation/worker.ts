// Plays stretches of seeds of the orders half in a thread of its own, one after the other as they are asked for.
import { parentPort } from 'node:worker_threads';
import { simulate } from './orders/run.ts';
import type { SeedResult } from './result.ts';

export interface Stretch {
  readonly mutation: string | undefined;
  readonly firstSeed: number;
  readonly seeds: number;
}

/** A stretch ends at its first seed that fails. */
export interface StretchResult {
  readonly seeds: number;
  readonly events: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly failed: SeedResult | undefined;
}

const owner = parentPort;
if (!owner) throw new Error('worker.ts runs as a worker thread only.');

owner.on('message', async (stretch: Stretch) => {
  owner.postMessage(await play(stretch));
});

async function play({ mutation, firstSeed, seeds }: Stretch): Promise<StretchResult> {
  const counts: Record<string, number> = {};
  let events = 0;
  for (let played = 0; played < seeds; played++) {
    const result = await simulate(firstSeed + played, mutation);
    events += result.events;
    for (const [name, count] of Object.entries(result.counts ?? {})) {
      counts[name] = (counts[name] ?? 0) + count;
    }
    if (result.failures.length > 0) return { seeds: played + 1, events, counts, failed: result };
  }
  return { seeds, events, counts, failed: undefined };
}
