// Runs seeds from S on, or those of one mistake; with --mutations, every mistake until a seed shows it.
import { availableParallelism } from 'node:os';
import { type Arguments, readArguments, runCommand } from '../../../local/command.ts';
import { UserError } from '../../../local/user-error.ts';
import { startServer } from './database.ts';
import { MUTATIONS } from './mutations.ts';
import { type OutcomesSimulation, openOutcomes, type SeedResult } from './run.ts';

const COMMAND = 'node test/simulation/outcomes/simulate.ts';
const USAGE = `${COMMAND} [--seeds N] [--seed S] [--history] [--mutation NAME | --mutations]`;
const DEFAULT_SEEDS = 100;
/** A seed waits for the server half of its time: one more than there are cores keeps them at work. */
const AT_ONCE = availableParallelism() + 1;
const MUTATION_SEEDS = 400;
const PROGRESS_MS = 5_000;
const SHOWN_FAILURES = 5;

interface Range {
  readonly first: number;
  readonly count: number;
}

function readRange({ text }: Arguments): Range {
  const first = wholeNumber('seed', text.seed) ?? Math.floor(Math.random() * 2 ** 31);
  const count = wholeNumber('seeds', text.seeds) ?? (text.seed === undefined ? DEFAULT_SEEDS : 1);
  return { first, count };
}

function wholeNumber(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw new UserError(`--${name} is ${JSON.stringify(text)}: it must be a whole number.`);
}

/** Several at once, until `see` answers false. */
async function forSeeds(
  simulation: OutcomesSimulation,
  { first, count }: Range,
  see: (result: SeedResult) => boolean,
): Promise<void> {
  let next = first;
  let isOver = false;
  const work = Array.from({ length: Math.min(AT_ONCE, count) }, async () => {
    while (!isOver && next < first + count) {
      const seed = next;
      next += 1;
      if (!see(await simulation.simulate(seed))) isOver = true;
    }
  });
  await Promise.all(work);
}

/** @returns how many were wrong. */
async function runSeeds(range: Range, { text, flags }: Arguments): Promise<number> {
  const { mutation } = text;
  const simulation = await openOutcomes(mutation === undefined ? {} : { mutation });
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1_000;
  const totals: Record<string, number> = { seeds: 0 };
  const sayWhere = () =>
    console.log(`${totals.seeds} of ${range.count}, ${seconds().toFixed(0)} s`);
  const progress = setInterval(sayWhere, PROGRESS_MS);
  let wrong = 0;
  await forSeeds(simulation, range, (result) => {
    const counts = { seeds: 1, turns: result.events, ...result.totals };
    for (const [name, value] of Object.entries(counts)) totals[name] = (totals[name] ?? 0) + value;
    if (flags.history) console.log(result.history.join('\n'));
    if (result.failures.length > 0) {
      wrong += 1;
      tell(result, mutation);
    }
    return true;
  });
  clearInterval(progress);
  await simulation.close();
  const last = range.first + range.count - 1;
  const speed = (range.count / seconds()).toFixed(1);
  const all = Object.entries(totals).map(([name, total]) => `${total} ${name}`);
  console.log(
    `seeds ${range.first} to ${last}: ${wrong} wrong, ${speed} seeds/s; ${all.join(', ')}`,
  );
  return wrong;
}

function tell({ seed, failures }: SeedResult, mutation: string | undefined): void {
  console.log(`seed ${seed} is wrong:`);
  for (const failure of failures.slice(0, SHOWN_FAILURES)) console.log(`  ${failure}`);
  const mistake = mutation === undefined ? '' : ` --mutation "${mutation}"`;
  console.log(`  again, with all that happened: ${COMMAND} --seed ${seed}${mistake} --history`);
}

/** @returns how many were not seen. */
async function runMutations(first: number): Promise<number> {
  const server = await startServer();
  let unseen = 0;
  for (const { name } of MUTATIONS) {
    const simulation = await openOutcomes({ mutation: name, server });
    let seeds = 0;
    let shown: SeedResult | undefined;
    await forSeeds(simulation, { first, count: MUTATION_SEEDS }, (result) => {
      if (shown) return false;
      seeds += 1;
      if (result.failures.length > 0) shown = result;
      return shown === undefined;
    });
    await simulation.close();
    if (!shown) unseen += 1;
    const verdict = shown ? `${seeds}: ${shown.failures[0]?.slice(0, 100)}` : 'NOT SEEN';
    console.log(`${name.padEnd(44)} ${verdict}`);
  }
  await server.stop();
  console.log(
    `${MUTATIONS.length - unseen} of ${MUTATIONS.length} mistakes seen from seed ${first}`,
  );
  return unseen;
}

await runCommand('simulate', async () => {
  const flag = { history: 'boolean', mutations: 'boolean' } as const;
  const given = readArguments(
    USAGE,
    { seeds: 'string', seed: 'string', mutation: 'string', ...flag },
    false,
  );
  const range = readRange(given);
  const bad = given.flags.mutations
    ? await runMutations(range.first)
    : await runSeeds(range, given);
  process.exitCode = bad === 0 ? 0 : 1;
});
