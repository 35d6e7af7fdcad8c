// Rows of real shape: 400 days up to now, a few users and sites that most rows are of, losses at price 0, raw
// messages of 300 bytes. The same rows at every run, but for the day that is today.
import type { Sql } from 'postgres';

export const DAYS = 400;
const CHUNK = 100_000;

/** An outcome's columns from its number n. Powers of an even spread make the skew. */
export const COLUMNS = `bid_id, user_id, site_domain, win_status, win_price, bid_price, currency, enriched,
  "timestamp", user_interests, raw_data, kafka_topic, kafka_partition, kafka_offset`;

/** Evenly over so many days, the last of so many rows just now. */
export function rowsSql(rows: number, days = DAYS): string {
  const spread = (name: string) =>
    `(hashtextextended('${name}' || n, 0) & 1048575) / 1048576.0::float8`;
  return `
    with drawn as (
      select n, 'bid-' || md5(n::text) as bid_id,
        'user-' || (20000 * (${spread('user')}) ^ 3)::int as user_id,
        'site-' || (500 * (${spread('site')}) ^ 3)::int || '.example.com' as site_domain,
        ${spread('win')} < 0.3 as win_status,
        round((0.05 + 4 * (${spread('price')}) ^ 4)::numeric, 4) as bid_price,
        case when ${spread('currency')} < 0.8 then 'USD' when ${spread('currency')} < 0.98 then 'EUR' else 'GBP' end as currency,
        ${spread('enriched')} < 0.6 as enriched,
        now() - make_interval(secs => (${rows}::bigint - n) * ${days * 86_400}::numeric / ${rows}::bigint) as "timestamp"
      from generate_series($1::bigint, $2::bigint) as n
    )
    select bid_id, user_id, site_domain, win_status,
      case when win_status then round(bid_price * 0.8, 4) else 0 end as win_price, bid_price, currency, enriched,
      "timestamp", '["sports", "news"]'::jsonb as user_interests,
      jsonb_build_object('bid_id', bid_id, 'user_id', user_id, 'site_domain', site_domain, 'win_status', win_status,
        'bid_price', bid_price, 'currency', currency, 'enriched', enriched, 'timestamp', "timestamp",
        'user_interests', '["sports", "news"]'::jsonb, 'device', 'mobile', 'exchange', 'exchange-' || n % 7) as raw_data,
      'auction_outcomes' as kafka_topic, n % 8 as kafka_partition, n as kafka_offset
    from drawn`;
}

export async function fill(sql: Sql, rows: number): Promise<void> {
  await makeMonths(sql, Math.ceil(DAYS / 30) + 2);
  for (let first = 1; first <= rows; first += CHUNK) {
    const last = Math.min(first + CHUNK - 1, rows);
    await sql.unsafe(`insert into auction_outcomes (${COLUMNS}) ${rowsSql(rows)}`, [first, last]);
  }
  await rollUp(sql);
  await sql.unsafe('vacuum analyze');
}

export async function makeMonths(sql: Sql, count: number): Promise<void> {
  const months = Array.from({ length: count }, (_, back) => {
    const now = new Date();
    return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back, 1)).toISOString();
  });
  await sql`select make_outcome_partitions(${months}::timestamptz[]::date[])`;
}

export async function rollUp(sql: Sql): Promise<void> {
  for (const [table, site] of [
    ['outcome_days', ''],
    ['outcome_site_days', 'site_domain, '],
  ] as const) {
    await sql.unsafe(`
      insert into ${table} (${site} day, currency, win_status, enriched, shard, outcomes, win_price_sum, bid_price_sum)
      select ${site} ("timestamp" at time zone 'UTC')::date, currency, win_status, enriched, kafka_partition,
        count(*), sum(win_price), sum(bid_price)
      from auction_outcomes group by ${site} 1${site && ', 2'}, currency, win_status, enriched, kafka_partition`);
  }
  await sql.unsafe(`
    insert into outcome_id_months
    select distinct outcome_id_block(id), date_trunc('month', "timestamp" at time zone 'UTC')::date from auction_outcomes
    on conflict do nothing`);
}
