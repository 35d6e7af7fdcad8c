// I15, I26: the rollups equal SQL over the rows that retention left. I133: the runbook's "Retention".
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { dropOutcomesOlderThan } from '../../functions/outcomes/migrate/upkeep.ts';
import { countQuery } from '../../functions/outcomes/query/figures-query.ts';
import { sql as querySql } from '../../functions/outcomes/query/sql.ts';
import { makeOutcomesStore } from '../../functions/outcomes/store/outcomes-store.ts';
import type { Sql } from '../../functions/platform/sql-client.ts';
import {
  expectRollupsEqualRows,
  MemoryQuarantine,
  recordedPositions,
  recordMessages,
  recordPorts,
} from '../support/outcomes.ts';
import { useTestPostgres } from '../support/postgres.ts';

const server = useTestPostgres();
const DAY_MS = 86_400_000;

const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString();
const aged = (offset: number, days: number, partition = 0) => ({
  offset,
  partition,
  value: JSON.stringify({
    ...{ timestamp: daysAgo(days), site_domain: `s${offset % 3}`, win_status: offset % 2 === 0 },
    ...{ win_price: '0.01', bid_price: `${offset}.5` },
  }),
});
const year = Array.from({ length: 366 }, (_, days) => aged(days, 365 - days));

/** The rollups and what retention kept of them, together: what was ever recorded. */
async function allTime(sql: Sql): Promise<unknown[]> {
  const figures = (table: string) => `
    select sum(outcomes)::text as outcomes, sum(win_price_sum)::text as win, sum(bid_price_sum)::text as bid
    from (select outcomes, win_price_sum, bid_price_sum from ${table}
          union all select outcomes, win_price_sum, bid_price_sum from dropped_${table}) as both_tables`;
  return [
    ...(await sql.unsafe(figures('outcome_days'))),
    ...(await sql.unsafe(figures('outcome_site_days'))),
  ];
}

const isKept = (days: number, retentionDays: number) => {
  const cutoff = daysAgo(retentionDays).slice(0, 7);
  return daysAgo(days).slice(0, 7) >= cutoff;
};

test('whole months go, rollups equal the rows that stay, the sums of what went are kept', async () => {
  const { sql } = await server.freshDatabase();
  const ports = recordPorts(sql, new MemoryQuarantine());
  await recordMessages(year, ports);
  await recordMessages([{ offset: 366, value: '{"timestamp":"0001-01-01T00:00:00Z"}' }], ports);
  const ever = await allTime(sql);

  const dropped = await dropOutcomesOlderThan(sql, 100);
  expect(dropped.length).toBeGreaterThan(7);
  const kept = year.filter((_, days) => isKept(365 - days, 100));
  expect(kept.length).toBeGreaterThan(100);
  const positions = kept.map(({ offset }) => `auction_outcomes/0/${offset}`);
  expect((await recordedPositions(sql)).sort()).toEqual(positions.sort());
  await expectRollupsEqualRows(sql);
  expect(await allTime(sql)).toEqual(ever);

  expect(await dropOutcomesOlderThan(sql, 100)).toEqual([]);
  await recordMessages([aged(367, 300), aged(368, 299)], ports);
  await expectRollupsEqualRows(sql);
  const withLate = await allTime(sql);
  expect((await dropOutcomesOlderThan(sql, 100)).length).toBeGreaterThan(0);
  expect((await recordedPositions(sql)).length).toBe(kept.length);
  expect(await allTime(sql)).toEqual(withLate);
  await expectRollupsEqualRows(sql);
});

test('while recorders write old and new rows: nothing is lost or counted twice', async () => {
  const { env, sql } = await server.freshDatabase();
  const recorders = [0, 1, 2].map(async (partition) => {
    const ports = recordPorts(server.connect(env, 1), new MemoryQuarantine());
    for (let batch = 0; batch < 20; batch += 1) {
      const messages = Array.from({ length: 12 }, (_, index) =>
        aged(batch * 12 + index, index * 30, partition),
      );
      await recordMessages(messages, ports);
    }
  });
  const dropper = async () => {
    for (let run = 0; run < 8; run += 1) await dropOutcomesOlderThan(sql, 60);
  };
  await Promise.all([...recorders, dropper()]);
  await dropOutcomesOlderThan(sql, 60);
  await expectRollupsEqualRows(sql);
  expect(await allTime(sql)).toMatchObject([{ outcomes: '720' }, { outcomes: '720' }]);
});

test('a batch of old rows that is still under way: dropped and kept as sums, or neither', async () => {
  const { env, sql } = await server.freshDatabase();
  await recordMessages([aged(0, 200)], recordPorts(sql, new MemoryQuarantine()));
  const recorder = recordPorts(server.connect(env, 1), new MemoryQuarantine());
  const { outcomes } = recorder;
  let dropping: Promise<unknown> | undefined;
  const record: typeof outcomes.record = (stream, work) =>
    outcomes.record(stream, async (recording) => {
      const result = await work(recording);
      dropping = dropOutcomesOlderThan(sql, 60);
      await sleep(200);
      return result;
    });
  const batch = [aged(0, 201, 1), aged(1, 202, 1), aged(2, 1, 1)];
  await recordMessages(batch, { ...recorder, outcomes: { ...outcomes, record } });
  await dropping;
  expect(await recordedPositions(sql)).toEqual(['auction_outcomes/1/2']);
  await expectRollupsEqualRows(sql);
  expect(await allTime(sql)).toMatchObject([{ outcomes: '4' }, { outcomes: '4' }]);
});

const ALL = { timestamp_after: undefined, timestamp_before: undefined };

test('a snapshot of the API that began before a run sees every row that it counted', async () => {
  const { env, sql } = await server.freshDatabase();
  await recordMessages([aged(0, 200), aged(1, 1)], recordPorts(sql, new MemoryQuarantine()));
  const store = makeOutcomesStore(server.connect(env, 1));
  let dropping: Promise<unknown> | undefined;
  await store.snapshot(async (rows) => {
    expect(await rows(countQuery(ALL))).toEqual([{ count: '2' }]);
    dropping = dropOutcomesOlderThan(sql, 60);
    await sleep(200);
    expect((await rows(querySql`select from auction_outcomes`)).length).toBe(2);
  });
  await dropping;
  expect(await store.rows(countQuery(ALL))).toEqual([{ count: '1' }]);
  expect(await recordedPositions(sql)).toEqual(['auction_outcomes/0/1']);
});

describe('rows that the rollups count', () => {
  async function oneRow() {
    const { sql } = await server.freshDatabase();
    await recordMessages([aged(0, 1)], recordPorts(sql, new MemoryQuarantine()));
    return sql;
  }

  test.for([
    'update auction_outcomes set win_price = win_price + 1',
    `update auction_outcomes set "timestamp" = "timestamp" - interval '1 year'`,
    'update auction_outcomes set kafka_offset = 5',
    'truncate auction_outcomes',
  ])('refused: %s', async (statement) => {
    const sql = await oneRow();
    await expect(sql.unsafe(statement)).rejects.toThrow(/auction_outcomes: /);
    await expectRollupsEqualRows(sql);
  });

  test('a user may be erased, and updated_at says when', async () => {
    const sql = await oneRow();
    await sql.unsafe(`update auction_outcomes set user_id = 'erased', raw_data = '{}'`);
    const [row] =
      await sql`select user_id, updated_at > created_at as is_later from auction_outcomes`;
    expect(row).toEqual({ user_id: 'erased', is_later: true });
  });

  test('a price that is not finite is refused by the table too', async () => {
    const sql = await oneRow();
    const insert = `insert into auction_outcomes (bid_id, user_id, site_domain, win_status, win_price, bid_price,
      currency, enriched, "timestamp", user_interests, raw_data, kafka_topic, kafka_partition, kafka_offset)
      values ('', '', '', true, 1, 'NaN', 'USD', true, now(), '[]', '{}', 't', 0, 0)`;
    await expect(sql.unsafe(insert)).rejects.toThrow(/prices_are_finite/);
  });
});
