// I1, I2, I3, I4, I5, I6, I7, I8, I10, I21, I22, I70, I72, I73, I74, I76, I77, I78: whatever happens to the orders' functions, their stores
// and their stream, each report is SQL on the prefixes that its plan names; and I23: this notices when the code is wrong.
// It plays a few seeds through the command; `npm run simulate` plays as many as one likes. SEED=<n> plays one again.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { firstSeed } from '../support/random.ts';

const COMMAND = join(import.meta.dirname, 'simulate.ts');
const SEEDS = '200';
/** Each mutation is caught by one of these; so many are needed for those that only a rare course of events shows. */
const SEEDS_FOR_MUTATIONS = '1500';
const MUTATIONS_FIRST_SEED = '1';

async function simulate(...args: string[]): Promise<{ status: number; output: string }> {
  try {
    const command = [COMMAND, '--half', 'orders', ...args];
    const { stdout } = await promisify(execFile)(process.execPath, command);
    return { status: 0, output: stdout };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { status: code, output: `${stdout}${stderr}` };
  }
}

const seed = process.env.SEED ?? String(firstSeed());

test(`reports are SQL on the source, first seed ${seed}`, async () => {
  const seeds = process.env.SEED === undefined ? SEEDS : '1';
  const { status, output } = await simulate('--seeds', seeds, '--seed', seed);
  expect(status, output).toBe(0);
  expect(output).toContain(`${seeds} seeds`);
}, 600_000);

/** One of each kind; `npm run simulate -- --mutations` plays them all. */
const SOME_MUTATIONS = [
  'no tombstone for deletes',
  'images written before the segment',
  'who came and went not kept for who takes up',
  'too few left in a ranking not noticed',
];

test.for(SOME_MUTATIONS)(
  'the code without one of its decisions is caught: %s',
  { timeout: 300_000 },
  async (mutation) => {
    const limits = ['--seeds', SEEDS_FOR_MUTATIONS, '--seed', MUTATIONS_FIRST_SEED];
    const { status, output } = await simulate('--mutation', mutation, ...limits);
    expect(status, output).toBe(1);
    expect(output).toMatch(/seed \d+ fails:/);
  },
);

test('a failing seed says what differs and how it is played again', async () => {
  const { status, output } = await simulate(
    '--seed',
    '1',
    '--seeds',
    '50',
    '--mutation',
    'pages written whatever is there',
  );
  expect(status).toBe(1);
  expect(output).toMatch(/seed \d+ fails:\n/);
  expect(output).toMatch(
    /npm run simulate -- --half orders --seed \d+ --mutation 'pages written whatever is there'/,
  );
}, 120_000);

test('one seed decides everything', async () => {
  const [first, second] = [await simulate('--seed', '77'), await simulate('--seed', '77')];
  const counts = ({ output }: { output: string }) => output.split('\n')[1];
  expect(counts(first)).toMatch(/batches \d/);
  expect(counts(first)).toBe(counts(second));
}, 120_000);

test.for([
  [['--seeds', 'many'], '--seeds is "many": it must be a whole number.'],
  [
    ['--mutation', 'unheard of'],
    'There is no mutation "unheard of"; there are "pages written whatever is there"',
  ],
  [['--half', 'third'], '--half is "third": orders, outcomes or both.'],
] as const)('%s', async ([args, message]) => {
  const { status, output } = await simulate(...args);
  expect(status).toBe(1);
  expect(output).toContain(message);
});
