-- Lists in another order than that of time find their rows by keys, and only then read the few that they show: so the
-- indexes that lead to them hold what lists are filtered and sorted by, and the time, which names the partition.
drop index auction_outcomes_by_site;
create index auction_outcomes_by_site on auction_outcomes (site_domain, "timestamp", id)
  include (win_status, enriched, currency, win_price, bid_price);
drop index auction_outcomes_by_bid_price;
create index auction_outcomes_by_bid_price on auction_outcomes (bid_price, id)
  include (win_status, enriched, currency, win_price, "timestamp");
drop index auction_outcomes_by_created_at;
create index auction_outcomes_by_created_at on auction_outcomes (created_at, id) include ("timestamp");
