// I14, I15: redelivery in other batches, and rollups that equal SQL over the rows.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  expectRollupsEqualRows,
  MemoryQuarantine,
  recordedPositions,
  recordMessages,
  recordPorts,
} from '../support/outcomes.ts';
import { useTestPostgres } from '../support/postgres.ts';
import { makeRandom, seeds } from '../support/random.ts';

const server = useTestPostgres();
const FIXTURES = join(import.meta.dirname, '..', 'fixtures', 'api');

function fixture<T>(name: string): T[] {
  const lines = readFileSync(join(FIXTURES, name), 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line));
}

interface Captured {
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  readonly value: string;
}
const captured = fixture<Captured>('outcomes.ndjson');

test('the sample file: ids are ranks, columns as the messages have them', async () => {
  const { sql } = await server.freshDatabase();
  const quarantine = new MemoryQuarantine();
  const ports = recordPorts(sql, quarantine);
  for (let start = 0; start < captured.length; start += 500) {
    await recordMessages(captured.slice(start, start + 500), ports);
  }
  expect(quarantine.reasons).toEqual(new Map());
  const rows = await sql`
    select id, bid_id, user_id, site_domain, win_status, win_price, bid_price, currency, enriched,
      to_char("timestamp" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "timestamp",
      to_char(auction_timestamp at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as auction_timestamp,
      user_interests, raw_data, kafka_topic, kafka_partition, kafka_offset, updated_at - created_at as age
    from auction_outcomes order by id`;
  expect(rows.map((row) => ({ ...row }))).toEqual(
    captured.map(({ offset, value }, index) => {
      const message = JSON.parse(value);
      const { bid_request_id, ...columns } = message;
      return {
        ...columns,
        id: String(index + 1),
        bid_id: bid_request_id,
        raw_data: message,
        ...{ kafka_topic: 'auction_outcomes', kafka_partition: 0, kafka_offset: String(offset) },
        age: '00:00:00',
      };
    }),
  );
  await expectRollupsEqualRows(sql);
});

test('redelivered in other batches, overlapping: one row or one quarantined record each', async () => {
  const messages = readFileSync(join(FIXTURES, 'messages.ndjson'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((value, offset) => ({ value, offset }));
  for (const seed of seeds(3)) {
    const random = makeRandom(seed);
    const { sql } = await server.freshDatabase();
    const quarantine = new MemoryQuarantine();
    const ports = recordPorts(sql, quarantine);
    let [records, taken] = [0, 0];
    for (let next = 0; next < messages.length; ) {
      const start = Math.max(0, next - (random.chance(0.4) ? random.below(300) : 0));
      const end = next + random.below(200);
      const batch = messages.slice(start, Math.max(end, start + 1));
      const counts = await recordMessages(batch, ports);
      expect(counts.applied + counts.skipped + counts.quarantined).toBe(batch.length);
      records += batch.length;
      taken += counts.applied + counts.quarantined;
      next = Math.max(next, end);
    }
    expect(records, `seed ${seed}`).toBeGreaterThan(messages.length);
    expect(taken, `seed ${seed}`).toBe(messages.length);
    const positions = [...(await recordedPositions(sql)), ...quarantine.reasons.keys()];
    const all = messages.map(({ offset }) => `auction_outcomes/0/${offset}`);
    expect(positions.sort(), `seed ${seed}`).toEqual(all.sort());
    await expectRollupsEqualRows(sql);
  }
});

test('an offset twice in one batch is one row', async () => {
  const { sql } = await server.freshDatabase();
  const ports = recordPorts(sql, new MemoryQuarantine());
  const twice = [7, 7, 8].map((offset) => ({ offset, value: '{"win_price":1}' }));
  expect(await recordMessages(twice, ports)).toEqual({
    ...{ records: 3, applied: 2, skipped: 1, ignored: 0, quarantined: 0 },
  });
  expect(await recordedPositions(sql)).toEqual(['auction_outcomes/0/7', 'auction_outcomes/0/8']);
});

test('a batch that is quarantined whole is not looked at twice', async () => {
  const { sql } = await server.freshDatabase();
  const ports = recordPorts(sql, new MemoryQuarantine());
  const batch = [3, 4].map((offset) => ({ offset, value: 'no JSON' }));
  expect(await recordMessages(batch, ports)).toMatchObject({ quarantined: 2, skipped: 0 });
  expect(await recordMessages(batch, ports)).toMatchObject({ quarantined: 0, skipped: 2 });
});

test('topic, partition and epoch are streams of their own', async () => {
  const { sql } = await server.freshDatabase();
  const message = { offset: 0, value: '{"enriched":false}' };
  const first = recordPorts(sql, new MemoryQuarantine(), '0');
  const anew = recordPorts(sql, new MemoryQuarantine(), '1');
  const counts = [
    await recordMessages([message], first),
    await recordMessages([message], first),
    await recordMessages([{ ...message, partition: 1 }], first),
    await recordMessages([{ ...message, topic: 'other' }], first),
    await recordMessages([message], anew),
  ];
  expect(counts.map(({ applied }) => applied)).toEqual([1, 0, 1, 1, 1]);
});

test('prices and numbers keep every digit; sums are exact', async () => {
  const { sql } = await server.freshDatabase();
  const prices = ['1.10', '0.1', '0.2', '12345678901234567890.123456789', '1E2', '1e-30', '-0.30'];
  const messages = prices.map((price, offset) => ({
    offset,
    value: `{"win_status":true,"win_price":${price},"bid_price":"${price}","nonce":98765432109876543210.10}`,
  }));
  await recordMessages(messages, recordPorts(sql, new MemoryQuarantine()));
  const rows = await sql`
    select win_price, bid_price, raw_data ->> 'nonce' as nonce, raw_data ->> 'win_price' as raw_price
    from auction_outcomes order by id`;
  const stored = [
    ...['1.10', '0.1', '0.2', '12345678901234567890.123456789', '100'],
    ...['0.000000000000000000000000000001', '-0.30'],
  ];
  expect(rows.map((row) => row.win_price)).toEqual(stored);
  expect(rows.map((row) => row.bid_price)).toEqual(stored);
  expect(rows.map((row) => row.raw_price)).toEqual(stored);
  expect(new Set(rows.map((row) => row.nonce))).toEqual(new Set(['98765432109876543210.10']));
  const [total] =
    await sql`select sum(win_price_sum) as revenue from outcome_days where win_status`;
  expect(total?.revenue).toBe('12345678901234567991.223456789000000000000000000001');
});

test('I67: a topic whose offsets start again is noticed: its records are quarantined, not taken for old ones', async () => {
  const { sql } = await server.freshDatabase();
  const quarantine = new MemoryQuarantine();
  const ports = recordPorts(sql, quarantine);
  const before = [0, 1, 2].map((offset) => ({ offset, value: `{"bid_id":"old-${offset}"}` }));
  await recordMessages(before, ports);
  const moved = [1, 2, 3].map((offset) => ({
    offset,
    value: `{"bid_id":"new-${offset}"}`,
    timestamp: 1_800_000_000_000 + offset,
  }));
  expect(await recordMessages([...before, ...moved.slice(2)], ports)).toMatchObject({
    ...{ applied: 1, skipped: 3, quarantined: 0 },
  });
  expect(await recordMessages(moved, ports)).toMatchObject({ skipped: 1, quarantined: 2 });
  const reason = /^offset 1: all up to 3 was recorded before, and not this record: .* STREAM_EPOCH/;
  expect(quarantine.reasons.get('auction_outcomes/0/1')).toMatch(reason);
});

test('I67: beside such records also those that cannot be read are quarantined', async () => {
  const { sql } = await server.freshDatabase();
  const quarantine = new MemoryQuarantine();
  const ports = recordPorts(sql, quarantine);
  const before = [0, 1, 2].map((offset) => ({ offset, value: `{"bid_id":"old-${offset}"}` }));
  await recordMessages(before, ports);
  const anew = [
    { offset: 0, value: '{"bid_id":"new","win_price":1}' },
    { offset: 1, value: '{"bid_id":"new","win_price":"$1"}' },
    { offset: 2, value: 'not json' },
  ].map((message) => ({ ...message, timestamp: 1_800_000_000_000 }));
  expect(await recordMessages(anew, ports)).toMatchObject({ skipped: 0, quarantined: 3 });
  expect(quarantine.reasons.get('auction_outcomes/0/1')).toMatch(/^win_price: /);
  expect(quarantine.reasons.get('auction_outcomes/0/2')).toMatch(/^value: must be a JSON object/);
});

test('I67: what retention dropped is old, not of a topic made anew', async () => {
  const { sql } = await server.freshDatabase();
  const quarantine = new MemoryQuarantine();
  const ports = recordPorts(sql, quarantine);
  const messages = ['2024-01-05', '2025-03-05'].map((day, offset) => ({
    offset,
    value: `{"bid_id":"b","timestamp":"${day}"}`,
  }));
  await recordMessages(messages, ports);
  await sql`select drop_outcomes_before('2025-01-01'::date)`;
  expect(await recordMessages(messages, ports)).toMatchObject({ skipped: 2, quarantined: 0 });
});
