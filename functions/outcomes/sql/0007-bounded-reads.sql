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
