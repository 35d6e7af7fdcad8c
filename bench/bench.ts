// npm run bench [-- --only outcomes --rows N --sections reads,record --json]: the product beside what it could be at best,
// in one run. A limit that is missed is said, and does not fail the run.
import { parseArgs } from 'node:util';
import { type Figure, lineOf } from './measure.ts';
import { benchOutcomes, SECTIONS, type Section } from './outcomes/outcomes.ts';

/** One a half of the product. */
const HALVES = { outcomes: benchOutcomes } as const;

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: Object.keys(HALVES).join() },
    rows: { type: 'string', default: '200000' },
    sections: { type: 'string', default: SECTIONS.join() },
    json: { type: 'boolean', default: false },
  },
});
const rows = Number(values.rows);
if (!(Number.isSafeInteger(rows) && rows >= 10_000)) {
  throw new Error(`--rows is ${values.rows}: a whole number from 10000.`);
}
const halves = named('--only', values.only, Object.keys(HALVES) as (keyof typeof HALVES)[]);
const sections: readonly Section[] = named('--sections', values.sections, SECTIONS);

const figures: Figure[] = [];
for (const half of halves) {
  for await (const figure of HALVES[half]({ rows, sections })) {
    figures.push(figure);
    if (!values.json) process.stdout.write(`${lineOf(figure)}\n`);
  }
}
if (values.json) process.stdout.write(`${JSON.stringify({ rows, figures }, null, 2)}\n`);
process.exit(0);

function named<Name extends string>(option: string, text: string, names: readonly Name[]): Name[] {
  return text.split(',').map((word) => {
    const name = names.find((one) => one === word);
    if (!name) throw new Error(`${option} names "${word}": there are ${names.join(', ')}.`);
    return name;
  });
}
