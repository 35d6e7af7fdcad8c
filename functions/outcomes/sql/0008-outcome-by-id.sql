-- The row of an id, in one request: in the months that its block names and, only when it is in none of these, in all
-- partitions. Each of its statements is planned once for a connection, whoever asks and however.
create function outcomes_of_id(wanted bigint) returns setof auction_outcomes language plpgsql stable as $$
declare
  month date;
begin
  -- Of more months than these, asking all partitions costs no more.
  for month in select first_day from outcome_id_months where id_block = outcome_id_block(wanted) limit 6 loop
    return query select * from auction_outcomes
      where id = wanted and "timestamp" >= month::timestamp at time zone 'UTC'
        and "timestamp" < (month + interval '1 month') at time zone 'UTC';
    if found then
      return;
    end if;
  end loop;
  return query select * from auction_outcomes where id = wanted;
end $$;
