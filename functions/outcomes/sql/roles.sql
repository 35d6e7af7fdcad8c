-- The roles of a deployment, made by a user that may make roles; RDS's master may, and is no superuser. Runs again
-- without harm. A DO block takes no parameters, so what it needs comes as settings: analytics.writer, analytics.reader
-- (may be empty). By hand: see docs/database-access.md.
--
-- Who makes a role is a member of it from then on, by a grant that only a superuser may take back, and RDS wants a token
-- instead of the password from every member of a member of rds_iam. So the roles are made by a role of this transaction
-- alone, which is dropped with its memberships at the end: nobody is a member of them.
do $$
declare
  maker constant text := 'analytics_role_maker';
  writer text := current_setting('analytics.writer');
  reader text := current_setting('analytics.reader');
  administrator constant text := current_user;
  missing text[];
  role record;
  held record;
  is_member boolean := false;
begin
  perform pg_advisory_xact_lock(hashtext('analytics-service roles'));
  if administrator = writer then
    raise exception 'the user that makes the roles cannot be "%" itself', writer;
  end if;

  missing := array(
    select name from unnest(array_remove(array[writer, reader], '')) as name
    where not exists (select from pg_roles where rolname = name)
  );
  if missing <> '{}' then
    execute format('create role %I createrole', maker);
    execute format('grant %I to current_user with inherit false, set true', maker);
    execute format('set local role %I', maker);
    for role in select unnest(missing) as name loop
      execute format('create role %I login', role.name);
    end loop;
    execute format('set local role %I', administrator);
  end if;

  -- Connections to the server itself say this as they start; RDS Proxy lets them not.
  for role in
    select name, parameter, value
    from (values
      (writer, 'statement_timeout', '30s'), (writer, 'lock_timeout', '10s'),
      (writer, 'idle_in_transaction_session_timeout', '60s'), (writer, 'cursor_tuple_fraction', '1'),
      (reader, 'statement_timeout', '20s'), (reader, 'lock_timeout', '10s'),
      (reader, 'idle_in_transaction_session_timeout', '60s'), (reader, 'cursor_tuple_fraction', '1'),
      (reader, 'default_transaction_read_only', 'on')
    ) as wanted (name, parameter, value)
    where name <> '' and not exists (
      select from pg_db_role_setting
      where setrole = name::regrole and setdatabase = 0 and parameter || '=' || value = any (setconfig)
    )
  loop
    if role.name = any (missing) then
      execute format('set local role %I', maker);
    elsif not pg_has_role(administrator, role.name, 'member with admin option') then
      raise exception '% is not as it must be, and % may not alter it; log on as % and run: alter role % set % = %',
        role.name, administrator, role.name, role.name, role.parameter, quote_literal(role.value);
    end if;
    execute format('alter role %I set %I = %L', role.name, role.parameter, role.value);
    execute format('set local role %I', administrator);
  end loop;

  for role in select unnest(array_remove(array[writer, reader], '')) as name loop
    execute format('grant connect on database %I to %I', current_database(), role.name);
    execute format('grant usage on schema public to %I', role.name);
  end loop;

  revoke create on schema public from public;
  execute format('grant create on schema public to %I', writer);
  if not has_schema_privilege(writer, 'public', 'create')
    or exists (
      select from pg_namespace, aclexplode(nspacl) as allowed
      where nspname = 'public' and allowed.grantee = 0 and allowed.privilege_type = 'CREATE'
    )
  then
    raise exception '% cannot grant and revoke rights on the schema public; its owner % can', administrator,
      (select nspowner::regrole from pg_namespace where nspname = 'public');
  end if;

  -- What was migrated before there were roles belongs to somebody else.
  for held in
    select 'table' as kind, oid::regclass::text as object, relowner::regrole::text as owner
    from pg_class
    where relnamespace = 'public'::regnamespace and relowner::regrole::text <> quote_ident(writer) and (
      relname in (
        'auction_outcomes', 'outcome_partitions', 'stream_positions', 'outcome_days', 'outcome_site_days',
        'dropped_outcome_days', 'dropped_outcome_site_days', 'outcome_id_months', 'deleted_outcomes', 'schema_migrations',
        'schema_migrations_lock'
      ) and relkind in ('r', 'p', 'v')
      or oid in (
        select inhrelid from pg_inherits
        where inhparent in (to_regclass('public.auction_outcomes'), to_regclass('public.outcome_site_days'))
      )
    )
    union all
    select 'routine', oid::regprocedure::text, proowner::regrole::text
    from pg_proc
    where pronamespace = 'public'::regnamespace and proowner::regrole::text <> quote_ident(writer) and proname in (
      'keep_counted_columns', 'refuse_removal', 'make_outcome_partition', 'make_outcome_partitions',
      'drop_outcomes_before', 'outcome_id_block', 'outcomes_of_id', 'subtract_deleted'
    )
  loop
    if not pg_has_role(administrator, held.owner::regrole, 'usage') then
      raise exception '% belongs to %, for whom % may not act; run this as % or a superuser', held.object, held.owner,
        administrator, held.owner;
    end if;
    if not is_member and not pg_has_role(administrator, writer, 'set') then
      -- To give something away one must be able to become its new owner.
      if not writer = any (missing) then
        raise exception '% belongs to %, and % may not give it to %, whose member it is not', held.object, held.owner,
          administrator, writer;
      end if;
      execute format('set local role %I', maker);
      execute format('grant %I to %I with inherit true, set true', writer, administrator);
      execute format('set local role %I', administrator);
      is_member := true;
    end if;
    execute format('alter %s %s owner to %I', held.kind, held.object, writer);
  end loop;
  if is_member then
    execute format('set local role %I', maker);
    execute format('revoke %I from %I', writer, administrator);
    execute format('set local role %I', administrator);
  end if;

  -- Only where there is IAM authentication, which is on RDS.
  if exists (select from pg_roles where rolname = 'rds_iam') then
    for role in select unnest(array_remove(array[writer, reader], '')) as name loop
      if not pg_has_role(role.name, 'rds_iam', 'member') then
        execute format('grant rds_iam to %I', role.name);
      end if;
    end loop;
  end if;
  if missing <> '{}' then
    execute format('drop role %I', maker);
  end if;
end $$;
