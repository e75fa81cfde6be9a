-- What `trr_reader` may read, once more for the tables that came since 0081: subjects of deleted accounts and kept answers (which repeat
-- private messages) are private, too. What a picture looks like (`perceptual_hash`) identifies nobody.
do $$
declare
  private_tables constant text[] := array[
    'games.answer_keys', 'social.dm_conversations', 'social.dm_members', 'social.dm_messages', 'social.dm_read_receipts',
    'social.blocks', 'social.reports', 'identity.accounts', 'identity.deleted_accounts', 'identity.idempotency_keys'];
  private_columns constant text :=
    '(^|_)(email|anonymous_key|address|ip|token|secret|password|signature)(_hash|_hmac|_sha256)?$|_(hash|hmac)$';
  target record;
begin
  for target in
    select n.nspname as namespace from pg_catalog.pg_namespace n
    where n.nspname in ('core', 'games', 'identity', 'live', 'media', 'pipeline', 'social', 'surveys')
  loop
    execute format('grant usage on schema %I to trr_reader', target.namespace);
    execute format('revoke all on all tables in schema %I from trr_reader', target.namespace);
  end loop;

  for target in
    select c.oid, c.oid::regclass as name, c.relkind,
      n.nspname || '.' || c.relname = any (private_tables) as is_private,
      bool_or(a.attname ~ private_columns and a.attname <> 'perceptual_hash' and format_type(a.atttypid, null) <> 'boolean') as has_private,
      string_agg(quote_ident(a.attname), ', ' order by a.attnum)
        filter (where not (a.attname ~ private_columns and a.attname <> 'perceptual_hash' and format_type(a.atttypid, null) <> 'boolean')) as columns
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where n.nspname in ('core', 'games', 'identity', 'live', 'media', 'pipeline', 'social', 'surveys')
      and c.relkind in ('r', 'p', 'v')
    group by c.oid, n.nspname
  loop
    if target.relkind <> 'v' then
      execute format('drop policy if exists trr_reader_read on %s', target.name);
    end if;
    continue when target.is_private or target.columns is null;
    if target.has_private and target.relkind <> 'v' then
      execute format('grant select (%s) on %s to trr_reader', target.columns, target.name);
    else
      execute format('grant select on %s to trr_reader', target.name);
    end if;
    if target.relkind <> 'v' then
      execute format('create policy trr_reader_read on %s for select to trr_reader using (true)', target.name);
    end if;
  end loop;
end
$$;
