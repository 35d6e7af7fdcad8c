-- The roles of a deployment, made by a user that may make roles; RDS's master may, and is no superuser. Runs again
-- without harm. A DO block takes no parameters, so what it needs comes as settings: analytics.writer, analytics.reader
-- (may be empty), analytics.version (of this text). By hand: see docs/database-access.md.
do $$
declare
  writer text := current_setting('analytics.writer');
  reader text := current_setting('analytics.reader');
  name text;
  held record;
  is_member boolean := false;
begin
  perform pg_advisory_xact_lock(hashtext('analytics-service roles'));
  if current_user = writer then
    raise exception 'the user that makes the roles cannot be "%" itself', writer;
  end if;

  foreach name in array array_remove(array[writer, reader], '') loop
    if not exists (select from pg_roles where rolname = name) then
      execute format('create role %I login', name);
    end if;
    execute format('grant connect on database %I to %I', current_database(), name);
    execute format('grant usage on schema public to %I', name);
    -- Connections to the server itself say this as they start; RDS Proxy lets them not.
    execute format('alter role %I set statement_timeout = ''30s''', name);
    execute format('alter role %I set lock_timeout = ''10s''', name);
    execute format('alter role %I set idle_in_transaction_session_timeout = ''60s''', name);
    execute format('alter role %I set cursor_tuple_fraction = 1', name);
  end loop;
  if reader <> '' then
    execute format('alter role %I set default_transaction_read_only = on', reader);
    execute format('alter role %I set statement_timeout = ''20s''', reader);
  end if;

  revoke create on schema public from public;
  execute format('grant create on schema public to %I', writer);
  if not has_schema_privilege(writer, 'public', 'create')
    or exists (
      select from pg_namespace, aclexplode(nspacl) as allowed
      where nspname = 'public' and allowed.grantee = 0 and allowed.privilege_type = 'CREATE'
    )
  then
    raise exception '% cannot grant and revoke rights on the schema public; its owner % can', current_user,
      (select nspowner::regrole from pg_namespace where nspname = 'public');
  end if;

  -- What was migrated before there were roles belongs to somebody else.
  for held in
    select 'table' as kind, oid::regclass::text as object, relowner::regrole::text as owner
    from pg_class
    where relnamespace = 'public'::regnamespace and relowner::regrole::text <> quote_ident(writer) and (
      relname in (
        'auction_outcomes', 'outcome_partitions', 'stream_positions', 'outcome_days', 'outcome_site_days',
        'dropped_outcome_days', 'dropped_outcome_site_days', 'deleted_outcomes', 'schema_migrations', 'schema_migrations_lock'
      ) and relkind in ('r', 'p', 'v')
      or oid in (select inhrelid from pg_inherits where inhparent = to_regclass('public.auction_outcomes'))
    )
    union all
    select 'routine', oid::regprocedure::text, proowner::regrole::text
    from pg_proc
    where pronamespace = 'public'::regnamespace and proowner::regrole::text <> quote_ident(writer) and proname in (
      'keep_counted_columns', 'refuse_removal', 'make_outcome_partition', 'make_outcome_partitions',
      'drop_outcomes_before', 'subtract_deleted'
    )
  loop
    if not pg_has_role(current_user, held.owner::regrole, 'usage') then
      raise exception '% belongs to %, for whom % may not act; run this as % or a superuser', held.object, held.owner,
        current_user, held.owner;
    end if;
    if not is_member then
      -- To give something away one must be able to become its new owner. Only for that long: on RDS a member of a
      -- member of rds_iam cannot log on with a password.
      execute format('grant %I to current_user with inherit true, set true', writer);
      is_member := true;
    end if;
    execute format('alter %s %s owner to %I', held.kind, held.object, writer);
  end loop;
  if is_member then
    execute format('revoke %I from current_user', writer);
  end if;

  -- Only where there is IAM authentication, which is on RDS.
  if exists (select from pg_roles where rolname = 'rds_iam') then
    foreach name in array array_remove(array[writer, reader], '') loop
      execute format('grant rds_iam to %I', name);
    end loop;
  end if;
  execute format('comment on role %I is %L', writer, current_setting('analytics.version'));
end $$;
