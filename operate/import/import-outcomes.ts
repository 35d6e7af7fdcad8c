// Takes the rows of another service's table into ours, page by page: rows, rollups and how far it got in one
// transaction, so that each row is here once, whenever it was stopped. The source is a stream of its own, whose
// offsets are the rows' ids.
import { sql as query } from '../../functions/outcomes/query/sql.ts';
import { writingQuery } from '../../functions/outcomes/record/writing-query.ts';
import type { Sql, Statement } from '../../functions/platform/sql-client.ts';
import { UserError } from '../../local/shared/user-error.ts';
import type { Page, SourceTable } from './source-table.ts';

const EPOCH = '0';
const PARTITION = 0;
const SHARD = 0;
const ROWS_A_PAGE = 5_000;
const BEFORE_ALL = -1n;

export interface ImportOptions {
  /** Under this name the rows' origin is kept: `import.<table>`. */
  readonly topic: string;
  readonly signal: AbortSignal;
  readonly onPage: (rows: number) => void;
}

/** How far an earlier run got. */
export async function importedUpTo(sql: Sql, topic: string): Promise<bigint> {
  const [position] = await sql<{ last_offset: string }>`
    select last_offset from stream_positions
    where stream_epoch = ${EPOCH} and kafka_topic = ${topic} and kafka_partition = ${PARTITION}`;
  return position ? BigInt(position.last_offset) : BEFORE_ALL;
}

/**
 * @returns whether all is there, or it was stopped before.
 * @throws {UserError} when ids of the source are taken by rows of our own.
 */
export async function importOutcomes(
  source: SourceTable,
  sql: Sql,
  { topic, signal, onPage }: ImportOptions,
): Promise<boolean> {
  const maxId = await source.maxId();
  if (maxId === undefined) return true;
  await keepIdsFree(sql, topic, maxId);
  let after = await importedUpTo(sql, topic);
  while (!signal.aborted) {
    const page = await source.page(after, ROWS_A_PAGE);
    if (!page) return true;
    if (page.lastId > maxId) await keepIdsFree(sql, topic, page.lastId);
    await makePartitions(sql, page);
    await sql.begin((statement) => takePage(statement, topic, after, page));
    after = page.lastId;
    onPage(page.rows);
  }
  return false;
}

/** What is recorded meanwhile gets ids behind those of the source. */
async function keepIdsFree(sql: Sql, topic: string, maxId: bigint): Promise<void> {
  const [taken] = await sql<{ id: string }>`
    select id from auction_outcomes where id <= ${maxId.toString()}::bigint and kafka_topic <> ${topic} limit 1`;
  if (taken) {
    throw new UserError(
      `Row ${taken.id} is there already, and the source has ids up to ${maxId}: import into a database that has ` +
        'recorded nothing yet, or before its first outcome. Nothing of it was changed.',
    );
  }
  await sql`
    select setval(sequence, greatest(${maxId.toString()}::bigint, coalesce(pg_sequence_last_value(sequence), 1)))
    from (select pg_get_serial_sequence('auction_outcomes', 'id')::regclass as sequence) as own`;
}

async function makePartitions(sql: Sql, { json }: Page): Promise<void> {
  await sql`
    select make_outcome_partitions(array(
      select distinct date_trunc('month', row."timestamp" at time zone 'UTC')::date
      from json_to_recordset(${json}::text::json) as row ("timestamp" timestamptz)
    ))`;
}

async function takePage(sql: Statement, topic: string, after: bigint, page: Page): Promise<void> {
  const [moved] = await sql<{ last_offset: string }>`
    insert into stream_positions as held (stream_epoch, kafka_topic, kafka_partition, last_offset)
    values (${EPOCH}, ${topic}, ${PARTITION}, ${page.lastId.toString()}::bigint)
    on conflict (stream_epoch, kafka_topic, kafka_partition) do update
      set last_offset = excluded.last_offset, updated_at = now()
      where held.last_offset = ${after.toString()}::bigint
    returning last_offset`;
  if (!moved) throw new UserError('Another import of this table is running.');
  const { texts, values } = writingQuery({
    message: query`select * from json_to_recordset(${page.json}::text::json) as source (
        id bigint, bid_id text, user_id text, site_domain text, win_status boolean, win_price numeric,
        bid_price numeric, currency text, enriched boolean, "timestamp" timestamptz, auction_timestamp timestamptz,
        user_interests jsonb, raw_data jsonb, created_at timestamptz, updated_at timestamptz
      )`,
    insertion: query`insert into auction_outcomes (
        id, bid_id, user_id, site_domain, win_status, win_price, bid_price, currency, enriched, "timestamp",
        auction_timestamp, user_interests, raw_data, created_at, updated_at, kafka_topic, kafka_partition, kafka_offset
      ) overriding system value
      select id, bid_id, user_id, site_domain, win_status, win_price, bid_price, currency, enriched, "timestamp",
        auction_timestamp, coalesce(user_interests, '[]'), coalesce(raw_data, '{}'), created_at, updated_at,
        ${topic}::text, ${PARTITION}::integer, id
      from message`,
    shard: SHARD,
  });
  await sql(texts, ...values);
}
