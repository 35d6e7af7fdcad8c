// npm run bench [-- --only outcomes|orders|start --rows N --events N --sections reads,record --json]: the product beside what
// it could be at best, in one run. A limit that is missed is said, and does not fail the run.
import { parseArgs } from 'node:util';
import { type Figure, lineOf } from './measure.ts';
import { benchOrders, ORDERS_SECTIONS } from './orders/orders.ts';
import { benchOutcomes, SECTIONS } from './outcomes/outcomes.ts';
import { benchStart } from './start.ts';

/** One a half of the product, with the sections that it has. */
const HALVES = {
  outcomes: {
    sections: SECTIONS,
    run: (sections: string[]) => benchOutcomes({ rows, sections: some(SECTIONS, sections) }),
  },
  orders: {
    sections: ORDERS_SECTIONS,
    run: (sections: string[]) =>
      benchOrders({ events, batchSize: BATCH_SIZE, sections: some(ORDERS_SECTIONS, sections) }),
  },
  start: { sections: [], run: () => benchStart() },
} as const;
const BATCH_SIZE = 1_000;

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: Object.keys(HALVES).join() },
    rows: { type: 'string', default: '200000' },
    events: { type: 'string', default: '60000' },
    sections: {
      type: 'string',
      default: [...SECTIONS, ...ORDERS_SECTIONS].filter((name) => name !== 'flink').join(),
    },
    json: { type: 'boolean', default: false },
  },
});
const rows = Number(values.rows);
if (!(Number.isSafeInteger(rows) && rows >= 10_000)) {
  throw new Error(`--rows is ${values.rows}: a whole number from 10000.`);
}
const events = Number(values.events);
if (!(Number.isSafeInteger(events) && events >= 1_000)) {
  throw new Error(`--events is ${values.events}: a whole number from 1000.`);
}
const halves = named('--only', values.only, Object.keys(HALVES) as (keyof typeof HALVES)[]);
const sections = named('--sections', values.sections, [...SECTIONS, ...ORDERS_SECTIONS]);

const figures: Figure[] = [];
for (const half of halves) {
  for await (const figure of HALVES[half].run(sections)) {
    figures.push(figure);
    if (!values.json) process.stdout.write(`${lineOf(figure)}\n`);
  }
}
if (values.json) process.stdout.write(`${JSON.stringify({ rows, figures }, null, 2)}\n`);
process.exit(0);

function some<Name extends string>(names: readonly Name[], chosen: readonly string[]): Name[] {
  return names.filter((name) => chosen.includes(name));
}

function named<Name extends string>(option: string, text: string, names: readonly Name[]): Name[] {
  return text.split(',').map((word) => {
    const name = names.find((one) => one === word);
    if (!name) throw new Error(`${option} names "${word}": there are ${names.join(', ')}.`);
    return name;
  });
}
