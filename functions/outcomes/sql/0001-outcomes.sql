-- One row for each Kafka record. Text compares by bytes (collation C): the same on every server, and an
-- upgrade of the server's C library cannot break an index.
create table auction_outcomes (
  id bigint generated always as identity,
  bid_id varchar(255) collate "C" not null,
  user_id varchar(255) collate "C" not null,
  site_domain varchar(255) collate "C" not null,
  win_status boolean not null,
  -- Without a scale: a price comes out with the digits that came in.
  win_price numeric not null,
  bid_price numeric not null,
  currency varchar(3) collate "C" not null,
  enriched boolean not null,
  "timestamp" timestamptz not null,
  auction_timestamp timestamptz,
  user_interests jsonb not null,
  raw_data jsonb not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  kafka_topic varchar(249) collate "C" not null,
  kafka_partition integer not null,
  kafka_offset bigint not null,
  -- One NaN would make every sum that it enters NaN.
  constraint auction_outcomes_prices_are_finite check (
    win_price not in ('NaN', 'Infinity', '-Infinity') and bid_price not in ('NaN', 'Infinity', '-Infinity')
  ),
  -- A unique key of a partitioned table must hold the partition's column.
  primary key (id, "timestamp")
) partition by range ("timestamp");

-- Rows of a month that has no partition of its own: see 0003-partitions.sql.
create table auction_outcomes_default partition of auction_outcomes default;

-- The newest first, by pages and by cursor. Every composite ends in the cursor's (timestamp, id), and serves what
-- the original's single indexes on user_id, site_domain and win_status did.
create index auction_outcomes_by_time on auction_outcomes ("timestamp", id);
create index auction_outcomes_by_user on auction_outcomes (user_id, "timestamp", id);
create index auction_outcomes_by_site on auction_outcomes (site_domain, "timestamp", id);
create index auction_outcomes_by_win on auction_outcomes (win_status, "timestamp", id);
create index auction_outcomes_by_win_price on auction_outcomes (win_price, id);
create index auction_outcomes_by_bid on auction_outcomes (bid_id);

-- The rollups equal SQL over the rows only as long as what they count does not change under them. What they do
-- not count may be corrected or erased (a user's id, the raw message); updated_at says when that was done.
create function keep_counted_columns() returns trigger language plpgsql as $$
begin
  if (new."timestamp", new.site_domain, new.currency, new.win_status, new.enriched, new.win_price, new.bid_price,
      new.kafka_topic, new.kafka_partition, new.kafka_offset)
    is distinct from
     (old."timestamp", old.site_domain, old.currency, old.win_status, old.enriched, old.win_price, old.bid_price,
      old.kafka_topic, old.kafka_partition, old.kafka_offset)
  then
    raise exception 'auction_outcomes: a column that the rollups count cannot be changed (id %)', old.id;
  end if;
  new.updated_at := now();
  return new;
end $$;

create trigger keep_counted_columns before update on auction_outcomes
  for each row execute function keep_counted_columns();

create function refuse_removal() returns trigger language plpgsql as $$
begin
  raise exception 'auction_outcomes: % would leave the rollups wrong; drop_outcomes_before() removes whole months', tg_op;
end $$;

create trigger refuse_removal before delete or truncate on auction_outcomes
  for each statement execute function refuse_removal();
