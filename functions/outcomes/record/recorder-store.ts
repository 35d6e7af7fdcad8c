// Writes rows, rollups and the position of one stream partition in one transaction. The lock on the
// position's row makes it one recorder at a time for a partition; recorders of other partitions meet
// only on rollup rows, which all take in the same order: so none deadlocks another.
import { isConflict, retryConflicts } from '../../platform/database-errors.ts';
import type { Sql, Statement } from '../../platform/sql-client.ts';
import { sql as query } from '../query/sql.ts';
import type { OutcomeRow } from './row.ts';
import { writingQuery } from './writing-query.ts';

/** Rollup rows of a day: more would be more rows to sum, fewer more waiting for each other. */
export const ROLLUP_SHARDS = 8;
const NO_OFFSET = -1n;

export interface Stream {
  readonly epoch: string;
  readonly topic: string;
  readonly partition: number;
}

/** One transaction, which holds the stream's position until it ends. */
export interface Recording {
  /** The last offset that was recorded or quarantined; -1 before the first. */
  readonly lastOffset: bigint;
  /** Those that are there already, or were and are deleted, by their position. */
  recordedAmong(rows: readonly OutcomeRow[]): Promise<ReadonlySet<OutcomeRow>>;
  /** Those that are not there and never were, as far as can be told: what retention dropped is none. */
  strangersAmong(rows: readonly OutcomeRow[]): Promise<readonly OutcomeRow[]>;
  insert(rows: readonly OutcomeRow[]): Promise<void>;
  /** @param newestEventMs of the newest record up to there, since 1970; undefined when none has a time. */
  moveTo(offset: bigint, newestEventMs: number | undefined): Promise<void>;
}

export interface RecorderStore {
  /**
   * Makes the partitions that these months and those to come need. False when a long query was in the
   * way: rows then go to the default partition, and the next call that gets through moves them.
   */
  makePartitions(months: readonly string[]): Promise<boolean>;
  /** Commits when `work` is done, undoes all when it fails. A conflict runs `work` again. */
  record<T>(stream: Stream, work: (recording: Recording) => Promise<T>): Promise<T>;
}

export function makeRecorderStore(sql: Sql): RecorderStore {
  return {
    async makePartitions(months) {
      try {
        await sql`select make_outcome_partitions(${months}::date[])`;
        return true;
      } catch (error) {
        if (isConflict(error)) return false;
        throw error;
      }
    },

    record: (stream, work) =>
      retryConflicts(() =>
        sql.begin(async (statement) => {
          const lastOffset = await lockPosition(statement, stream);
          return work({
            lastOffset,
            recordedAmong: (rows) => findRecorded(statement, stream, rows),
            strangersAmong: (rows) => findStrangers(statement, stream, rows),
            insert: (rows) => insertRows(statement, stream, rows),
            moveTo: (offset, newest) => movePosition(statement, stream, offset, newest),
          });
        }),
      ),
  };
}

/** Creates the row at the first batch, and locks it either way. */
async function lockPosition(sql: Statement, stream: Stream): Promise<bigint> {
  const { epoch, topic, partition } = stream;
  const [position] = await sql<{ last_offset: string }>`
    insert into stream_positions as held (stream_epoch, kafka_topic, kafka_partition, last_offset)
    values (${epoch}, ${topic}, ${partition}, ${NO_OFFSET.toString()})
    on conflict (stream_epoch, kafka_topic, kafka_partition)
      do update set last_offset = held.last_offset
    returning last_offset`;
  if (!position) throw new Error('PostgreSQL answered no row for a stream position.');
  return BigInt(position.last_offset);
}

/** An event of the future is one of a wrong clock: it counts as one of now. */
async function movePosition(
  sql: Statement,
  stream: Stream,
  offset: bigint,
  newestEventMs: number | undefined,
): Promise<void> {
  const { epoch, topic, partition } = stream;
  const hasTime = newestEventMs !== undefined;
  await sql`
    update stream_positions set last_offset = ${offset.toString()}, updated_at = now(),
      newest_event_at = case when ${hasTime} then greatest(
        newest_event_at, least(now(), to_timestamp(${newestEventMs ?? 0}::double precision / 1000))
      ) else newest_event_at end
    where stream_epoch = ${epoch} and kafka_topic = ${topic} and kafka_partition = ${partition}`;
}

/** By its time, which has an index and which the record alone decides, and then by its position. */
async function findRecorded(
  sql: Statement,
  { topic, partition }: Stream,
  rows: readonly OutcomeRow[],
): Promise<ReadonlySet<OutcomeRow>> {
  const found = await sql<{ place: string }>`
    select asked.place
    from unnest(
      ${rows.map((row) => row.timestamp)}::timestamptz[], ${rows.map((row) => row.kafka_offset)}::bigint[]
    ) with ordinality as asked ("timestamp", kafka_offset, place)
    where exists (
      select from auction_outcomes as recorded
      where recorded."timestamp" = asked."timestamp" and recorded.kafka_offset = asked.kafka_offset
        and recorded.kafka_topic = ${topic} and recorded.kafka_partition = ${partition}::integer
    ) or exists (
      select from deleted_outcomes as deleted
      where deleted."timestamp" = asked."timestamp" and deleted.kafka_offset = asked.kafka_offset
        and deleted.kafka_topic = ${topic} and deleted.kafka_partition = ${partition}::integer
    )`;
  const places = new Set(found.map(({ place }) => Number(place)));
  return new Set(rows.filter((_row, index) => places.has(index + 1)));
}

async function findStrangers(
  sql: Statement,
  stream: Stream,
  rows: readonly OutcomeRow[],
): Promise<readonly OutcomeRow[]> {
  const recorded = await findRecorded(sql, stream, rows);
  const missing = rows.filter((row) => !recorded.has(row));
  if (missing.length === 0) return [];
  const kept = await sql<{ place: string }>`
    select asked.place
    from unnest(${missing.map((row) => row.timestamp)}::timestamptz[])
      with ordinality as asked ("timestamp", place)
    where (asked."timestamp" at time zone 'UTC')::date
      > coalesce((select max(day) from dropped_outcome_days), '-infinity')`;
  const places = new Set(kept.map(({ place }) => Number(place)));
  return missing.filter((_row, index) => places.has(index + 1));
}

async function insertRows(
  send: Statement,
  { topic, partition }: Stream,
  rows: readonly OutcomeRow[],
): Promise<void> {
  const { texts, values } = writingQuery({
    message: query`select * from json_to_recordset(${JSON.stringify(rows)}::text::json) as message (
        bid_id text, user_id text, site_domain text, win_status boolean,
        win_price numeric, bid_price numeric, currency text, enriched boolean,
        "timestamp" timestamptz, auction_timestamp timestamptz,
        user_interests jsonb, raw_data text, kafka_offset bigint
      )`,
    insertion: query`insert into auction_outcomes (
        bid_id, user_id, site_domain, win_status, win_price, bid_price, currency, enriched,
        "timestamp", auction_timestamp, user_interests, raw_data,
        kafka_topic, kafka_partition, kafka_offset
      )
      select
        bid_id, user_id, site_domain, win_status, win_price, bid_price, currency, enriched,
        "timestamp", auction_timestamp, user_interests, raw_data::jsonb,
        ${topic}::text, ${partition}::integer, kafka_offset
      from message
      order by kafka_offset`,
    shard: partition % ROLLUP_SHARDS,
  });
  await send(texts, ...values);
}
