-- Partitions by month, made when they are needed.

create view outcome_partitions as
  select child.relname::text as name, to_date(right(child.relname, 7), 'YYYY_MM') as first_day
  from pg_inherits
  join pg_class child on child.oid = pg_inherits.inhrelid
  where pg_inherits.inhparent = 'auction_outcomes'::regclass and child.relname ~ '_\d{4}_\d{2}$';

-- Makes the partition of one month, or answers null when it is there. Rows of the month that stand in the default
-- partition move over. Attaching locks the default partition against readers too, until the caller commits: call it
-- in a short transaction of its own.
create function make_outcome_partition(first_day date) returns text language plpgsql as $$
declare
  name text := 'auction_outcomes_' || to_char(first_day, 'YYYY_MM');
  lower_bound timestamptz := first_day::timestamp at time zone 'UTC';
  upper_bound timestamptz := (first_day + interval '1 month') at time zone 'UTC';
begin
  if to_regclass(name) is not null then
    return null;
  end if;
  -- Locks go from the parent to the children, as a query's do. The first one lets rows be read and written but one
  -- maker at a time; who waited for it may find the partition made.
  lock table only auction_outcomes in share update exclusive mode;
  if to_regclass(name) is not null then
    return null;
  end if;
  lock table auction_outcomes_default in access exclusive mode;
  execute format('create table %I (like auction_outcomes including defaults including constraints)', name);
  execute format(
    'with moved as (
       delete from auction_outcomes_default where "timestamp" >= %L and "timestamp" < %L returning *
     )
     insert into %I select * from moved',
    lower_bound, upper_bound, name
  );
  execute format(
    'alter table auction_outcomes attach partition %I for values from (%L) to (%L)', name, lower_bound, upper_bound
  );
  return name;
end $$;

-- Makes what is missing of the months asked for, of this month and of the two to come; answers what it made. A month
-- further back than ten years or further ahead than two months stays in the default partition, so that a producer
-- with wild dates cannot make thousands of tables; when its time comes, its rows move.
create function make_outcome_partitions(months date[]) returns setof text language sql
-- While one waits for the default partition, all readers that come after wait for it: not for long, then.
set lock_timeout = '1s' as $$
  select made
  from (
    select distinct date_trunc('month', wanted)::date as first_day
    from unnest(months || array[
      now() at time zone 'UTC', now() at time zone 'UTC' + interval '1 month', now() at time zone 'UTC' + interval '2 months'
    ]::date[]) as wanted
    where wanted >= date_trunc('month', now() at time zone 'UTC') - interval '120 months'
      and wanted < date_trunc('month', now() at time zone 'UTC') + interval '3 months'
    order by first_day
  ) as missing, make_outcome_partition(first_day) as made
  where made is not null
$$;
