// I92: whatever is deleted, by whomever, the rollups equal SQL over the rows that are left, among recorders too, and
// no record that is delivered or sent again brings a deleted row back.
import { describe, expect, test } from 'vitest';
import { REDRIVEN_HEADER } from '../../functions/contracts.ts';
import { dropOutcomesOlderThan } from '../../functions/outcomes/migrate/upkeep.ts';
import { filterParameters } from '../../functions/outcomes/query/parameters.ts';
import { recordPartition } from '../../functions/outcomes/record/record.ts';
import { makeDeletionStore } from '../../functions/outcomes/store/deletion-store.ts';
import { auditRollups, rebuildRollups } from '../../functions/outcomes/store/rollups-store.ts';
import type { Sql } from '../../functions/platform/sql-client.ts';
import { kafkaRecord } from '../support/kafka-record.ts';
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
const NO_FILTERS = filterParameters.parse({});
const DAY_MS = 86_400_000;
const FIRST_DAY_MS = Date.UTC(2025, 0, 1);

function someMessage(random: Random, offset: number, partition: number) {
  const value = JSON.stringify({
    site_domain: `site${random.below(4)}.example`,
    user_id: `user${random.below(10)}`,
    currency: random.pick(['USD', 'EUR']),
    win_status: random.chance(0.5),
    enriched: random.chance(0.5),
    win_price: `${random.below(10)}.${random.below(1_000)}`,
    timestamp: new Date(FIRST_DAY_MS + random.below(40) * DAY_MS).toISOString(),
  });
  return { offset, partition, value };
}

test('any statement that deletes: rollups of every partition, and no row of zero', async () => {
  const [seed = 0] = seeds(1);
  const random = makeRandom(seed);
  const { sql } = await server.freshDatabase();
  // 3 and 11 share a shard.
  for (const partition of [0, 3, 11]) {
    const messages = Array.from({ length: 300 }, (_, offset) =>
      someMessage(random, offset, partition),
    );
    await recordMessages(messages, recordPorts(sql, new MemoryQuarantine()));
  }
  const conditions = [
    "user_id = 'user3'",
    "site_domain = 'site1.example' and win_status",
    `"timestamp" < '2025-01-05'`,
    'kafka_partition = 11',
    'id % 3 = 0',
    'true',
  ];
  for (const condition of conditions) {
    await sql.unsafe(`delete from auction_outcomes where ${condition}`);
    await expectRollupsEqualRows(sql);
    expect((await auditRollups(sql)).differences, `${condition}, seed ${seed}`).toEqual([]);
  }
  expect(await sql`select from outcome_days`).toEqual([]);
  expect(await sql`select from outcome_site_days`).toEqual([]);
});

describe('a deleted row stays away', () => {
  const message = { offset: 5, value: '{"win_price": 1}', timestamp: FIRST_DAY_MS };
  const record = kafkaRecord(message);
  const redriven = {
    ...record,
    ...{ offset: 9n, timestamp: FIRST_DAY_MS + DAY_MS },
    headers: [{ name: REDRIVEN_HEADER, value: Buffer.from(`0:0/5@${FIRST_DAY_MS}`) }],
  };

  async function recordedAndDeleted() {
    const { sql } = await server.freshDatabase();
    await recordMessages([message], recordPorts(sql, new MemoryQuarantine()));
    expect(await makeDeletionStore(sql).deleteOne(1n, NO_FILTERS)).toBe(true);
    return sql;
  }

  const deliver = (sql: Sql, again: typeof record, epoch = '0') =>
    recordPartition(
      { topic: again.topic, partition: again.partition, records: [again] },
      recordPorts(sql, new MemoryQuarantine(), epoch),
    );

  test('when its record is delivered again', async () => {
    const sql = await recordedAndDeleted();
    expect(await deliver(sql, record)).toMatchObject({ applied: 0, skipped: 1 });
    expect(await recordedPositions(sql)).toEqual([]);
  });

  test('when its record is sent again, once and twice', async () => {
    const sql = await recordedAndDeleted();
    for (const offset of [9n, 10n]) {
      expect(await deliver(sql, { ...redriven, offset })).toMatchObject({ applied: 0, skipped: 1 });
    }
    expect(await recordedPositions(sql)).toEqual([]);
    expect((await auditRollups(sql)).differences).toEqual([]);
  });

  test('and another record of that place, of a topic made anew, is a row', async () => {
    const sql = await recordedAndDeleted();
    const later = { ...record, timestamp: FIRST_DAY_MS + DAY_MS };
    expect(await deliver(sql, later, '1')).toMatchObject({ applied: 1 });
    expect(await recordedPositions(sql)).toEqual(['auction_outcomes/0/5']);
  });

  test('until retention drops its month, of which nothing is known any more', async () => {
    const sql = await recordedAndDeleted();
    await dropOutcomesOlderThan(sql, 30);
    expect(await sql`select from deleted_outcomes`).toEqual([]);
  });
});

test('recorders, deletions and a rebuild at once: no deadlock, exact rollups', async () => {
  const [seed = 0] = seeds(1);
  const random = makeRandom(seed);
  const { env, sql } = await server.freshDatabase();
  let recording = true;
  const recorders = [0, 8, 3].map(async (partition) => {
    const ports = recordPorts(server.connect(env, 1), new MemoryQuarantine());
    for (let batch = 0; batch < 25; batch += 1) {
      const messages = Array.from({ length: 80 }, (_, index) =>
        someMessage(random, batch * 80 + index, partition),
      );
      await recordMessages(messages, ports);
    }
  });
  const deletions = [0, 1].map(async () => {
    const store = makeDeletionStore(server.connect(env, 1));
    let deleted = 0;
    while (recording) {
      const filters = filterParameters.parse({
        [random.pick(['user_id', 'site_domain'])]: random.pick(['user1', 'user2', 'site1.example']),
      });
      const lastId = await store.lastId();
      if (lastId !== undefined) deleted += await store.deleteSome(filters, lastId);
    }
    return deleted;
  });
  const rebuild = (async () => {
    while (recording) await rebuildRollups(server.connect(env, 1), false);
  })();
  await Promise.all(recorders);
  recording = false;
  const [first = 0, second = 0] = await Promise.all(deletions);
  await rebuild;
  await sql`select pg_stat_clear_snapshot()`;
  const [row] = await sql`
    select deadlocks from pg_stat_database where datname = current_database()`;
  expect(row?.deadlocks, `seed ${seed}`).toBe('0');
  expect((await recordedPositions(sql)).length).toBe(3 * 25 * 80 - first - second);
  expect(first + second).toBeGreaterThan(100);
  await expectRollupsEqualRows(sql);
  expect((await auditRollups(sql)).differences, `seed ${seed}`).toEqual([]);
});
