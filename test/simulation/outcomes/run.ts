// Simulates the outcomes half: two recorders, readers and upkeep over a real PostgreSQL, in an order and
// with disturbances that a seed decides.
//
// What runs is the product's own bundle, from Lambda's event to the bytes for the server; only node:net and
// node:timers/promises are the simulation's (host-seam.ts). Each request to the server, each write to S3
// and each pause waits for its turn (turns.ts). The next turn is taken when every statement is answered
// or, by pg_blocking_pids, waits for a lock; so the order of all effects is the seed's, and a seed replays.
//
// Not the seed's: which of several statements the server wakes first when one commit frees them (backends.ts
// keeps those of one kind apart, which is nearly all of them); the product's own time limits, if the machine
// stands still for ten seconds; and today's date, which only moves months that no message of a seed is in.
import { join } from 'node:path';
import { importTree } from '../mutated-tree.ts';
import { findMutation } from '../mutation.ts';
import { runSeed, type SeedResult } from './course.ts';
import { MADE_MONTH, makeDatabases, type Server, startServer } from './database.ts';
import { MUTATIONS } from './mutations.ts';
import { workingSandbox } from './sandbox.ts';
import type { Subject } from './subject.ts';

export type { SeedResult } from './course.ts';

export interface OutcomesSimulation {
  /** May run for several seeds at once: each has a database to itself. */
  simulate(seed: number): Promise<SeedResult>;
  close(): Promise<void>;
}

export interface OutcomesOptions {
  /** One of MUTATIONS by its name. */
  readonly mutation?: string;
  /** One that is there already, and that the caller stops. */
  readonly server?: Server;
}

const ENTRY = join(import.meta.dirname, 'subject.ts');
const SEAM = {
  modules: ['node:net', 'node:timers/promises'],
  file: join(import.meta.dirname, 'host-seam.ts'),
};

export async function openOutcomes(options: OutcomesOptions): Promise<OutcomesSimulation> {
  const name = options.mutation;
  const mutation = name === undefined ? undefined : findMutation(MUTATIONS, name);
  const subject = await importTree<Subject>(ENTRY, { mutation, seam: SEAM });
  subject.useHost(workingSandbox);
  const server = options.server ?? (await startServer());
  const template = await server.makeTemplate(async (sql) => {
    await subject.migrateDatabase(sql);
    await sql`select make_outcome_partitions(${[`${MADE_MONTH}-01`]}::date[])`;
  });
  const databases = makeDatabases(() => server.make(template));
  return {
    simulate: (seed) => databases.use((database) => runSeed(seed, subject, database)),
    async close() {
      await databases.close();
      if (!options.server) await server.stop();
    },
  };
}
