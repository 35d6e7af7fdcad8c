// I29: a redriven record is one row, at the position and with the time of its first sending, however often
// it is sent, in whatever batches.
import { expect, test } from 'vitest';
import { REDRIVEN_HEADER } from '../../functions/contracts.ts';
import type { KafkaRecord } from '../../functions/kafka/records.ts';
import { recordPartition } from '../../functions/outcomes/record/record.ts';
import type { Sql } from '../../functions/platform/sql-client.ts';
import { kafkaRecord } from '../support/kafka-record.ts';
import {
  expectRollupsEqualRows,
  MemoryQuarantine,
  recordedPositions,
  recordPorts,
} from '../support/outcomes.ts';
import { useTestPostgres } from '../support/postgres.ts';
import { makeRandom, seeds } from '../support/random.ts';

const server = useTestPostgres();
const FIRST_MS = Date.UTC(2025, 0, 5);
const LATER_MS = Date.UTC(2025, 2, 1);

const first = (offset: number): KafkaRecord => ({
  ...kafkaRecord({ offset, value: `{"win_price":${offset}}`, timestamp: FIRST_MS + offset }),
});

/** As the topic has it when the broker stamps its own time on it. */
function again(record: KafkaRecord, offset: number, header?: string): KafkaRecord {
  const text = header ?? `0:0/${record.offset}@${record.timestamp}`;
  const headers = [{ name: REDRIVEN_HEADER, value: Buffer.from(text) }];
  return { ...record, offset: BigInt(offset), timestamp: LATER_MS, headers };
}

function record(sql: Sql, records: readonly KafkaRecord[], quarantine = new MemoryQuarantine()) {
  const batch = { topic: 'auction_outcomes', partition: 0, records };
  return recordPartition(batch, recordPorts(sql, quarantine));
}

test('it is the row that it would have been, and one, whether sent twice, or recorded before', async () => {
  const { sql } = await server.freshDatabase();
  await record(sql, [first(0), first(2)]);
  const counts = await record(sql, [again(first(1), 10), again(first(1), 11), again(first(2), 12)]);
  expect(counts).toMatchObject({ records: 3, applied: 1, skipped: 2, quarantined: 0 });
  expect(await record(sql, [again(first(1), 13)])).toMatchObject({ applied: 0, skipped: 1 });
  const rows = await sql`
    select kafka_offset, (extract(epoch from "timestamp") * 1000)::bigint as ms
    from auction_outcomes order by kafka_offset`;
  expect(rows.map((row) => ({ ...row }))).toEqual(
    [0, 1, 2].map((offset) => ({ kafka_offset: `${offset}`, ms: `${FIRST_MS + offset}` })),
  );
  await expectRollupsEqualRows(sql);
});

test('what still cannot be read goes to quarantine under its new position, with the first one', async () => {
  const { sql } = await server.freshDatabase();
  const quarantine = new MemoryQuarantine();
  const broken = { ...first(1), value: Buffer.from('no JSON') };
  await record(sql, [again(broken, 10)], quarantine);
  expect([...quarantine.reasons.keys()]).toEqual(['auction_outcomes/0/10']);
});

test.for([
  ['0:1/1@5', 'another partition'],
  ['1@5', 'no stream'],
  ['0:0/-1@5', 'no offset'],
  ['0:0/9223372036854775808@5', 'an offset that Kafka does not have'],
])('a header %s is refused: %s', async ([header]) => {
  const { sql } = await server.freshDatabase();
  const quarantine = new MemoryQuarantine();
  await record(sql, [again(first(1), 10, header)], quarantine);
  expect([...quarantine.reasons.values()]).toEqual([
    `header ${REDRIVEN_HEADER} is "${header}"; must be <epoch>:auction_outcomes:0/<offset>@<timestamp>`,
  ]);
});

test('any mixture of records and redriven ones: each first position is one row', async () => {
  const [seed = 0] = seeds(1);
  const random = makeRandom(seed);
  const { sql } = await server.freshDatabase();
  const log: KafkaRecord[] = [];
  const positions = new Set<string>();
  for (let offset = 0; offset < 400; offset += 1) {
    // Missing at first: refused, or of a batch that was given up.
    const missing = log.length > 0 && random.chance(0.4) ? random.below(offset) : undefined;
    log.push(missing === undefined ? first(offset) : again(first(missing), offset));
    positions.add(`auction_outcomes/0/${missing ?? offset}`);
  }
  for (let next = 0; next < log.length; ) {
    const end = next + 1 + random.below(60);
    await record(sql, log.slice(next, end));
    if (random.chance(0.7)) next = end;
  }
  expect(await recordedPositions(sql), `seed ${seed}`).toHaveLength(positions.size);
  expect(new Set(await recordedPositions(sql)), `seed ${seed}`).toEqual(positions);
  await expectRollupsEqualRows(sql);
});
