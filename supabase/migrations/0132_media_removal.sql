-- Taking files out of the store without ever taking one that is shown (spec/media.md 8, S5). Nothing here talks to a store: a removal begins
-- in one transaction (the file is no longer known, its key is on the list), the program deletes, another transaction ends it.

-- Files that no row refers to, by content or key.
create or replace view media.unreferenced with (security_invoker = true) as
with used as materialized (
  select i.hosted_sha256 as sha256, i.hosted_key as key from media.images i where i.hosted_sha256 is not null or i.hosted_key is not null
)
select o.* from media.objects o
where o.sha256 not in (select u.sha256 from used u where u.sha256 is not null)
  and o.key not in (select u.key from used u where u.key is not null);
revoke all on media.unreferenced from public, anon, authenticated, service_role, trr_reader;
grant select on media.unreferenced to service_role, trr_reader;

-- Every key this database knows: files, smaller versions, copies under older keys, and keys whose removal has not ended.
create or replace view media.known_keys with (security_invoker = true) as
select o.key, o.sha256, o.bytes, o.etag, 'object'::text as what from media.objects o
union all
select v.key, v.sha256, v.bytes, null, 'variant' from media.variants v
union all
select distinct on (i.hosted_key) i.hosted_key, i.hosted_sha256, i.hosted_bytes, null, 'row' from media.images i
where i.hosted_key is not null and not exists (select from media.objects o where o.key = i.hosted_key)
union all
select r.key, r.sha256, r.bytes, null, 'removal' from media.removals r where r.done_at is null;
revoke all on media.known_keys from public, anon, authenticated, service_role, trr_reader;
grant select on media.known_keys to service_role, trr_reader;

-- First phase of pruning: marks what nothing refers to, clears the mark of what is referred to again.
create or replace function media.condemn_unreferenced() returns table (marked bigint, cleared bigint)
  language plpgsql set search_path = '' as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('media files', 0));
  update media.objects o set condemned_at = null
  where o.condemned_at is not null and o.sha256 not in (select u.sha256 from media.unreferenced u);
  get diagnostics cleared = row_count;
  update media.objects o set condemned_at = clock_timestamp()
  where o.condemned_at is null and o.sha256 in (select u.sha256 from media.unreferenced u);
  get diagnostics marked = row_count;
  return next;
end
$$;

-- Begins the removal of files (`p_files`: by content) and of stray keys. Looks again, under the lock, whether anything refers to them; with
-- `p_reason` taken_down the caller has just seen to that. Answers the keys to delete.
create or replace function media.begin_removal(p_files text[], p_strays text[], p_reason text) returns table (key text)
  language plpgsql set search_path = '' as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('media files', 0));
  return query
  with gone as (
    select o.sha256, o.key, o.bytes from media.objects o
    where o.sha256 = any (p_files) and (p_reason = 'taken_down' or o.sha256 in (select u.sha256 from media.unreferenced u))
  ), keys as (
    select g.key, g.sha256, g.bytes, p_reason as reason from gone g
    union all
    select v.key, v.sha256, v.bytes, p_reason from media.variants v join gone g on g.sha256 = v.sha256
    union all
    select s.key, substring(s.key from '/([0-9a-f]{64})(?:-[0-9]+)?\.[a-z0-9]+$'), t.bytes, 'stray' from unnest(p_strays) s (key)
    left join media.strays t on t.key = s.key
    where not exists (select from media.known_keys k where k.key = s.key)
  ), listed as (
    insert into media.removals as r (key, sha256, bytes, reason) select k.key, k.sha256, k.bytes, k.reason from keys k
    on conflict on constraint removals_pkey do update set began_at = clock_timestamp(), done_at = null, error = null, reason = excluded.reason
    returning r.key
  ), forgotten as (
    update media.fetch_state f set state = case when f.state = 'stored' then 'pending' else f.state end, sha256 = null,
      next_attempt_at = case when f.state = 'stored' then clock_timestamp() else f.next_attempt_at end
    from gone g where f.sha256 = g.sha256
  )
  select l.key from listed l order by 1;
  delete from media.objects o using media.removals r where r.key = o.key and r.done_at is null and o.sha256 = any (p_files);
  delete from media.strays s where s.key = any (p_strays);
end
$$;

-- Ends removals: `p_deleted` are gone from the store, `p_failed` [{key, error}] are still there and stay on the list.
create or replace function media.end_removal(p_deleted text[], p_failed jsonb) returns void language plpgsql set search_path = '' as $$
begin
  update media.removals r set done_at = clock_timestamp(), error = null where r.key = any (p_deleted) and r.done_at is null;
  update media.removals r set error = f.error from jsonb_to_recordset(p_failed) f(key text, error text) where r.key = f.key and r.done_at is null;
  -- Nobody writes for a day.
  delete from media.removals r where r.done_at < clock_timestamp() - interval '1 day';
end
$$;

-- Takes pictures down for good: what shows them is hidden, what knows their address is told, and neither content nor address is ever mirrored
-- again. `p_files`: contents; `p_addresses`: source addresses. Answers the images it hid. The files are removed by the caller
-- (`begin_removal`).
create or replace function media.take_down(p_files text[], p_addresses text[], p_reason text, p_actor text)
  returns table (table_name text, row_key text, source_url text, sha256 text) language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare
  hidden record;
  path_column text;
begin
  perform pg_advisory_xact_lock(hashtextextended('media files', 0));
  for hidden in
    select i.table_name as t, i.row_key as k, i.source_url as u, i.hosted_sha256 as h from media.images i
    where i.hosted_sha256 = any (p_files) or i.source_url = any (p_addresses)
    order by 1, 2
  loop
    table_name := hidden.t; row_key := hidden.k; source_url := hidden.u; sha256 := hidden.h;
    return next;
  end loop;

  insert into media.takedowns (sha256, source_url, reason, actor)
  select f, null, p_reason, p_actor from unnest(p_files) f
  where not exists (select from media.takedowns d where d.sha256 = f and d.lifted_at is null);
  insert into media.takedowns (sha256, source_url, reason, actor)
  select distinct null::text, a.url, p_reason, p_actor
  from (select unnest(p_addresses) as url union select i.source_url from media.images i where i.hosted_sha256 = any (p_files)) a
  where a.url is not null and not exists (select from media.takedowns d where d.source_url = a.url and d.lifted_at is null);

  for hidden in
    select i.table_name as t, i.row_key as k, i.source_url as u from media.images i
    where i.hosted_sha256 = any (p_files) or i.source_url = any (p_addresses)
  loop
    insert into media.fetch_state as s (table_name, row_key, source_url, state, reason)
    values (hidden.t, hidden.k, hidden.u, 'taken_down', 'taken_down')
    on conflict on constraint fetch_state_pkey do update set state = 'taken_down', reason = 'taken_down', detail = null, sha256 = null,
      source_url = excluded.source_url;
    perform media.set_copies(jsonb_build_array(jsonb_build_object('table_name', hidden.t, 'row_key', hidden.k)));
    if hidden.t in ('cast_photos', 'show_images', 'season_images') then
      -- The row stays as a mark, so that no sync brings the image back.
      execute format('update core.%I t set archived_at = coalesce(t.archived_at, now()) where t.id = $1::uuid', hidden.t) using hidden.k;
      if hidden.t = 'show_images' then
        update core.shows s set primary_poster_image_id = nullif(s.primary_poster_image_id, hidden.k::uuid),
          primary_backdrop_image_id = nullif(s.primary_backdrop_image_id, hidden.k::uuid),
          primary_logo_image_id = nullif(s.primary_logo_image_id, hidden.k::uuid)
        where hidden.k::uuid in (s.primary_poster_image_id, s.primary_backdrop_image_id, s.primary_logo_image_id);
      end if;
    else
      -- A season, episode or company stays; its picture is set to none by hand, which every sync keeps.
      path_column := case hidden.t when 'seasons' then 'poster_path' when 'episodes' then 'still_path' else 'tmdb_logo_path' end;
      insert into core.overrides as o (table_name, row_key, field, value, reason, actor)
      values (hidden.t, hidden.k, path_column, 'null', 'taken down: ' || p_reason, p_actor)
      on conflict (table_name, row_key, field) do update set value = excluded.value, reason = excluded.reason, actor = excluded.actor;
      execute format(
        'update core.%1$I t set %2$I = null, provenance = t.provenance || jsonb_build_object(%2$L,
           jsonb_build_object(''source'', ''own'', ''licence'', ''own'', ''via'', ''override'', ''at'', to_jsonb(o.updated_at)))
         from core.overrides o where o.table_name = %1$L and o.row_key = $1 and o.field = %2$L and t.%3$I::text = $1',
        hidden.t, path_column, case hidden.t when 'watch_providers' then 'provider_id' else 'id' end) using hidden.k;
    end if;
  end loop;
end
$$;

-- Files that are not in the store as they should be: whoever shows them shows the source's address until they have been fetched again.
-- `p_files`: by content; `p_keys`: copies under older keys. Answers how many images wait now.
create or replace function media.fetch_again(p_files text[], p_keys text[], p_reason text) returns bigint
  language plpgsql set search_path = '' as $$
declare
  copies jsonb;
begin
  perform pg_advisory_xact_lock(hashtextextended('media files', 0));
  select coalesce(jsonb_agg(jsonb_build_object('table_name', i.table_name, 'row_key', i.row_key, 'source_url', i.source_url)), '[]') into copies
  from media.images i where i.hosted_sha256 = any (p_files) or i.hosted_key = any (p_keys);
  perform media.set_copies(copies);
  insert into media.fetch_state as s (table_name, row_key, source_url, state, reason)
  select v.table_name, v.row_key, coalesce(v.source_url, ''), 'pending', p_reason
  from jsonb_to_recordset(copies) v(table_name text, row_key text, source_url text)
  on conflict on constraint fetch_state_pkey do update set state = 'pending', reason = p_reason, detail = null, attempts = 0, sha256 = null,
    etag = null, last_modified = null, last_attempt_at = null, next_attempt_at = clock_timestamp();
  update media.fetch_state s set state = case when s.state = 'stored' then 'pending' else s.state end, sha256 = null, etag = null, last_modified = null
  where s.sha256 = any (p_files);
  delete from media.objects o where o.sha256 = any (p_files);
  return jsonb_array_length(copies);
end
$$;

-- Smaller versions that are not in the store as they should be are made again.
create or replace function media.make_again(p_files text[]) returns bigint language plpgsql set search_path = '' as $$
declare
  files bigint;
begin
  delete from media.variants v where v.sha256 = any (p_files);
  update media.objects o set variants_at = null, variants_error = null where o.sha256 = any (p_files);
  get diagnostics files = row_count;
  return files;
end
$$;

-- Remembers which files in the store nobody knows (`p_strays` [{key, bytes}]), and forgets those that are gone or known by now.
create or replace function media.note_strays(p_strays jsonb) returns void language plpgsql set search_path = '' as $$
begin
  delete from media.strays s where not exists (select from jsonb_to_recordset(p_strays) v(key text) where v.key = s.key);
  insert into media.strays (key, bytes) select v.key, v.bytes from jsonb_to_recordset(p_strays) v(key text, bytes bigint)
  where not exists (select from media.known_keys k where k.key = v.key)
  on conflict do nothing;
end
$$;

revoke execute on function media.fetch_again(text[], text[], text), media.make_again(text[]), media.note_strays(jsonb) from public, anon, authenticated;
grant execute on function media.fetch_again(text[], text[], text), media.make_again(text[]), media.note_strays(jsonb) to service_role;
revoke execute on function media.condemn_unreferenced(), media.begin_removal(text[], text[], text), media.end_removal(text[], jsonb),
  media.take_down(text[], text[], text, text) from public, anon, authenticated;
grant execute on function media.condemn_unreferenced(), media.begin_removal(text[], text[], text), media.end_removal(text[], jsonb),
  media.take_down(text[], text[], text, text) to service_role;
