// node test/simulation/outcomes/simulate.ts [--seeds N] [--seed S] [--history] [--mutation NAME | --mutations]
// Runs seeds from S on, or those of one mistake; with --mutations, every mistake until a seed shows it.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { startServer } from './database.ts';
import { MUTATIONS } from './mutations.ts';
import { type OutcomesSimulation, openOutcomes, type SeedResult } from './run.ts';

const DEFAULT_SEEDS = 100;
/** A seed waits for the server half of its time: one more than there are cores keeps them at work. */
const AT_ONCE = availableParallelism() + 1;
const MUTATION_SEEDS = 400;
const PROGRESS_MS = 5_000;
const SHOWN_FAILURES = 5;

const COMMAND = 'node test/simulation/outcomes/simulate.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string' },
    seed: { type: 'string' },
    mutation: { type: 'string' },
    mutations: { type: 'boolean', default: false },
    history: { type: 'boolean', default: false },
  },
});

function wholeNumber(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw new Error(`--${name} is ${JSON.stringify(text)}: it must be a whole number.`);
}

const first = wholeNumber('seed', values.seed, Math.floor(Math.random() * 2 ** 31));
const count = wholeNumber('seeds', values.seeds, values.seed === undefined ? DEFAULT_SEEDS : 1);

process.exitCode = (await (values.mutations ? runMutations() : runSeeds())) ? 0 : 1;

async function runSeeds(): Promise<boolean> {
  const { mutation } = values;
  const simulation = await openOutcomes(mutation === undefined ? {} : { mutation });
  const started = performance.now();
  const totals: Record<string, number> = { seeds: 0 };
  const seconds = () => (performance.now() - started) / 1_000;
  const progress = setInterval(
    () => console.log(`${totals.seeds} of ${count} seeds, ${seconds().toFixed(0)} s`),
    PROGRESS_MS,
  );
  let failed = 0;
  await forSeeds(simulation, first, count, (result) => {
    add(totals, { seeds: 1, turns: result.events, ...result.totals });
    if (values.history) console.log(result.history.join('\n'));
    if (result.failures.length === 0) return true;
    failed += 1;
    tell(result);
    return true;
  });
  clearInterval(progress);
  const speed = (count / seconds()).toFixed(1);
  console.log(`seeds ${first} to ${first + count - 1}: ${failed} wrong, ${speed} seeds/s`);
  console.log(
    Object.entries(totals)
      .map(([name, total]) => `${total} ${name}`)
      .join(', '),
  );
  await simulation.close();
  return failed === 0;
}

function add(totals: Record<string, number>, more: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(more)) totals[name] = (totals[name] ?? 0) + value;
}

function tell({ seed, failures }: SeedResult): void {
  console.log(`seed ${seed} is wrong:`);
  for (const failure of failures.slice(0, SHOWN_FAILURES)) console.log(`  ${failure}`);
  console.log(`  again, with all that happened: ${COMMAND} --seed ${seed} --history`);
}

/** Several at once, until `see` answers false. */
async function forSeeds(
  simulation: OutcomesSimulation,
  from: number,
  howMany: number,
  see: (result: SeedResult) => boolean,
): Promise<void> {
  let next = from;
  let isOver = false;
  const work = Array.from({ length: Math.min(AT_ONCE, howMany) }, async () => {
    while (!isOver && next < from + howMany) {
      const seed = next;
      next += 1;
      if (!see(await simulation.simulate(seed))) isOver = true;
    }
  });
  await Promise.all(work);
}

async function runMutations(): Promise<boolean> {
  const server = await startServer();
  const survivors: string[] = [];
  for (const { name } of MUTATIONS) {
    const simulation = await openOutcomes({ mutation: name, server });
    let seeds = 0;
    let shown: SeedResult | undefined;
    await forSeeds(simulation, first, MUTATION_SEEDS, (result) => {
      if (shown) return false;
      seeds += 1;
      if (result.failures.length > 0) shown = result;
      return shown === undefined;
    });
    await simulation.close();
    if (!shown) survivors.push(name);
    const verdict = shown ? `seed ${seeds}: ${shown.failures[0]?.slice(0, 100)}` : 'NOT SEEN';
    console.log(`${name.padEnd(48)} ${verdict}`);
  }
  await server.stop();
  console.log(`${MUTATIONS.length - survivors.length} of ${MUTATIONS.length} mistakes seen`);
  return survivors.length === 0;
}
