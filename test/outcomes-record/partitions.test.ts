// I14: no row is refused for its date, whoever makes partitions at the same time.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { migrateDatabase } from '../../functions/outcomes/migrate/migrate.ts';
import { makePartitionsAhead } from '../../functions/outcomes/migrate/upkeep.ts';
import { recordPartition } from '../../functions/outcomes/record/record.ts';
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

const server = useTestPostgres();

function at(offset: number, timestamp: string, partition = 0) {
  return { offset, partition, value: JSON.stringify({ timestamp, win_price: '0.1' }) };
}

/** A day of the month so many months from now, as ISO text. */
function monthsFromNow(months: number): string {
  const date = new Date();
  date.setUTCMonth(date.getUTCMonth() + months, 15);
  return date.toISOString();
}

async function whereRowsAre(sql: Sql): Promise<Record<string, number>> {
  const rows = await sql<{ place: string; rows: number }>`
    select tableoid::regclass::text as place, count(*)::integer as rows
    from auction_outcomes group by 1 order by 1`;
  return Object.fromEntries(rows.map(({ place, rows: count }) => [place, count]));
}

function partitionOf(timestamp: string): string {
  return `auction_outcomes_${timestamp.slice(0, 7).replace('-', '_')}`;
}

test('recorders that need the same and other new months at once, while others read', async () => {
  const { env, sql } = await server.freshDatabase();
  const months = Array.from({ length: 24 }, (_, index) => monthsFromNow(-index - 1));
  let isRecording = true;
  const reader = async () => {
    while (isRecording) await sql`select count(*) from auction_outcomes`;
  };
  const readers = [reader(), reader()];
  const recorders = [0, 1, 2, 3].map(async (partition) => {
    const ports = recordPorts(server.connect(env, 1), new MemoryQuarantine());
    for (const [index, month] of months.entries()) {
      const batch = [
        at(2 * index, month, partition),
        at(2 * index + 1, monthsFromNow(-30), partition),
      ];
      await recordMessages(batch, ports);
    }
  });
  await Promise.all(recorders);
  isRecording = false;
  await Promise.all(readers);
  const expected = months.map((month) => [partitionOf(month), 4] as const);
  expect(await whereRowsAre(sql)).toEqual({
    ...Object.fromEntries(expected),
    [partitionOf(monthsFromNow(-30))]: 4 * 24,
  });
  await expectRollupsEqualRows(sql);
});

test('no row is refused for its date; wild dates make no partitions', async () => {
  const { sql } = await server.freshDatabase();
  await makePartitionsAhead(sql);
  const before = await sql`select name from outcome_partitions order by name`;
  const dates = [
    ...['0001-01-01T00:00:00Z', '0001-01-01T00:00:00+14:00', '9999-12-31T23:59:59-10:00'],
    ...['1969-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999999Z', monthsFromNow(9)],
  ];
  const messages = dates.map((date, offset) => at(offset, date));
  const farAhead = { offset: 6, value: '{"enriched":false}', timestamp: 8_640_000_000_000_000 };
  const counts = await recordMessages(
    [...messages, farAhead],
    recordPorts(sql, new MemoryQuarantine()),
  );
  expect(counts.applied).toBe(7);
  expect(await whereRowsAre(sql)).toEqual({ auction_outcomes_default: 7 });
  expect(await sql`select name from outcome_partitions order by name`).toEqual(before);
  await expectRollupsEqualRows(sql);
  const [bc] = await sql`select min("timestamp")::text as first from auction_outcomes`;
  expect(bc?.first).toBe('0001-12-31 10:00:00+00 BC');
});

test('the schema takes what PostgreSQL calls a time: infinite, before Christ, year 294276', async () => {
  const { sql } = await server.freshDatabase();
  for (const date of ['infinity', '-infinity', '4713-01-01 BC', '294276-12-31']) {
    await sql`
      insert into auction_outcomes (bid_id, user_id, site_domain, win_status, win_price, bid_price, currency,
        enriched, "timestamp", user_interests, raw_data, kafka_topic, kafka_partition, kafka_offset)
      values ('', '', '', true, 0, 0, 'USD', true, ${date}::timestamptz, '[]', '{}', 't', 0, 0)`;
  }
  expect(await whereRowsAre(sql)).toEqual({ auction_outcomes_default: 4 });
});

test('rows that wait in the default partition move when their month gets its own', async () => {
  const { sql } = await server.freshDatabase();
  const ports = recordPorts(sql, new MemoryQuarantine());
  const later = monthsFromNow(5);
  await recordMessages([at(0, later), at(1, monthsFromNow(6)), at(2, later)], ports);
  const rows = () => sql`select id, "timestamp", kafka_offset from auction_outcomes order by id`;
  const before = await rows();
  const [made] = await sql`
    select make_outcome_partition(date_trunc('month', ${later}::timestamptz at time zone 'UTC')::date) as name`;
  expect(made?.name).toBe(partitionOf(later));
  expect(await whereRowsAre(sql)).toEqual({
    ...{ [partitionOf(later)]: 2, auction_outcomes_default: 1 },
  });
  expect(await rows()).toEqual(before);
  await expectRollupsEqualRows(sql);
});

test('a row that is on its way into the default partition moves, too', async () => {
  const { env, sql } = await server.freshDatabase();
  const later = monthsFromNow(5);
  const recorder = recordPorts(server.connect(env, 1), new MemoryQuarantine());
  const { outcomes } = recorder;
  let making: Promise<unknown> | undefined;
  const record: typeof outcomes.record = (stream, work) =>
    outcomes.record(stream, async (recording) => {
      const result = await work(recording);
      making = sql`
        select make_outcome_partition(date_trunc('month', ${later}::timestamptz at time zone 'UTC')::date)`;
      await sleep(200);
      return result;
    });
  await recordMessages([at(0, later)], { ...recorder, outcomes: { ...outcomes, record } });
  await making;
  expect(await whereRowsAre(sql)).toEqual({ [partitionOf(later)]: 1 });
  await expectRollupsEqualRows(sql);
});

test('a long query in the way: rows go to the default partition, the log says so, a later batch moves them', async () => {
  const { env, sql } = await server.freshDatabase();
  const warnings: unknown[] = [];
  const ports = {
    ...recordPorts(sql, new MemoryQuarantine()),
    logger: { warn: (...args: unknown[]) => warnings.push(args) },
  };
  const month = monthsFromNow(-50);
  await server.connect(env, 1).begin(async (longQuery) => {
    await longQuery`select count(*) from auction_outcomes`;
    const batch = {
      topic: 'auction_outcomes',
      partition: 0,
      records: [at(0, month)].map(kafkaRecord),
    };
    expect((await recordPartition(batch, ports)).applied).toBe(1);
  });
  expect(warnings.length).toBe(1);
  expect(await whereRowsAre(sql)).toEqual({ auction_outcomes_default: 1 });
  await recordMessages([at(1, month)], ports);
  expect(await whereRowsAre(sql)).toEqual({ [partitionOf(month)]: 2 });
  expect(await recordedPositions(sql)).toEqual(['auction_outcomes/0/0', 'auction_outcomes/0/1']);
  await expectRollupsEqualRows(sql);
});

test('a month that gets its partition while rows wait to go to the default one: they go to the new one', async () => {
  const { env, sql } = await server.freshDatabase();
  const month = monthsFromNow(-50);
  let recording: Promise<unknown> | undefined;
  await server.connect(env, 1).begin(async (maker) => {
    await maker`
      select make_outcome_partition(date_trunc('month', ${month}::timestamptz at time zone 'UTC')::date)`;
    // It waits a second for the maker, gives that up, and then waits for the default partition.
    recording = recordMessages([at(0, month)], recordPorts(sql, new MemoryQuarantine()));
    recording.catch(() => {});
    const inserting = () => sql`
      select from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock' and query like '%with message%'`;
    while ((await inserting()).length === 0) await sleep(20);
  });
  await recording;
  expect(await whereRowsAre(sql)).toEqual({ [partitionOf(month)]: 1 });
  await expectRollupsEqualRows(sql);
});

test('this month and the next two are there before they are needed', async () => {
  const { sql } = await server.freshDatabase('template1');
  await migrateDatabase(sql);
  const expected = [0, 1, 2].map((months) => partitionOf(monthsFromNow(months)));
  expect(await makePartitionsAhead(sql)).toEqual(expected);
  expect(await makePartitionsAhead(sql)).toEqual([]);
});
