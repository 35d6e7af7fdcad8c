import { expect, test } from 'vitest';
import type { Sql } from '../../functions/platform/sql-client.ts';
import {
  expectRollupsEqualRows,
  MemoryQuarantine,
  recordedPositions,
  recordMessages,
  recordPorts,
} from '../support/outcomes.ts';
import { useTestPostgres } from '../support/postgres.ts';
import { makeRandom, type Random, seeds } from '../support/random.ts';

const server = useTestPostgres();

async function deadlocks(sql: Sql): Promise<unknown> {
  await sql`select pg_stat_clear_snapshot()`;
  const [row] = await sql`
    select deadlocks from pg_stat_database where datname = current_database()`;
  return row?.deadlocks;
}

const FIRST_DAY_MS = Date.UTC(2025, 0, 1);
const DAY_MS = 86_400_000;

/** One of few sites and of so many days, so that every batch meets every other on the rollup rows. */
function someMessage(random: Random, offset: number, partition: number, days: number) {
  const value = JSON.stringify({
    site_domain: `site${random.below(6)}.example`,
    currency: random.pick(['USD', 'EUR']),
    win_status: random.chance(0.5),
    enriched: random.chance(0.5),
    win_price: `${random.below(10)}.${random.below(1_000)}`,
    timestamp: new Date(FIRST_DAY_MS + random.below(days) * DAY_MS).toISOString(),
  });
  return { offset, partition, value };
}

test('recorders of four partitions on the same rollup rows: no deadlock, exact sums', async () => {
  const [seed = 0] = seeds(1);
  const random = makeRandom(seed);
  const { env, sql } = await server.freshDatabase();
  // Eight apart, so that all share one shard. Of unlike sizes, so that the server groups them in tables of
  // unlike sizes, whose own order differs: without ORDER BY in the statement they deadlock.
  const recorders = [
    ...[0, 8].map((partition) => ({ partition, batches: 40, batchSize: 60 })),
    ...[16, 24].map((partition) => ({ partition, batches: 8, batchSize: 1_200 })),
  ];
  const work = recorders.map(async ({ partition, batches, batchSize }) => {
    const ports = recordPorts(server.connect(env, 1), new MemoryQuarantine());
    for (let batch = 0; batch < batches; batch += 1) {
      const messages = Array.from({ length: batchSize }, (_, index) =>
        someMessage(random, batch * batchSize + index, partition, 200),
      );
      await recordMessages(messages, ports);
    }
  });
  await Promise.all(work);
  expect(await deadlocks(sql), `seed ${seed}`).toBe('0');
  expect((await recordedPositions(sql)).length).toBe(2 * 40 * 60 + 2 * 8 * 1_200);
  await expectRollupsEqualRows(sql);
});

test('three recorders on one partition at once: each record once', async () => {
  const [seed = 0] = seeds(1);
  const random = makeRandom(seed);
  const { env, sql } = await server.freshDatabase();
  const log = Array.from({ length: 600 }, (_, offset) => someMessage(random, offset, 3, 9));
  const quarantine = new MemoryQuarantine();
  const recorder = async () => {
    const ports = recordPorts(server.connect(env, 1), quarantine);
    for (let next = 0; next < log.length; ) {
      const end = next + 1 + random.below(80);
      await recordMessages(log.slice(next, end), ports);
      next = end;
    }
  };
  await Promise.all([recorder(), recorder(), recorder()]);
  const positions = await recordedPositions(sql);
  expect(positions.length, `seed ${seed}`).toBe(log.length);
  expect(new Set(positions).size, `seed ${seed}`).toBe(log.length);
  await expectRollupsEqualRows(sql);
});
