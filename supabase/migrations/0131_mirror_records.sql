-- Writing down what mirroring did, a batch at a time and in one transaction: files, their other names, how each try ended, and the rows that
-- show them. Service role only; nothing here talks to a store.

-- Sets or clears the copy of images, whatever their table. `items`: table_name, row_key, and key, url, sha256, content_type, bytes, etag, bucket
-- (all null: no copy).
create or replace function media.set_copies(items jsonb) returns void language plpgsql set search_path = '' as $$
declare
  target text;
  prefix text;
  id_column text;
  id_type text;
  logo boolean;
begin
  for target in
    select distinct i ->> 'table_name' from jsonb_array_elements(items) i order by 1
  loop
    logo := target in ('networks', 'production_companies', 'watch_providers');
    prefix := case when logo then 'hosted_logo_' else 'hosted_' end;
    id_column := case when target = 'watch_providers' then 'provider_id' else 'id' end;
    id_type := case when logo then 'integer' else 'uuid' end;
    execute format(
      'update core.%1$I t set %2$Ikey = v.key, %2$Iurl = v.url, %2$Isha256 = v.sha256, %2$Icontent_type = v.content_type,
         %2$Ibytes = v.bytes, %2$Ietag = v.etag, %2$Iat = case when v.key is null then null else now() end%5$s
       from jsonb_to_recordset($1) v(table_name text, row_key text, key text, url text, sha256 text, content_type text, bytes bigint,
         etag text, bucket text)
       where v.table_name = %1$L and t.%3$I = v.row_key::%4$s',
      target, prefix, id_column, id_type,
      case when logo then ', logo_path = v.key' else ', hosted_bucket = v.bucket' end)
    using items;
  end loop;
end
$$;

-- Records a batch of tries. Each item: table_name, row_key, source_url, state, reason, detail, wait_seconds, etag, last_modified, claimed_width,
-- claimed_height, size_differs; and for a stored one also file {sha256, key, content_type, bytes, width, height, frames, perceptual_hash,
-- placeholder, etag}, alias, base (of addresses, or null), bucket, seen_at (when the database was asked whether the file is known), put (whether it was written to
-- the store since). Answers what became of each: `stored`, `lost` (the file went meanwhile: do it again), `taken_down`, `changed` (the row
-- has another address now), `vanished` (the row is no more), or its own state.
create or replace function media.record_tries(items jsonb) returns table (table_name text, row_key text, verdict text)
  language plpgsql set search_path = '' as $$
declare
  copies jsonb;
begin
  -- Removals and records take turns; records among themselves need not.
  perform pg_advisory_xact_lock_shared(hashtextextended('media files', 0));

  create temporary table if not exists pg_temp.media_tries (
    n bigint, table_name text, row_key text, source_url text, state text, verdict text, item jsonb, file jsonb
  ) on commit delete rows;
  delete from pg_temp.media_tries;
  insert into pg_temp.media_tries
  select i.n, i.item ->> 'table_name', i.item ->> 'row_key', i.item ->> 'source_url', i.item ->> 'state', i.item ->> 'state', i.item,
    nullif(i.item -> 'file', 'null')
  from jsonb_array_elements(items) with ordinality i(item, n);

  update pg_temp.media_tries t set verdict = case
    when m.row_key is null then 'vanished'
    when m.source_url is distinct from t.source_url then 'changed'
    when exists (select from media.takedowns d where d.lifted_at is null
      and (d.source_url = t.source_url or d.sha256 = t.file ->> 'sha256')) then 'taken_down'
    when t.file is null then
      case when t.verdict = 'stored' and not exists (select from media.objects o where o.sha256 = t.item ->> 'sha256') then 'lost' else t.verdict end
    when exists (select from media.removals r where r.key = t.file ->> 'key'
      and (r.done_at is null or r.done_at >= (t.item ->> 'seen_at')::timestamptz)) then 'lost'
    when not (t.item ->> 'put')::boolean and not exists (select from media.objects o where o.sha256 = t.file ->> 'sha256') then 'lost'
    else t.verdict end
  from pg_temp.media_tries x
  left join media.images m on m.table_name = x.table_name and m.row_key = x.row_key
  where t.n = x.n;

  insert into media.objects as o (sha256, key, content_type, bytes, width, height, frames, perceptual_hash, placeholder, etag)
  select distinct on (v.sha256) v.sha256, v.key, v.content_type, v.bytes, v.width, v.height, v.frames, v.perceptual_hash, v.placeholder, v.etag
  from pg_temp.media_tries t
  cross join lateral jsonb_to_record(t.file) v(sha256 text, key text, content_type text, bytes bigint, width integer, height integer,
    frames integer, perceptual_hash bigint, placeholder text, etag text)
  where t.verdict = 'stored' and t.file is not null
  order by v.sha256
  on conflict (sha256) do update set condemned_at = null where o.condemned_at is not null;

  delete from media.removals r using pg_temp.media_tries t where t.verdict = 'stored' and r.key = t.file ->> 'key';
  delete from media.strays s using pg_temp.media_tries t where t.verdict = 'stored' and s.key = t.file ->> 'key';

  insert into media.aliases (key, sha256)
  select distinct on (t.item ->> 'alias') t.item ->> 'alias', t.file ->> 'sha256' from pg_temp.media_tries t
  where t.verdict = 'stored' and t.file is not null and t.item ->> 'alias' is not null
  order by 1
  on conflict (key) do nothing;

  insert into media.fetch_state as s (table_name, row_key, source_url, state, reason, detail, attempts, last_attempt_at, next_attempt_at, sha256,
    etag, last_modified, checked_at, claimed_width, claimed_height, size_differs)
  select t.table_name, t.row_key, t.source_url, case t.verdict when 'lost' then 'pending' else t.verdict end,
    case t.verdict when 'lost' then 'being_removed' when 'taken_down' then 'taken_down' else t.item ->> 'reason' end, t.item ->> 'detail',
    case when t.verdict in ('stored', 'skipped') then 0 else 1 end, clock_timestamp(),
    clock_timestamp() + make_interval(secs => case when t.verdict = 'lost' then 60 else coalesce((t.item ->> 'wait_seconds')::float8, 0) end),
    case when t.verdict = 'stored' then coalesce(t.file ->> 'sha256', t.item ->> 'sha256') end,
    t.item ->> 'etag', t.item ->> 'last_modified', case when t.verdict = 'stored' then clock_timestamp() end,
    (t.item ->> 'claimed_width')::integer, (t.item ->> 'claimed_height')::integer, (t.item ->> 'size_differs')::boolean
  from pg_temp.media_tries t where t.verdict not in ('vanished', 'changed')
  order by t.table_name, t.row_key
  on conflict on constraint fetch_state_pkey do update set
    source_url = excluded.source_url, state = excluded.state, reason = excluded.reason, detail = excluded.detail,
    attempts = case when excluded.state in ('stored', 'skipped', 'pending') then 0
      when s.source_url is distinct from excluded.source_url then 1 else s.attempts + 1 end,
    last_attempt_at = excluded.last_attempt_at, next_attempt_at = excluded.next_attempt_at, sha256 = excluded.sha256,
    etag = coalesce(excluded.etag, case when s.source_url = excluded.source_url then s.etag end),
    last_modified = coalesce(excluded.last_modified, case when s.source_url = excluded.source_url then s.last_modified end),
    checked_at = coalesce(excluded.checked_at, s.checked_at),
    claimed_width = coalesce(excluded.claimed_width, s.claimed_width), claimed_height = coalesce(excluded.claimed_height, s.claimed_height),
    size_differs = coalesce(excluded.size_differs, s.size_differs);

  select coalesce(jsonb_agg(jsonb_build_object('table_name', t.table_name, 'row_key', t.row_key, 'key', o.key,
    'url', nullif(t.item ->> 'base', '') || '/' || o.key, 'sha256', o.sha256, 'content_type', o.content_type, 'bytes', o.bytes, 'etag', o.etag,
    'bucket', t.item ->> 'bucket') order by t.row_key), '[]') into copies
  from pg_temp.media_tries t join media.objects o on o.sha256 = t.file ->> 'sha256' where t.verdict = 'stored';
  perform media.set_copies(copies);

  return query select t.table_name, t.row_key, t.verdict from pg_temp.media_tries t order by t.n;
end
$$;

-- Records the smaller versions of files. Each item: sha256, seen_at, error (why there are none, else null), variants [{size, width, height, format, key,
-- bytes}]. A file that is no more, or whose smaller versions are being removed, is passed over.
create or replace function media.record_variants(items jsonb) returns bigint language plpgsql set search_path = '' as $$
declare
  recorded bigint;
begin
  perform pg_advisory_xact_lock_shared(hashtextextended('media files', 0));
  with good as (
    select i.sha256, i.error, i.variants from jsonb_to_recordset(items) i(sha256 text, seen_at timestamptz, error text, variants jsonb)
    join media.objects o on o.sha256 = i.sha256
    where not exists (select from jsonb_to_recordset(i.variants) v(key text) join media.removals r on r.key = v.key
      where r.done_at is null or r.done_at >= i.seen_at)
  ), made as (
    insert into media.variants (sha256, size, width, height, format, key, bytes)
    select g.sha256, v.size, v.width, v.height, v.format, v.key, v.bytes
    from good g cross join lateral jsonb_to_recordset(g.variants) v(size integer, width integer, height integer, format text, key text, bytes bigint)
    on conflict do nothing
    returning key
  ), found as (
    delete from media.strays s using good g cross join lateral jsonb_to_recordset(g.variants) v(key text) where s.key = v.key
  )
  update media.objects o set variants_at = clock_timestamp(), variants_error = g.error from good g where o.sha256 = g.sha256;
  get diagnostics recorded = row_count;
  return recorded;
end
$$;

-- Writes the addresses of copies anew from their keys, for readers of the tables: at most so many of one table; answers how many changed.
create or replace function media.rebuild_urls(p_base text, p_table text, p_keys text[], p_limit integer) returns bigint
  language plpgsql set search_path = '' as $$
declare
  changed bigint;
  prefix text := case when p_table in ('networks', 'production_companies', 'watch_providers') then 'hosted_logo_' else 'hosted_' end;
begin
  execute format(
    'update core.%1$I t set %2$Iurl = $1 || ''/'' || t.%2$Ikey from (
       select i.row_key from media.images i where i.table_name = %1$L and i.hosted_key is not null
         and i.hosted_url is distinct from $1 || ''/'' || i.hosted_key and ($2 is null or i.row_key = any ($2)) order by i.row_key limit $3) v
     where t.%3$I::text = v.row_key',
    p_table, prefix, case p_table when 'watch_providers' then 'provider_id' else 'id' end)
  using p_base, p_keys, p_limit;
  get diagnostics changed = row_count;
  return changed;
end
$$;
revoke execute on function media.set_copies(jsonb), media.record_tries(jsonb), media.record_variants(jsonb),
  media.rebuild_urls(text, text, text[], integer) from public, anon, authenticated;
grant execute on function media.set_copies(jsonb), media.record_tries(jsonb), media.record_variants(jsonb),
  media.rebuild_urls(text, text, text[], integer) to service_role;
