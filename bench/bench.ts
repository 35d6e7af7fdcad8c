// npm run bench [-- --only outcomes|orders|start --rows N --events N --sections reads,record --json]: the product beside what
// it could be at best, in one run. A limit that is missed is said, and does not fail the run.
import { defineCommand, runCommand, wholeNumber } from '../local/shared/command.ts';
import { UserError } from '../local/shared/user-error.ts';
import { type Figure, lineOf } from './measure.ts';
import { benchOrders, ORDERS_SECTIONS } from './orders/orders.ts';
import { benchOutcomes, SECTIONS } from './outcomes/outcomes.ts';
import { benchStart } from './start.ts';

type Half = 'outcomes' | 'orders' | 'start';

const HALVES: readonly Half[] = ['outcomes', 'orders', 'start'];
const ALL_SECTIONS = [...SECTIONS, ...ORDERS_SECTIONS];
/** What needs nothing but npm. */
const BY_ITSELF = ALL_SECTIONS.filter((name) => name !== 'flink');
const BATCH_SIZE = 1_000;
const NUMBER_MAX = 999_999_999;

interface Size {
  readonly rows: number;
  readonly events: number;
}

/** Each half of the product, with the sections that it has. */
function runHalf(half: Half, sections: readonly string[], { rows, events }: Size) {
  if (half === 'outcomes') return benchOutcomes({ rows, sections: some(SECTIONS, sections) });
  if (half === 'start') return benchStart();
  return benchOrders({ events, batchSize: BATCH_SIZE, sections: some(ORDERS_SECTIONS, sections) });
}

const command = defineCommand('bench', 'The product beside what it could be at best, in one run.')
  .option('--only <halves>', 'with commas between', HALVES.join())
  .option(
    '--rows <n>',
    'outcomes in the database',
    wholeNumber('--rows', 10_000, NUMBER_MAX),
    200_000,
  )
  .option(
    '--events <n>',
    "of the orders' topics",
    wholeNumber('--events', 1_000, NUMBER_MAX),
    60_000,
  )
  .option('--sections <names>', 'with commas between; flink when it is named', BY_ITSELF.join())
  .option('--json', 'prints one JSON document at the end')
  .action(async ({ only, rows, events, sections: names, json }) => {
    const halves = named('--only', only, HALVES);
    const sections = named('--sections', names, ALL_SECTIONS);
    const figures: Figure[] = [];
    for (const half of halves) {
      for await (const figure of runHalf(half, sections, { rows, events })) {
        figures.push(figure);
        if (!json) process.stdout.write(`${lineOf(figure)}\n`);
      }
    }
    if (json) process.stdout.write(`${JSON.stringify({ rows, figures }, null, 2)}\n`);
    process.exit(0);
  });

function some<Name extends string>(names: readonly Name[], chosen: readonly string[]): Name[] {
  return names.filter((name) => chosen.includes(name));
}

function named<Name extends string>(option: string, text: string, names: readonly Name[]): Name[] {
  return text.split(',').map((word) => {
    const name = names.find((one) => one === word);
    if (!name) throw new UserError(`${option} names "${word}": there are ${names.join(', ')}.`);
    return name;
  });
}

await runCommand('bench', command);
