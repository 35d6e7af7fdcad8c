// Compares the rollups with SQL over the rows, and makes them equal again. Rows and rollups are written in
// one transaction, so one statement sees both as of one moment, however many recorders write: what it finds
// different is damage, not work in progress. Damage stays what it is while others add to the same row, so
// the correction is added too, and recorders wait for no more than their turn at a row.
import { retryConflicts } from '../../platform/database-errors.ts';
import type { Sql, Statement } from '../../platform/sql-client.ts';
import { ROLLUP_SHARDS } from '../record/recorder-store.ts';

export interface RollupDifference {
  readonly aggregate: string;
  readonly attribute: string;
  readonly expected: string;
  readonly actual: string;
}

export interface RollupsResult {
  readonly rows: number;
  readonly differences: readonly RollupDifference[];
}

/** Days that are compared in one go: each is one statement, so whoever stops between two has lost nothing. */
export interface Days {
  /** The first of them; all that there are when it is empty. */
  readonly from: string;
  /** Asked after each day. */
  readonly mustStop: () => boolean;
}

export interface RollupsPart extends RollupsResult {
  /** Where to go on; what is of no day, and `rows`, comes with the last part. */
  readonly nextDay?: string | undefined;
}

const ALL_DAYS: Days = { from: '', mustStop: () => false };

/** One rollup row that differs: figures as text, digit by digit. `site_domain` is null in outcome_days. */
interface Differing {
  readonly site_domain: string | null;
  readonly day: string;
  readonly currency: string;
  readonly win_status: boolean;
  readonly enriched: boolean;
  readonly shard: number;
  /** The three figures, as a JSON list. */
  readonly expected: string;
  readonly found: string;
  /** What is to be added. */
  readonly outcomes: string;
  readonly win_price_sum: string;
  readonly bid_price_sum: string;
}

const FIGURES = ['outcomes', 'win_price_sum', 'bid_price_sum'] as const;
const REBUILD_LOCK = 'rebuild of the rollups';

export async function auditRollups(sql: Sql, days = ALL_DAYS): Promise<RollupsPart> {
  return sql.begin(async (snapshot) => {
    const part = await eachDay(snapshot, days, (day) => differingOf(snapshot, day));
    if (part.nextDay) return part;
    const differences = [
      ...part.differences,
      ...(await droppedDifferences(snapshot)),
      ...(await positionDifferences(snapshot)),
    ];
    return { rows: part.rows, differences };
  }, 'isolation level repeatable read read only');
}

/** A day at a time, each in a transaction of its own. A second rebuild waits for the first's day. */
export async function rebuildRollups(
  sql: Sql,
  isDryRun: boolean,
  days = ALL_DAYS,
): Promise<RollupsPart> {
  return eachDay(sql, days, (day) =>
    retryConflicts(() =>
      isDryRun ? differingOf(sql, day) : sql.begin((statement) => mendDay(statement, day)),
    ),
  );
}

async function eachDay(
  sql: Statement,
  { from, mustStop }: Days,
  compare: (day: string) => Promise<Differing[]>,
): Promise<RollupsPart> {
  const differences: RollupDifference[] = [];
  const days = await daysOf(sql, from);
  for (const [index, day] of days.entries()) {
    differences.push(...(await compare(day)).flatMap(toDifferences));
    const nextDay = days[index + 1];
    if (nextDay && mustStop()) return { rows: 0, differences, nextDay };
  }
  return { rows: await countRows(sql), differences };
}

/**
 * The lock on the table is a recorder's own: it keeps retention away, which moves rollups, and no recorder.
 * Locks on rollup rows are taken as recorders take them: those of the day in the order of their key, then
 * those of sites.
 */
async function mendDay(sql: Statement, day: string): Promise<Differing[]> {
  await sql`select pg_advisory_xact_lock(hashtext(${REBUILD_LOCK}))`;
  await sql`lock table only auction_outcomes in row exclusive mode`;
  const differing = await differingOf(sql, day);
  if (differing.length === 0) return [];
  await sql`
    select from outcome_days where day = ${day}::date
    order by day, currency, win_status, enriched, shard for update`;
  await addToDays(
    sql,
    differing.filter(({ site_domain }) => site_domain === null),
  );
  await addToSites(
    sql,
    differing.filter(({ site_domain }) => site_domain !== null),
  );
  await sql`delete from outcome_site_days where day = ${day}::date and outcomes = 0 and win_price_sum = 0 and bid_price_sum = 0`;
  await sql`delete from outcome_days where day = ${day}::date and outcomes = 0 and win_price_sum = 0 and bid_price_sum = 0`;
  return differing;
}

async function addToDays(sql: Statement, corrections: readonly Differing[]): Promise<void> {
  await sql`
    insert into outcome_days as total
    select * from json_to_recordset(${JSON.stringify(corrections)}::text::json) as correction (
      day date, currency text, win_status boolean, enriched boolean, shard smallint,
      outcomes bigint, win_price_sum numeric, bid_price_sum numeric
    )
    order by day, currency collate "C", win_status, enriched, shard
    on conflict (day, currency, win_status, enriched, shard) do update set
      outcomes = total.outcomes + excluded.outcomes,
      win_price_sum = total.win_price_sum + excluded.win_price_sum,
      bid_price_sum = total.bid_price_sum + excluded.bid_price_sum`;
}

async function addToSites(sql: Statement, corrections: readonly Differing[]): Promise<void> {
  await sql`
    insert into outcome_site_days as total
    select * from json_to_recordset(${JSON.stringify(corrections)}::text::json) as correction (
      site_domain text, day date, currency text, win_status boolean, enriched boolean, shard smallint,
      outcomes bigint, win_price_sum numeric, bid_price_sum numeric
    )
    on conflict (site_domain, day, currency, win_status, enriched, shard) do update set
      outcomes = total.outcomes + excluded.outcomes,
      win_price_sum = total.win_price_sum + excluded.win_price_sum,
      bid_price_sum = total.bid_price_sum + excluded.bid_price_sum`;
}

/** Every day that a row or a rollup is of; the rows' own by one probe of the index a day. */
async function daysOf(sql: Statement, from: string): Promise<string[]> {
  const days = await sql<{ day: string }>`
    with recursive row_days (day) as (
      select (min("timestamp") at time zone 'UTC')::date from auction_outcomes
      union all
      select (
        select (min("timestamp") at time zone 'UTC')::date from auction_outcomes
        where "timestamp" >= (row_days.day + 1)::timestamp at time zone 'UTC'
      )
      from row_days where row_days.day is not null
    )
    select day::text as day from (
      select day from row_days where day is not null
      union select day from outcome_days
      union select day from outcome_site_days
    ) as days where days.day >= ${from || '-infinity'}::date order by days.day`;
  return days.map(({ day }) => day);
}

/** A shard is its partition's, so each rollup row is recomputed by itself. One statement, one moment. */
async function differingOf(sql: Statement, day: string): Promise<Differing[]> {
  return sql<Differing>`
    with recorded as (
      select site_domain, currency, win_status, enriched,
        (kafka_partition % ${ROLLUP_SHARDS}::integer)::smallint as shard, win_price, bid_price
      from auction_outcomes
      where "timestamp" >= ${day}::date::timestamp at time zone 'UTC'
        and "timestamp" < (${day}::date + 1)::timestamp at time zone 'UTC'
    ), side as (
      select site_domain, currency, win_status, enriched, shard, true as is_expected,
        count(*) as outcomes, sum(win_price) as win, sum(bid_price) as bid
      from recorded
      group by grouping sets (
        (currency, win_status, enriched, shard), (site_domain, currency, win_status, enriched, shard)
      )
      union all
      select null, currency, win_status, enriched, shard, false, outcomes, win_price_sum, bid_price_sum
      from outcome_days where day = ${day}::date
      union all
      select site_domain, currency, win_status, enriched, shard, false, outcomes, win_price_sum, bid_price_sum
      from outcome_site_days where day = ${day}::date
    ), both_sides as (
      select site_domain, currency, win_status, enriched, shard,
        coalesce(sum(outcomes) filter (where is_expected), 0) as outcomes,
        coalesce(sum(win) filter (where is_expected), 0) as win,
        coalesce(sum(bid) filter (where is_expected), 0) as bid,
        coalesce(sum(outcomes) filter (where not is_expected), 0) as found_outcomes,
        coalesce(sum(win) filter (where not is_expected), 0) as found_win,
        coalesce(sum(bid) filter (where not is_expected), 0) as found_bid
      from side
      group by site_domain, currency, win_status, enriched, shard
    )
    select ${day}::date::text as day, site_domain, currency, win_status, enriched, shard,
      json_build_array(outcomes::text, trim_scale(win)::text, trim_scale(bid)::text)::text as expected,
      json_build_array(found_outcomes::text, trim_scale(found_win)::text, trim_scale(found_bid)::text)::text
        as found,
      (outcomes - found_outcomes)::text as outcomes,
      (win - found_win)::text as win_price_sum,
      (bid - found_bid)::text as bid_price_sum
    from both_sides
    where (outcomes, win, bid) is distinct from (found_outcomes, found_win, found_bid)
    order by site_domain nulls first, currency, win_status, enriched, shard`;
}

/** What retention dropped has no rows to compare with, but two tables that must say the same. */
async function droppedDifferences(sql: Statement): Promise<RollupDifference[]> {
  const differing = await sql<{ place: string; by_day: string; by_site: string }>`
    with by_site as (
      select day, currency, win_status, enriched, sum(outcomes) as outcomes,
        sum(win_price_sum) as win_price_sum, sum(bid_price_sum) as bid_price_sum
      from dropped_outcome_site_days group by day, currency, win_status, enriched
    )
    select concat_ws(' ', day, currency, 'win=' || win_status, 'enriched=' || enriched) as place,
      concat_ws(' ', d.outcomes, trim_scale(d.win_price_sum), trim_scale(d.bid_price_sum)) as by_day,
      concat_ws(' ', s.outcomes, trim_scale(s.win_price_sum), trim_scale(s.bid_price_sum)) as by_site
    from dropped_outcome_days as d full join by_site as s using (day, currency, win_status, enriched)
    where (d.outcomes, d.win_price_sum, d.bid_price_sum)
      is distinct from (s.outcomes, s.win_price_sum, s.bid_price_sum)
    order by 1`;
  return differing.map(({ place, by_day, by_site }) => ({
    aggregate: `dropped outcomes ${place}`,
    attribute: 'outcomes win_price_sum bid_price_sum',
    expected: by_site || 'none by the sites',
    actual: by_day || 'none',
  }));
}

/** A position below a row's offset would let its record in again. Redriven rows keep their first offset. */
async function positionDifferences(sql: Statement): Promise<RollupDifference[]> {
  const behind = await sql<{ place: string; recorded: string; last: string }>`
    with recorded as (
      select kafka_topic, kafka_partition, max(kafka_offset) as last_offset
      from auction_outcomes group by kafka_topic, kafka_partition
    ), position as (
      select kafka_topic, kafka_partition, max(last_offset) as last_offset
      from stream_positions group by kafka_topic, kafka_partition
    )
    select concat(kafka_topic, ' partition ', kafka_partition) as place,
      recorded.last_offset::text as recorded, coalesce(position.last_offset, -1)::text as last
    from recorded left join position using (kafka_topic, kafka_partition)
    where coalesce(position.last_offset, -1) < recorded.last_offset
    order by 1`;
  return behind.map(({ place, recorded, last }) => ({
    aggregate: `position of ${place}`,
    attribute: 'last_offset',
    expected: `${recorded} or more`,
    actual: last,
  }));
}

async function countRows(sql: Statement): Promise<number> {
  const [count] = await sql<{ rows: string }>`
    select coalesce(sum(outcomes), 0)::text as rows from outcome_days`;
  return Number(count?.rows);
}

function toDifferences({ expected, found, ...group }: Differing): RollupDifference[] {
  const { site_domain: site, day, currency, win_status: won, enriched, shard } = group;
  const place = site === null ? `outcomes ${day}` : `outcomes ${day} site ${JSON.stringify(site)}`;
  const aggregate = `${place} ${currency} win=${won} enriched=${enriched} shard=${shard}`;
  const [want, have]: string[][] = [JSON.parse(expected), JSON.parse(found)];
  return FIGURES.flatMap((attribute, index) =>
    want?.[index] === have?.[index]
      ? []
      : [{ aggregate, attribute, expected: want?.[index] ?? '', actual: have?.[index] ?? '' }],
  );
}
