// The statement that writes rows into the table, and by what it wrote the rollups. Pure.
import { type Sql, sql } from '../query/sql.ts';

export interface Written {
  /** What the rows are made of. */
  readonly message: Sql;
  /** Of `message` into auction_outcomes. */
  readonly insertion: Sql;
  /** Of the rollups' rows. */
  readonly shard: number;
}

/**
 * One statement, so that the rollups count exactly the rows that it inserts. Day rows are taken in the
 * order of their key and, which is all that the condition on `by_day` is for, before the first site
 * row: who shares a site row shares its day row, so nobody meets on the site rows out of order.
 */
export function writingQuery({ message, insertion, shard }: Written): Sql {
  return sql`
    with message as (
      ${message}
    ), recorded as (
      ${insertion}
      returning
        id, ("timestamp" at time zone 'UTC')::date as day,
        site_domain, currency, win_status, enriched, win_price, bid_price
    ), by_block as (
      insert into outcome_id_months
      select distinct outcome_id_block(id) as id_block, date_trunc('month', day)::date as first_day
      from recorded
      order by id_block, first_day
      on conflict do nothing
    ), by_site as (
      select site_domain, day, currency, win_status, enriched, count(*) as outcomes,
        sum(win_price) as win_price_sum, sum(bid_price) as bid_price_sum
      from recorded
      group by site_domain, day, currency, win_status, enriched
    ), by_day as (
      insert into outcome_days as total
      select day, currency, win_status, enriched, ${shard}::smallint, sum(outcomes),
        sum(win_price_sum), sum(bid_price_sum)
      from by_site
      group by day, currency, win_status, enriched
      order by day, currency, win_status, enriched
      on conflict (day, currency, win_status, enriched, shard) do update set
        outcomes = total.outcomes + excluded.outcomes,
        win_price_sum = total.win_price_sum + excluded.win_price_sum,
        bid_price_sum = total.bid_price_sum + excluded.bid_price_sum
      returning 1
    )
    insert into outcome_site_days as total
    select site_domain, day, currency, win_status, enriched, ${shard}::smallint,
      outcomes, win_price_sum, bid_price_sum
    from by_site
    where (select count(*) from by_day) > 0
    on conflict (site_domain, day, currency, win_status, enriched, shard) do update set
      outcomes = total.outcomes + excluded.outcomes,
      win_price_sum = total.win_price_sum + excluded.win_price_sum,
      bid_price_sum = total.bid_price_sum + excluded.bid_price_sum`;
}
