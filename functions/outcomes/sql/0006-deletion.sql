-- Rows may be deleted: what the rollups counted of them is taken away in the same statement, whoever deletes, and where
-- they stood in Kafka is remembered, so that a record that is sent again does not bring them back.
create table deleted_outcomes (
  kafka_topic varchar(249) collate "C" not null,
  kafka_partition integer not null,
  kafka_offset bigint not null,
  "timestamp" timestamptz not null,
  deleted_at timestamptz not null default now(),
  primary key (kafka_topic, kafka_partition, kafka_offset, "timestamp")
);
-- Retention forgets them by their time.
create index deleted_outcomes_by_time on deleted_outcomes ("timestamp");

-- As a recorder adds, with the signs turned: day rows in the order of their key and before the first site row. So a
-- deletion and a recorder wait for each other and never deadlock. It runs as the owner of the tables: who may delete
-- rows need not, and may not, write the rollups. 8 is the recorders' number of shards.
create function subtract_deleted() returns trigger language plpgsql
security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  insert into deleted_outcomes (kafka_topic, kafka_partition, kafka_offset, "timestamp")
  select kafka_topic, kafka_partition, kafka_offset, "timestamp" from gone
  on conflict do nothing;

  insert into outcome_days as total
  select ("timestamp" at time zone 'UTC')::date as day, currency, win_status, enriched,
    (kafka_partition % 8)::smallint as shard, -count(*), -sum(win_price), -sum(bid_price)
  from gone
  group by 1, 2, 3, 4, 5
  order by day, currency, win_status, enriched, shard
  on conflict (day, currency, win_status, enriched, shard) do update set
    outcomes = total.outcomes + excluded.outcomes,
    win_price_sum = total.win_price_sum + excluded.win_price_sum,
    bid_price_sum = total.bid_price_sum + excluded.bid_price_sum;

  insert into outcome_site_days as total
  select site_domain, ("timestamp" at time zone 'UTC')::date as day, currency, win_status, enriched,
    (kafka_partition % 8)::smallint as shard, -count(*), -sum(win_price), -sum(bid_price)
  from gone
  group by 1, 2, 3, 4, 5, 6
  on conflict (site_domain, day, currency, win_status, enriched, shard) do update set
    outcomes = total.outcomes + excluded.outcomes,
    win_price_sum = total.win_price_sum + excluded.win_price_sum,
    bid_price_sum = total.bid_price_sum + excluded.bid_price_sum;

  -- A day without rows is no day of the statistics. All of these are locked already.
  delete from outcome_site_days as total
  using (select distinct site_domain, ("timestamp" at time zone 'UTC')::date as day from gone) as touched
  where total.site_domain = touched.site_domain and total.day = touched.day
    and outcomes = 0 and win_price_sum = 0 and bid_price_sum = 0;
  delete from outcome_days as total
  using (select distinct ("timestamp" at time zone 'UTC')::date as day from gone) as touched
  where total.day = touched.day and outcomes = 0 and win_price_sum = 0 and bid_price_sum = 0;
  return null;
end $$;

drop trigger refuse_removal on auction_outcomes;
create trigger refuse_removal before truncate on auction_outcomes
  for each statement execute function refuse_removal();
create trigger subtract_deleted after delete on auction_outcomes
  referencing old table as gone for each statement execute function subtract_deleted();
