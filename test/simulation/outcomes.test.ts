// I25, I26: two recorders, readers and upkeep over a real PostgreSQL, cut off, crashed and interleaved as
// the seed has it. More seeds: npm run simulate -- --half outcomes --seeds 10000 [--mutations]
import { afterAll, beforeAll, expect, test } from 'vitest';
import { seeds } from '../support/random.ts';
import { type Server, startServer } from './outcomes/database.ts';
import { openOutcomes } from './outcomes/run.ts';

const SEEDS = 30;
const AT_ONCE = 3;
/** One of each kind; the whole list takes minutes. */
const MISTAKES = [
  'position moved after the transaction',
  'rollups after the transaction',
  'rejects dropped silently',
  'stats from two moments',
];
/** Each of these is seen within some tens. */
const MISTAKE_SEEDS = 150;

let server: Server;
beforeAll(async () => {
  server = await startServer();
});
afterAll(async () => {
  await server?.stop();
});

test('the stores are exact and the API is of one moment, whatever a seed does', {
  timeout: 300_000,
}, async () => {
  const run = seeds(SEEDS);
  console.log(`outcomes simulation: seeds ${run[0]} to ${run.at(-1)}`);
  const simulation = await openOutcomes({ server });
  const waiting = [...run];
  const work = Array.from({ length: AT_ONCE }, async () => {
    for (let seed = waiting.shift(); seed !== undefined; seed = waiting.shift()) {
      const { failures } = await simulation.simulate(seed);
      expect(failures, `seed ${seed}`).toEqual([]);
    }
  });
  await Promise.all(work);
  await simulation.close();
});

test('a seed has something in its way, and replays', async () => {
  const simulation = await openOutcomes({ server });
  const results = [];
  for (const seed of [1, 2, 3, 1, 2, 3]) results.push(await simulation.simulate(seed));
  await simulation.close();
  const [first, again] = [results.slice(0, 3), results.slice(3)];
  expect(again.map(({ history }) => history)).toEqual(first.map(({ history }) => history));
  const disturbed = first.reduce((sum, { totals }) => sum + totals.cuts + totals.crashes, 0);
  expect(disturbed).toBeGreaterThan(0);
});

test.for(MISTAKES)('it sees this mistake: %s', { timeout: 300_000 }, async (mutation) => {
  const simulation = await openOutcomes({ mutation, server });
  let isSeen = false;
  for (let seed = 1; seed <= MISTAKE_SEEDS && !isSeen; seed += 1) {
    isSeen = (await simulation.simulate(seed)).failures.length > 0;
  }
  await simulation.close();
  expect(isSeen).toBe(true);
});
