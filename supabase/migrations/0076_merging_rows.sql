-- The parts of a merge: reading and writing any row by its key, and uniting two rows field by field. Everything runs with the
-- caller's rights (the service role's) and writes what it did to core.merge_changes.

-- Names of the primary key's columns, in the key's order.
create or replace function core.merge_key_columns(target regclass) returns text[]
  language sql stable set search_path = '' as $$
  select array_agg(a.attname::text order by k.n)
  from pg_catalog.pg_index i
  cross join unnest(i.indkey::int2[]) with ordinality k (attnum, n)
  join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
  where i.indrelid = target and i.indisprimary
$$;

-- `jsonb_build_object('id', t.id)`: the key of row `t` as SQL.
create or replace function core.merge_key_sql(target regclass, alias text) returns text
  language sql stable set search_path = '' as $$
  select 'jsonb_build_object(' || string_agg(format('%L, %I.%I', c, alias, c), ', ') || ')'
  from unnest(core.merge_key_columns(target)) c
$$;

-- `t.id = ($1 ->> 'id')::uuid`: the condition that picks a row by its key, as SQL.
create or replace function core.merge_key_condition(target regclass, alias text) returns text
  language sql stable set search_path = '' as $$
  select string_agg(
    format('%I.%I = ($1 ->> %L)::%s', alias, c, c, pg_catalog.format_type(a.atttypid, a.atttypmod)), ' and ')
  from unnest(core.merge_key_columns(target)) c
  join pg_catalog.pg_attribute a on a.attrelid = target and a.attname = c
$$;

-- The same for a key at hand; most are a uuid called id, which needs no look at the catalogue.
create or replace function core.merge_pick(target regclass, key jsonb) returns text
  language plpgsql stable set search_path = '' as $$
begin
  if key ? 'id' then return 't.id = ($1 ->> ''id'')::uuid'; end if;
  return core.merge_key_condition(target, 't');
end
$$;

-- `p."value"`, or a JSON null where the column is jsonb and cannot be null: populating a record makes SQL nulls of both.
create or replace function core.merge_value_sql(target regclass, column_name text) returns text
  language sql stable set search_path = '' as $$
  select case when a.atttypid = 'jsonb'::regtype and a.attnotnull then format('coalesce(p.%I, ''null'')', a.attname)
    else format('p.%I', a.attname) end
  from pg_catalog.pg_attribute a where a.attrelid = target and a.attname = merge_value_sql.column_name
$$;

-- The row as JSON, locked until the end of the transaction; null when there is none.
create or replace function core.merge_row(target regclass, key jsonb) returns jsonb
  language plpgsql set search_path = '' as $$
declare
  found_row jsonb;
begin
  execute format('select to_jsonb(t) from %s t where %s for update', target, core.merge_pick(target, key))
  into found_row using key;
  return found_row;
end
$$;

-- Adds a row of this content; columns that no longer exist and computed ones are left out.
create or replace function core.merge_insert(target regclass, content jsonb) returns void
  language plpgsql set search_path = '' as $$
declare
  names text;
  vals text;
begin
  select string_agg(format('%I', a.attname), ', '), string_agg(core.merge_value_sql(target, a.attname), ', ')
  into names, vals
  from pg_catalog.pg_attribute a
  where a.attrelid = target and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' and content ? a.attname::text;
  execute format('insert into %1$s (%2$s) select %3$s from jsonb_populate_record(null::%1$s, $1) p', target, names, vals)
  using content;
end
$$;

-- Sets the patched columns of one row and returns the row's key afterwards.
create or replace function core.merge_write(target regclass, key jsonb, patch jsonb) returns jsonb
  language plpgsql set search_path = '' as $$
declare
  pairs text;
  key_after jsonb;
begin
  select string_agg(format('%I = %s', k, core.merge_value_sql(target, k)), ', ') into pairs from jsonb_object_keys(patch) k;
  execute format('update %1$s t set %2$s from jsonb_populate_record(null::%1$s, $2) p where %3$s returning %4$s',
    target, pairs, core.merge_pick(target, key), core.merge_key_sql(target, 't'))
  into key_after using key, patch;
  return key_after;
end
$$;

create or replace function core.merge_erase(target regclass, key jsonb) returns void
  language plpgsql set search_path = '' as $$
begin
  execute format('delete from %s t where %s', target, core.merge_pick(target, key)) using key;
end
$$;

create or replace function core.merge_log(merge uuid, relation text, op text, key jsonb, before jsonb, after jsonb)
returns void language sql set search_path = '' as $$
  insert into core.merge_changes (merge_id, relation, op, key, before, after) values (merge, relation, op, key, before, after)
$$;

-- Changes a row and writes it down; columns that have the value already are left alone.
create or replace function core.merge_update(merge uuid, relation text, key jsonb, patch jsonb) returns void
  language plpgsql set search_path = '' as $$
declare
  stored jsonb := core.merge_row(relation::regclass, key);
  news jsonb;
  olds jsonb;
  key_after jsonb;
begin
  select coalesce(jsonb_object_agg(e.key, e.value), '{}'), coalesce(jsonb_object_agg(e.key, stored -> e.key), '{}')
  into news, olds
  from jsonb_each(patch) e where stored -> e.key is distinct from e.value;
  if stored is null or news = '{}' then return; end if;
  key_after := core.merge_write(relation::regclass, key, news);
  perform core.merge_log(merge, relation, 'update', key_after, olds, news);
end
$$;

-- Nullable columns of the unique constraint or index of this name: what can be given up so that a row fits in.
create or replace function core.merge_unique_columns(target regclass, index_name text) returns text[]
  language sql stable set search_path = '' as $$
  select coalesce(array_agg(a.attname::text), '{}')
  from pg_catalog.pg_index i
  join pg_catalog.pg_class c on c.oid = i.indexrelid and c.relname = index_name
  join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey::int2[])
  where i.indrelid = target and not a.attnotnull
$$;

-- No value: null, JSON null, blank text, an empty list.
create or replace function core.merge_is_blank(value jsonb) returns boolean
  language sql immutable parallel safe set search_path = '' as $$
  select case jsonb_typeof(value)
    when 'string' then btrim(value #>> '{}') = ''
    when 'array' then value = '[]'
    when 'null' then true
    else value is null end
$$;

-- Values of both lists without blanks: sorted (text by code point), or the second list's news after the first.
create or replace function core.merge_lists(first jsonb, second jsonb, sorted boolean) returns jsonb
  language sql immutable parallel safe set search_path = '' as $$
  with items as (
    select v, min(n) as n from (
      select v, n from jsonb_array_elements(case jsonb_typeof(first) when 'array' then first else '[]' end) with ordinality a (v, n)
      union all
      select v, n + 1000000000
      from jsonb_array_elements(case jsonb_typeof(second) when 'array' then second else '[]' end) with ordinality b (v, n)
    ) both_sides
    where not core.merge_is_blank(v)
    group by v
  )
  select coalesce(jsonb_agg(v order by
      case when sorted and jsonb_typeof(v) = 'number' then (v #>> '{}')::numeric end,
      case when sorted then v #>> '{}' end collate "C", n), '[]')
  from items
$$;

-- Elements of the first list that are not in the second, in order.
create or replace function core.merge_without(first jsonb, second jsonb) returns jsonb
  language sql immutable parallel safe set search_path = '' as $$
  select coalesce(jsonb_agg(v order by n), '[]')
  from jsonb_array_elements(case jsonb_typeof(first) when 'array' then first else '[]' end) with ordinality a (v, n)
  where not coalesce(second, '[]') @> jsonb_build_array(v)
$$;

-- Object: keys the target lacks or has null come from the source. Array: the target's elements, then the source's news.
create or replace function core.merge_documents(mine jsonb, theirs jsonb) returns jsonb
  language sql immutable parallel safe set search_path = '' as $$
  select case
    when core.merge_is_blank(mine) then coalesce(theirs, mine)
    when jsonb_typeof(mine) = 'object' and jsonb_typeof(theirs) = 'object' then
      mine || coalesce((select jsonb_object_agg(e.key, e.value) from jsonb_each(theirs) e
        where e.value <> 'null' and coalesce(mine -> e.key, 'null') = 'null'), '{}')
    when jsonb_typeof(mine) = 'array' and jsonb_typeof(theirs) = 'array' then mine || core.merge_without(theirs, mine)
    else mine end
$$;

-- Who said what in a united list: each source's values of both sides. A value that nobody claimed on one side stays
-- unclaimed, so that no source's withdrawal takes it away.
create or replace function core.merge_list_entry(mine jsonb, my_entry jsonb, theirs jsonb, their_entry jsonb) returns jsonb
  language sql immutable parallel safe set search_path = '' as $$
  with claims as (
    select 1 as side, e.key as source, e.value as list from jsonb_each(coalesce(my_entry -> 'values', '{}')) e
    union all
    select 2, e.key, e.value from jsonb_each(coalesce(their_entry -> 'values', '{}')) e
  ), unclaimed as (
    select v from jsonb_array_elements(case jsonb_typeof(mine) when 'array' then mine else '[]' end) v
    where not exists (select 1 from claims c where c.side = 1 and c.list @> jsonb_build_array(v))
    union
    select v from jsonb_array_elements(case jsonb_typeof(theirs) when 'array' then theirs else '[]' end) v
    where not exists (select 1 from claims c where c.side = 2 and c.list @> jsonb_build_array(v))
  ), united as (
    select c.source, core.merge_lists(jsonb_agg(v), '[]', true) as list
    from claims c cross join jsonb_array_elements(c.list) v
    where v not in (select u.v from unclaimed u)
    group by c.source
  )
  select case when count(*) = 0 then null
    else coalesce(my_entry, their_entry) || jsonb_build_object('values', jsonb_object_agg(source, list)) end
  from united
$$;

-- Columns whose values only make sense together: filled from the source when the target has none of them.
create or replace function core.merge_group(column_name text) returns text
  language sql immutable parallel safe set search_path = '' as $$
  select coalesce(
    substring(column_name from '^(hosted_|most_recent_episode|imdb_primary_image_|people_imdb_ids|title_imdb_ids|birthdate)'),
    case
      when column_name in ('width', 'height', 'aspect_ratio') then 'size'
      when column_name in ('imdb_rating', 'imdb_vote_count', 'imdb_rating_value', 'imdb_rating_count') then 'imdb rating'
      when column_name in ('tmdb_vote_average', 'tmdb_vote_count') then 'tmdb rating'
      when column_name = 'people_names' then 'people_imdb_ids'
      when column_name = 'title_names' then 'title_imdb_ids'
      else column_name end)
$$;

-- What to change in the target's row when the source's row becomes one with it.
--   pinned  columns of the target that a person has set: untouched
--   taken   columns of the source that a person has set: they win
create or replace function core.merge_patch(target regclass, source_row jsonb, target_row jsonb, pinned text[], taken text[])
returns jsonb language plpgsql stable set search_path = '' as $$
declare
  patch jsonb := '{}';
  mine_from jsonb := case jsonb_typeof(target_row -> 'provenance') when 'object' then target_row -> 'provenance' else '{}' end;
  their_from jsonb := case jsonb_typeof(source_row -> 'provenance') when 'object' then source_row -> 'provenance' else '{}' end;
  from_after jsonb;
  col record;
  mine jsonb;
  theirs jsonb;
  news jsonb;
  entry jsonb;
begin
  from_after := mine_from;
  for col in
    select a.attname::text as name, a.atttypid as type, t.typcategory = 'A' as is_list
    from pg_catalog.pg_attribute a join pg_catalog.pg_type t on t.oid = a.atttypid
    where a.attrelid = target and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
      and a.attname not in ('id', 'show_id', 'season_id', 'episode_id', 'person_id', 'cast_membership_id', 'season_number',
        'episode_number', 'created_at', 'updated_at', 'fetched_at', 'provenance', 'show_name', 'cast_member_name',
        'tmdb_show_id', 'imdb_show_id', 'primary_poster_image_id', 'primary_backdrop_image_id', 'primary_logo_image_id')
  loop
    mine := coalesce(target_row -> col.name, 'null');
    theirs := coalesce(source_row -> col.name, 'null');
    continue when col.name = any (pinned);
    -- Most columns of most rows: the source has nothing to add.
    continue when col.name <> all (taken) and (
      mine = theirs and not col.is_list
      or theirs = 'null' and col.name not in ('retired_at', 'needs_imdb_resolution', 'needs_tmdb_resolution'));

    if col.name = any (taken) then
      news := theirs;
      entry := their_from -> col.name;
    elsif col.name in ('needs_imdb_resolution', 'needs_tmdb_resolution') then
      news := to_jsonb(mine = 'true' and theirs = 'true');
      entry := mine_from -> col.name;
    elsif col.name = 'retired_at' then
      -- What one side still has is not gone.
      news := case when theirs = 'null' then theirs else mine end;
      entry := mine_from -> col.name;
    elsif col.name = 'missing_count' then
      news := case when theirs < mine then theirs else mine end;
      entry := mine_from -> col.name;
    elsif col.is_list and core.merge_group(col.name) = col.name then
      news := core.merge_lists(mine, theirs, target = 'core.shows'::regclass or col.name = 'seasons');
      -- The order alone is no reason to write, nor is an empty list for none.
      if core.merge_lists(news, '[]', true) = core.merge_lists(mine, '[]', true) then news := mine; end if;
      entry := core.merge_list_entry(mine, mine_from -> col.name, theirs, their_from -> col.name);
    elsif col.type = 'jsonb'::regtype then
      news := core.merge_documents(mine, theirs);
      entry := case when core.merge_is_blank(mine) then their_from -> col.name else mine_from -> col.name end;
    elsif core.merge_is_blank(mine) and not core.merge_is_blank(theirs)
      and not exists (
        select 1 from jsonb_each(target_row) e
        where core.merge_group(col.name) <> col.name and core.merge_group(e.key) = core.merge_group(col.name)
          and not core.merge_is_blank(e.value)) then
      news := theirs;
      entry := their_from -> col.name;
    else
      continue;
    end if;

    if news <> mine then patch := patch || jsonb_build_object(col.name, news); end if;
    from_after := case when entry is null then from_after - col.name
      else from_after || jsonb_build_object(col.name, entry) end;
  end loop;

  if target_row ? 'provenance' and from_after <> mine_from then
    patch := patch || jsonb_build_object('provenance', from_after);
  end if;
  return patch;
end
$$;
