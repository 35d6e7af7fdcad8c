-- The last offset of each partition of each stream that became a row or went to quarantine. A recorder locks its row
-- first, so there is one recorder at a time for a partition, and moves it in the transaction that writes the rows.
create table stream_positions (
  -- Raised (STREAM_EPOCH) when a topic is deleted and made anew, whose offsets start at 0 again.
  stream_epoch varchar(32) collate "C" not null,
  kafka_topic varchar(249) collate "C" not null,
  kafka_partition integer not null,
  last_offset bigint not null,
  updated_at timestamptz not null default now(),
  primary key (stream_epoch, kafka_topic, kafka_partition)
) with (fillfactor = 50);

-- What /stats/, /daily_stats/ and count need, by UTC day. shard spreads the recorders of different partitions over
-- rows of their own; readers sum over it. The first table serves every question that does not name a site.
create table outcome_days (
  day date not null,
  currency varchar(3) collate "C" not null,
  win_status boolean not null,
  enriched boolean not null,
  shard smallint not null,
  outcomes bigint not null,
  win_price_sum numeric not null,
  bid_price_sum numeric not null,
  primary key (day, currency, win_status, enriched, shard)
) with (fillfactor = 50);

create table outcome_site_days (
  site_domain varchar(255) collate "C" not null,
  day date not null,
  currency varchar(3) collate "C" not null,
  win_status boolean not null,
  enriched boolean not null,
  shard smallint not null,
  outcomes bigint not null,
  win_price_sum numeric not null,
  bid_price_sum numeric not null,
  primary key (site_domain, day, currency, win_status, enriched, shard)
) with (fillfactor = 70);
