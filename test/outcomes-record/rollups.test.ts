// I30: the audit of the rollups finds what differs from the rows and nothing else, and a rebuild mends it
// while recorders write.
import { expect, test } from 'vitest';
import {
  auditRollups,
  type RollupDifference,
  rebuildRollups,
} from '../../functions/outcomes/store/rollups-store.ts';
import { retryConflicts } from '../../functions/platform/database-errors.ts';
import type { Sql } from '../../functions/platform/sql-client.ts';
import {
  expectRollupsEqualRows,
  MemoryQuarantine,
  recordMessages,
  recordPorts,
} from '../support/outcomes.ts';
import { useTestPostgres } from '../support/postgres.ts';
import { makeRandom, type Random, seeds } from '../support/random.ts';

const server = useTestPostgres();
const FIRST_DAY_MS = Date.UTC(2025, 0, 1);
const DAY_MS = 86_400_000;
const DAYS = 6;

function someMessage(random: Random, offset: number, partition: number) {
  const value = JSON.stringify({
    site_domain: random.pick(['', 'a.example', 'b.example', 'ü.example']),
    currency: random.pick(['USD', 'EUR']),
    win_status: random.chance(0.5),
    win_price: `${random.below(10)}.${random.below(1_000)}`,
    bid_price: `${random.below(10)}.10`,
    timestamp: new Date(
      FIRST_DAY_MS + random.below(DAYS) * DAY_MS + random.below(DAY_MS),
    ).toISOString(),
  });
  return { offset, partition, value };
}

function someBatch(random: Random, first: number, partition: number, size: number) {
  return Array.from({ length: size }, (_, index) => someMessage(random, first + index, partition));
}

const DAMAGES = [
  `update outcome_days set outcomes = outcomes + 3 where shard = 0`,
  `update outcome_days set win_price_sum = win_price_sum - 0.01 where currency = 'USD'`,
  `update outcome_site_days set bid_price_sum = 0 where site_domain = ''`,
  `update outcome_site_days set outcomes = -outcomes where site_domain = 'a.example' and shard = 1`,
  `delete from outcome_days where day = '2025-01-02'`,
  `delete from outcome_site_days where site_domain = 'ü.example'`,
  `delete from outcome_site_days`,
  `insert into outcome_days values ('2031-05-05', 'CHF', true, true, 7, 5, 1.5, 2)`,
  `insert into outcome_site_days values ('nobody.example', '2025-01-01', 'USD', true, true, 2, 5, 1.5, 2)`,
];

const shown = ({ aggregate, attribute, expected, actual }: RollupDifference) =>
  `${aggregate} ${attribute}: ${actual}, by the rows ${expected}`;

async function someRows(sql: Sql): Promise<void> {
  const random = makeRandom(7);
  const ports = recordPorts(sql, new MemoryQuarantine());
  for (const partition of [0, 1, 9]) {
    await recordMessages(someBatch(random, 0, partition, 120), ports);
  }
}

test('sound rollups: the audit finds nothing, the rebuild changes nothing', async () => {
  const { sql } = await server.freshDatabase();
  expect(await auditRollups(sql)).toEqual({ rows: 0, differences: [] });
  await someRows(sql);
  const before = await sql`select xmin::text, * from outcome_site_days order by 2, 3, 4, 5, 6, 7`;
  expect(await auditRollups(sql)).toEqual({ rows: 360, differences: [] });
  expect((await rebuildRollups(sql, false)).differences).toEqual([]);
  expect(await sql`select xmin::text, * from outcome_site_days order by 2, 3, 4, 5, 6, 7`).toEqual(
    before,
  );
});

test.for(DAMAGES)('found and mended: %s', async (damage) => {
  const { sql } = await server.freshDatabase();
  await someRows(sql);
  await sql.unsafe(damage);
  const { differences } = await auditRollups(sql);
  expect(differences.length).toBeGreaterThan(0);
  expect((await rebuildRollups(sql, true)).differences).toEqual(differences);
  expect((await auditRollups(sql)).differences).toEqual(differences);
  expect((await rebuildRollups(sql, false)).differences).toEqual(differences);
  expect((await auditRollups(sql)).differences).toEqual([]);
  await expectRollupsEqualRows(sql);
});

test('each difference names the rollup row, the figure, and both values', async () => {
  const { sql } = await server.freshDatabase();
  const value = '{"site_domain":"a.example","win_price":1.50,"timestamp":"2025-01-31T23:59:59Z"}';
  await recordMessages(
    [{ offset: 4, partition: 10, value }],
    recordPorts(sql, new MemoryQuarantine()),
  );
  await sql`update outcome_days set win_price_sum = 1.49`;
  await sql`delete from outcome_site_days`;
  await sql`update stream_positions set last_offset = 3`;
  const place = '"a.example" USD win=false enriched=false shard=2';
  expect((await auditRollups(sql)).differences.map(shown)).toEqual([
    'outcomes 2025-01-31 USD win=false enriched=false shard=2 win_price_sum: 1.49, by the rows 1.5',
    `outcomes 2025-01-31 site ${place} outcomes: 0, by the rows 1`,
    `outcomes 2025-01-31 site ${place} win_price_sum: 0, by the rows 1.5`,
    'position of auction_outcomes partition 10 last_offset: 3, by the rows 4 or more',
  ]);
});

test('what retention dropped must be the same by day and by site', async () => {
  const { sql } = await server.freshDatabase();
  await someRows(sql);
  await sql`select drop_outcomes_before('2025-03-01')`;
  expect((await auditRollups(sql)).differences).toEqual([]);
  await sql`update dropped_outcome_days set outcomes = outcomes + 1 where win_status and currency = 'EUR' and day = '2025-01-01'`;
  const { differences } = await auditRollups(sql);
  expect(differences.map(({ aggregate }) => aggregate)).toEqual([
    'dropped outcomes 2025-01-01 EUR win=true enriched=false',
  ]);
});

test('damage and rebuilds among recorders: the rollups end exact', async () => {
  const [seed = 0] = seeds(1);
  const random = makeRandom(seed);
  const { env, sql } = await server.freshDatabase();
  await someRows(sql);
  let running = 4;
  const recorders = [2, 8, 16, 24].map(async (partition) => {
    const ports = recordPorts(server.connect(env, 1), new MemoryQuarantine());
    for (let batch = 0; batch < 25; batch += 1) {
      await recordMessages(someBatch(random, batch * 40, partition, 40), ports);
    }
    running -= 1;
  });
  const rebuilders = [1, 2].map(async () => {
    const own = server.connect(env, 1);
    while (running > 0) {
      const damage = random.pick(DAMAGES.slice(0, 6));
      await retryConflicts(() => own.unsafe(damage));
      await rebuildRollups(own, false);
    }
  });
  await Promise.all([...recorders, ...rebuilders]);
  expect((await auditRollups(sql)).differences, `seed ${seed}`).toEqual([]);
  await expectRollupsEqualRows(sql);
});
