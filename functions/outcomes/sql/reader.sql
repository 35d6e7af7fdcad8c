-- What the owner of the tables allows to the reader (analytics.reader): to read all that there is, and all that will
-- be; and, where analytics.deletion says so, to delete outcomes, of which the rollups are seen to by a trigger. Runs
-- again without harm.
do $$
declare
  reader text := current_setting('analytics.reader');
  unread regclass;
  may_delete boolean := current_setting('analytics.deletion')::boolean;
begin
  perform pg_advisory_xact_lock(hashtext('analytics-service reader'));
  if not exists (select from pg_roles where rolname = reader) then
    raise exception 'there is no role "%"', reader;
  end if;
  execute format('alter default privileges in schema public grant select on tables to %I', reader);
  for unread in
    select oid from pg_class
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v') and relowner = current_user::regrole
      and not has_table_privilege(reader, oid, 'select')
  loop
    execute format('grant select on %s to %I', unread, reader);
  end loop;
  if may_delete <> has_table_privilege(reader, 'auction_outcomes', 'delete') then
    if may_delete then
      execute format('grant delete on auction_outcomes to %I', reader);
    else
      execute format('revoke delete on auction_outcomes from %I', reader);
    end if;
  end if;
end $$;
