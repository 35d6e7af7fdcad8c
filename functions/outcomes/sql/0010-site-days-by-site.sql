-- Rows are stored in the order of their days, so those of one site lay on as many pages as there are. By a hash of the
-- site they lie among those of few other sites: the figures of a site over 400 days read a twentieth of the pages.
alter table outcome_site_days rename to outcome_site_days_unsorted;
alter table outcome_site_days_unsorted rename constraint outcome_site_days_pkey to outcome_site_days_unsorted_pkey;

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
) partition by hash (site_domain);

do $$
begin
  for remainder in 0..31 loop
    execute format(
      'create table %I partition of outcome_site_days for values with (modulus 32, remainder %s) with (fillfactor = 70)',
      'outcome_site_days_' || remainder, remainder
    );
  end loop;
end $$;

insert into outcome_site_days select * from outcome_site_days_unsorted order by day;
drop table outcome_site_days_unsorted;
