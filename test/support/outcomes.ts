// What the recorder's tests share: quarantine in memory, and the invariant that every one of them ends
// on, checked by SQL over the rows.
import { expect } from 'vitest';
import type { Rejection } from '../../functions/kafka/quarantine.ts';
import type { QuarantineStore } from '../../functions/kafka/quarantine-store.ts';
import { type RecordPorts, recordPartition } from '../../functions/outcomes/record/record.ts';
import { makeRecorderStore } from '../../functions/outcomes/record/recorder-store.ts';
import type { Sql } from '../../functions/platform/sql-client.ts';
import { kafkaRecord, type Message } from './kafka-record.ts';

/** By position, as the keys in S3 are: a second write of a record is no second object. */
export class MemoryQuarantine implements QuarantineStore {
  readonly reasons = new Map<string, string>();

  async put(rejections: readonly Rejection[]): Promise<void> {
    for (const { record, reason } of rejections) {
      this.reasons.set(`${record.topic}/${record.partition}/${record.offset}`, reason);
    }
  }
}

export function recordPorts(sql: Sql, quarantine: QuarantineStore, streamEpoch = '0'): RecordPorts {
  return {
    outcomes: makeRecorderStore(sql),
    quarantine,
    streamEpoch,
    logger: { warn: () => {} },
  };
}

/** One batch of one partition, as the handler hands it over. */
export function recordMessages(messages: readonly Message[], ports: RecordPorts) {
  const records = messages.map(kafkaRecord);
  const [first] = records;
  if (!first) throw new RangeError('A batch is never empty.');
  return recordPartition({ topic: first.topic, partition: first.partition, records }, ports);
}

const FIGURES = `count(*)::text as outcomes, trim_scale(sum(win_price))::text as win_price_sum, trim_scale(sum(bid_price))::text as bid_price_sum`;
const ROLLED_UP = `sum(outcomes)::text as outcomes, trim_scale(sum(win_price_sum))::text as win_price_sum, trim_scale(sum(bid_price_sum))::text as bid_price_sum`;

/** Both rollups equal SQL over the rows, in one snapshot; there is no row of zero. Zeros at the end are none of it. */
export async function expectRollupsEqualRows(sql: Sql): Promise<void> {
  await sql.begin(async (snapshot) => {
    const day = `("timestamp" at time zone 'UTC')::date`;
    const byDay = 'day, currency, win_status, enriched';
    const rows = (dimensions: string) =>
      snapshot([
        `select ${dimensions}, ${FIGURES} from (select *, ${day} as day from auction_outcomes) as r
         group by ${dimensions} order by ${dimensions}`,
      ]);
    const rollup = (table: string, dimensions: string) =>
      snapshot([
        `select ${dimensions}, ${ROLLED_UP} from ${table} group by ${dimensions} order by ${dimensions}`,
      ]);
    expect(await rollup('outcome_days', byDay)).toEqual(await rows(byDay));
    const bySite = `site_domain, ${byDay}`;
    expect(await rollup('outcome_site_days', bySite)).toEqual(await rows(bySite));
  }, 'isolation level repeatable read');
}

/** The positions that have a row, as text; one listed twice was recorded twice. */
export async function recordedPositions(sql: Sql): Promise<string[]> {
  const rows = await sql<{ position: string }>`
    select concat_ws('/', kafka_topic, kafka_partition, kafka_offset) as position
    from auction_outcomes order by kafka_topic, kafka_partition, kafka_offset`;
  return rows.map(({ position }) => position);
}
