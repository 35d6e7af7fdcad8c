// Worker threads that play seeds side by side, in stretches handed out in ascending order.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { SeedResult } from './result.ts';
import type { Stretch, StretchResult } from './worker.ts';

export interface Task {
  readonly mutation?: string | undefined;
  readonly firstSeed: number;
  readonly seeds: number;
  /** So many seeds at once; a failure is known only when its stretch ends. */
  readonly stretch: number;
}

export interface Totals {
  seeds: number;
  events: number;
  readonly counts: Record<string, number>;
  /** By ascending seed. Nothing more is handed out once there is one. */
  readonly failed: SeedResult[];
}

export class Crew {
  readonly #workers: Worker[];

  constructor(size: number) {
    const file = new URL('./worker.ts', import.meta.url);
    this.#workers = Array.from({ length: size }, () => new Worker(file));
  }

  /** @param mayGoOn asked before each stretch, told what is done */
  async play(task: Task, mayGoOn: (totals: Totals) => boolean): Promise<Totals> {
    const totals: Totals = { seeds: 0, events: 0, counts: {}, failed: [] };
    let handedOut = 0;
    const work = async (worker: Worker) => {
      while (handedOut < task.seeds && totals.failed.length === 0 && mayGoOn(totals)) {
        const seeds = Math.min(task.stretch, task.seeds - handedOut);
        const firstSeed = task.firstSeed + handedOut;
        handedOut += seeds;
        const { mutation } = task;
        add(totals, await playStretch(worker, { mutation, firstSeed, seeds }));
      }
    };
    await Promise.all(this.#workers.map(work));
    totals.failed.sort((a, b) => a.seed - b.seed);
    return totals;
  }

  async dismiss(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}

/** A thread that dies of an error makes this throw it. */
async function playStretch(worker: Worker, stretch: Stretch): Promise<StretchResult> {
  worker.postMessage(stretch);
  const [result] = await once(worker, 'message');
  return result;
}

function add(totals: Totals, { seeds, events, counts, failed }: StretchResult): void {
  totals.seeds += seeds;
  totals.events += events;
  for (const [name, count] of Object.entries(counts)) {
    totals.counts[name] = (totals.counts[name] ?? 0) + count;
  }
  if (failed) totals.failed.push(failed);
}
