-- In which months the rows of a block of ids stand, so that one row is found without asking every partition. A hint: who
-- finds nothing by it asks all. Recorders write it with their rows, and nearly always it is there already.
create function outcome_id_block(id bigint) returns bigint language sql immutable parallel safe return id / 16384;

create table outcome_id_months (
  id_block bigint not null,
  first_day date not null,
  primary key (id_block, first_day)
);

insert into outcome_id_months
select distinct outcome_id_block(id), date_trunc('month', "timestamp" at time zone 'UTC')::date from auction_outcomes;

-- With what the figures sum: those of a user or of a range of prices are read from the index alone.
drop index auction_outcomes_by_user;
create index auction_outcomes_by_user on auction_outcomes (user_id, "timestamp", id)
  include (win_status, enriched, currency, win_price, bid_price);
drop index auction_outcomes_by_win_price;
create index auction_outcomes_by_win_price on auction_outcomes (win_price, id)
  include (win_status, enriched, currency, bid_price, "timestamp");

-- Every order that a list may have is an index's.
create index auction_outcomes_by_bid_price on auction_outcomes (bid_price, id);
create index auction_outcomes_by_created_at on auction_outcomes (created_at, id);

-- As in 0004, but for its lock: recorders read before they write, and readers take the partitions that they need one by
-- one, so whoever drops some of them must have waited for all before it holds anything that they may want.
create or replace function drop_outcomes_before(first_kept date) returns setof text language plpgsql as $$
declare
  first_month date := date_trunc('month', first_kept);
  partition_name text;
begin
  if not exists (select from outcome_days where day < first_month)
    and not exists (select from outcome_partitions where first_day < first_month)
  then
    return;
  end if;
  lock table only auction_outcomes in access exclusive mode;

  with moved as (delete from outcome_days where day < first_month returning *)
  insert into dropped_outcome_days as kept
  select day, currency, win_status, enriched, sum(outcomes), sum(win_price_sum), sum(bid_price_sum)
  from moved group by day, currency, win_status, enriched
  on conflict (day, currency, win_status, enriched) do update set
    outcomes = kept.outcomes + excluded.outcomes,
    win_price_sum = kept.win_price_sum + excluded.win_price_sum,
    bid_price_sum = kept.bid_price_sum + excluded.bid_price_sum;

  with moved as (delete from outcome_site_days where day < first_month returning *)
  insert into dropped_outcome_site_days as kept
  select site_domain, day, currency, win_status, enriched, sum(outcomes), sum(win_price_sum), sum(bid_price_sum)
  from moved group by site_domain, day, currency, win_status, enriched
  on conflict (site_domain, day, currency, win_status, enriched) do update set
    outcomes = kept.outcomes + excluded.outcomes,
    win_price_sum = kept.win_price_sum + excluded.win_price_sum,
    bid_price_sum = kept.bid_price_sum + excluded.bid_price_sum;

  for partition_name in select name from outcome_partitions where first_day < first_month order by first_day loop
    execute format('drop table %I', partition_name);
    return next partition_name;
  end loop;
  delete from auction_outcomes_default where "timestamp" < first_month::timestamp at time zone 'UTC';
end $$;
