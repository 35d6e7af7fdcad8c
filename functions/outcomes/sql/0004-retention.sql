-- What retention dropped, added up: the rollups' figures without the shard. outcome_days and outcome_site_days always
-- equal SQL over the rows that are there; together with these they are the figures of all time.
create table dropped_outcome_days (
  day date not null,
  currency varchar(3) collate "C" not null,
  win_status boolean not null,
  enriched boolean not null,
  outcomes bigint not null,
  win_price_sum numeric not null,
  bid_price_sum numeric not null,
  primary key (day, currency, win_status, enriched)
);

create table dropped_outcome_site_days (
  site_domain varchar(255) collate "C" not null,
  day date not null,
  currency varchar(3) collate "C" not null,
  win_status boolean not null,
  enriched boolean not null,
  outcomes bigint not null,
  win_price_sum numeric not null,
  bid_price_sum numeric not null,
  primary key (site_domain, day, currency, win_status, enriched)
);

-- Drops the rows of every month before the one that holds first_kept; answers the partitions that went. Their rollups
-- move in the same transaction, while no recorder writes. A row that comes for such a month later is a row again, in
-- the rollups again, until the next run.
create function drop_outcomes_before(first_kept date) returns setof text language plpgsql as $$
declare
  first_month date := date_trunc('month', first_kept);
  partition_name text;
begin
  if not exists (select from outcome_days where day < first_month)
    and not exists (select from outcome_partitions where first_day < first_month)
  then
    return;
  end if;
  lock table only auction_outcomes in share row exclusive mode;

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
