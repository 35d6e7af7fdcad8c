// I1, I2, I4, I5, I6, I7: whatever crashes, is delivered again in other batches, or finishes late, the
// figures equal the plain queries over the source's rows; and no report on the way is below zero or
// disagrees with itself. SEED=<n> plays one run again.
import { expect, test } from 'vitest';
import { Decimal } from '../../functions/orders/decimal.ts';
import { expectFiguresEqualSql, ProtocolRun } from '../support/protocol-run.ts';
import { makeRandom, seeds } from '../support/random.ts';
import { makeHistory } from '../support/shop-history.ts';

test.for(seeds(250))('figures equal SQL at quiet, seed %i', async (seed) => {
  const random = makeRandom(seed);
  const run = new ProtocolRun(random, makeHistory(random, 40 + random.below(100)));
  await run.toQuiet();
  await expectFiguresEqualSql(run, `SEED=${seed}`);
  const sums = [...run.table.items.values()].flatMap((item) =>
    item.n && 'N' in item.n ? [item.n.N] : [],
  );
  expect(
    sums.every((count) => !Decimal.of(count).isNegative),
    `SEED=${seed}`,
  ).toBe(true);
});
