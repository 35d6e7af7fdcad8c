// npm run simulate: plays seeds of the simulation until they are done or the time is up; with --mutations
// plays each mutation until a seed catches it. Ends with 1 when a seed fails, or a mutation survives.
import { defineCommand, runCommand } from '../../local/shared/command.ts';
import { grouped } from '../../local/shared/figures.ts';
import { Terminal } from '../../local/shared/terminal.ts';
import { UserError } from '../../local/shared/user-error.ts';
import type { Totals } from './crew.ts';
import { HALVES, type HalfName, halves } from './halves.ts';
import { findMutation } from './mutation.ts';

const SEEDS_DEFAULT = 2_000;
const SEEDS_MAX = 100_000_000;
const FAILURE_CHARACTERS_MAX = 4_000;

interface Settings {
  readonly halves: readonly HalfName[];
  readonly firstSeed: number;
  readonly seeds: number;
  readonly endMs: number;
  /** Play each of the list. */
  readonly mutations: boolean;
  /** Play this one. */
  readonly mutation: string | undefined;
}

interface Given {
  readonly seeds?: string | undefined;
  readonly seed?: string | undefined;
  readonly minutes?: string | undefined;
  readonly half: string;
  readonly mutation?: string | undefined;
  readonly mutations?: true | undefined;
}

const command = defineCommand('simulate', "The functions' code in a world that a seed decides.")
  .option('--seeds <n>', 'how many')
  .option('--seed <s>', 'the first; alone, it is played again')
  .option('--minutes <m>', 'ends after that long')
  .option('--half <name>', 'orders, outcomes or both', 'both')
  .option('--mutations', 'plays each mistake of the list until a seed catches it')
  .option('--mutation <name>', 'plays this mistake')
  .action((given) => simulate(readSettings(given)));

function readSettings({ half, ...text }: Given): Settings {
  const halves = HALVES.filter((name) => half === 'both' || half === name);
  if (halves.length === 0) throw new UserError(`--half is "${half}": orders, outcomes or both.`);
  const minutes = readWhole('--minutes', text.minutes, Number.POSITIVE_INFINITY);
  // One seed alone plays itself again.
  const seeds = readWhole('--seeds', text.seeds, text.seed === undefined ? SEEDS_DEFAULT : 1);
  return {
    halves,
    firstSeed: readWhole('--seed', text.seed, Math.floor(Math.random() * 2 ** 31)),
    seeds,
    endMs: performance.now() + minutes * 60_000,
    mutations: text.mutations ?? false,
    mutation: text.mutation,
  };
}

function readWhole(option: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= SEEDS_MAX * 100) return value;
  throw new UserError(`${option} is "${text}": it must be a whole number.`);
}

async function simulate(settings: Settings): Promise<void> {
  const terminal = new Terminal(process.stderr);
  const play = settings.mutations ? playMutations : playSeeds;
  const wrong: HalfName[] = [];
  for (const half of settings.halves) {
    if (!(await play(half, settings, terminal))) wrong.push(half);
  }
  // Thrown, as the embedded PostgreSQL's package forgets an exit code that is only set.
  if (wrong.length > 0) throw new UserError(`something is wrong in ${wrong.join(' and ')}`);
}

type Play = (half: HalfName, settings: Settings, terminal: Terminal) => Promise<boolean>;

const playSeeds: Play = async (half, settings, terminal) => {
  const { firstSeed, seeds, endMs, mutation } = settings;
  const { mutations, play } = halves[half];
  if (mutation !== undefined) findMutation(mutations, mutation);
  const started = performance.now();
  const totals = await play({ firstSeed, seeds, mutation }, (sofar) => {
    terminal.status(`${half}: ${describe(sofar, started)}`, performance.now());
    return performance.now() < endMs;
  });
  terminal.end();
  const [failed] = totals.failed;
  print(`${half}: ${describe(totals, started)}, first seed ${firstSeed}`);
  print(`  ${describeCounts(totals)}`);
  if (!failed) return true;
  print(
    `\nseed ${failed.seed} fails:\n${failed.failures.join('\n').slice(0, FAILURE_CHARACTERS_MAX)}`,
  );
  const option = mutation ? ` --mutation '${mutation}'` : '';
  print(`\nPlay it again: npm run simulate -- --half ${half} --seed ${failed.seed}${option}`);
  return false;
};

/** Each mutation with the number of seeds that it took to catch it. */
const playMutations: Play = async (half, { firstSeed, seeds, endMs }, terminal) => {
  let survivors = 0;
  const range = { firstSeed, seeds };
  const mayGoOn = (sofar: Totals) => {
    terminal.status(`${half}: ${grouped(sofar.seeds)} seeds`, performance.now());
    return performance.now() < endMs;
  };
  for await (const { name, totals } of halves[half].playMutations(range, mayGoOn)) {
    terminal.end();
    const [first] = totals.failed;
    if (!first) survivors += 1;
    const took = first ? `${grouped(first.seed - firstSeed + 1)} seeds` : 'NOT CAUGHT';
    print(`${took.padStart(12)}  ${name}`);
  }
  const all = halves[half].mutations.length;
  print(`${half}: ${all - survivors} of ${all} mutations caught, first seed ${firstSeed}`);
  return survivors === 0;
};

function describe({ seeds, events, failed }: Totals, started: number): string {
  const rate = seeds / ((performance.now() - started) / 1000);
  const wrong = failed.length > 0 ? 'WRONG' : '0 wrong';
  return `${grouped(seeds)} seeds, ${grouped(events)} events, ${wrong} (${rate.toFixed(0)} seeds/s)`;
}

/** `lateArrivals: 7` as `late arrivals 7`. */
function describeCounts({ counts }: Totals): string {
  const inWords = (name: string) => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  const all = Object.entries(counts).map(([name, count]) => `${inWords(name)} ${grouped(count)}`);
  return all.join(' · ');
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

await runCommand('simulate', command);
