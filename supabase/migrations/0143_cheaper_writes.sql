-- What a write of the pipeline costs beside the write. The history of changes turned every row into JSON, with its payloads, to compare two of
-- them; now each table has a function of its own that compares typed columns and turns into JSON only what changed. Folding names and cutting
-- them into pieces was planned anew at every call.

-- The licences a provenance entry speaks of: its own, and those of single values of an array (decision 9); a JSON array.
create or replace function pipeline.licences_of_entry(entry jsonb) returns jsonb
  language plpgsql immutable set search_path = '' as $$
begin
  if entry -> 'licences' is null or jsonb_typeof(entry -> 'licences') <> 'object' then
    return case when entry ->> 'licence' is null then '[]'::jsonb else jsonb_build_array(entry ->> 'licence') end;
  end if;
  return (
    select coalesce(jsonb_agg(distinct x.licence), '[]')
    from (select entry ->> 'licence' as licence union all select v.value from jsonb_each_text(entry -> 'licences') v) x
    where x.licence is not null);
end
$$;

-- Makes (again) what records the changes of a table: one function for it and its three triggers. To be called after columns came or went.
-- keys: the columns that name a row. Payloads, bookkeeping (times, counts of absences) and names copied from elsewhere are no change.
create or replace function pipeline.watch_changes(target regclass, keys text[]) returns void
  language plpgsql set search_path = '' as $body$
declare
  table_name constant text := (select c.relname from pg_catalog.pg_class c where c.oid = target);
  relation constant text := (select n.nspname || '.' || c.relname from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace where c.oid = target);
  recorder constant text := format('pipeline.record_%s_changes', table_name);
  columns constant text[] := array(select a.attname::text from pg_catalog.pg_attribute a
    where a.attrelid = target and a.attnum > 0 and not a.attisdropped order by a.attnum);
  compared constant text := (
    select string_agg(format('(%L, case when o.%I is distinct from n.%I then jsonb_build_object(''old'', o.%I, ''new'', n.%I) end)',
      c.name, c.name, c.name, c.name, c.name), E',\n        ' order by c.place)
    from unnest(columns) with ordinality c (name, place)
    where c.name !~ '(_at$|_meta$|^(provenance|metadata|missing_count|show_name|cast_member_name|name_trigrams)$)');
  -- The same for a row of either transition table, n or o.
  row_key constant text := (select string_agg(format('%%1$s.%I::text', k.name), ' || ''/'' || ' order by k.place)
    from unnest(keys) with ordinality k (name, place));
  show_id constant text := case when relation = 'core.shows' then '%1$s.id' when 'show_id' = any (columns) then '%1$s.show_id' else 'null::uuid' end;
  provenance constant text := case when 'provenance' = any (columns) then '%1$s.provenance' else '''{}''::jsonb' end;
  whole constant text := format(
    'insert into pipeline.changes (run_id, stage, table_name, row_key, about_show, op, licences)
    select run, in_stage, %L, %s, %s, %%2$L,
      array(select distinct e.value ->> ''licence'' from jsonb_each(%s) e where e.value ->> ''licence'' is not null order by 1)
    from %%1$s_rows %%1$s',
    relation, row_key, show_id, provenance);
  -- A row that is retired or comes back changes in more than its fields.
  kind constant text := case when 'retired_at' = any (columns) then
    'case when o.retired_at is null and n.retired_at is not null then ''retire''
        when o.retired_at is not null and n.retired_at is null then ''return'' else ''update'' end' else '''update''' end;
begin
  execute format($function$
create or replace function %1$s() returns trigger
  language plpgsql security definer set search_path = '' as $$
declare
  run constant uuid := nullif(current_setting('trr.run', true), '')::uuid;
  in_stage constant text := nullif(current_setting('trr.stage', true), '');
begin
  if tg_op = 'INSERT' then
    %2$s;
  elsif tg_op = 'DELETE' then
    %3$s;
  else
    insert into pipeline.changes (run_id, stage, table_name, row_key, about_show, op, fields)
    select run, in_stage, %4$L, %5$s, %6$s, %7$s, d.fields
    from o_rows o join n_rows n on %8$s
    cross join lateral (
      select jsonb_object_agg(f.key, jsonb_strip_nulls(jsonb_build_object('source', %9$s -> f.key -> 'source',
        'licences', pipeline.licences_of_entry(%9$s -> f.key), 'old_licences', pipeline.licences_of_entry(%10$s -> f.key))) || f.delta) as fields
      from (values
        %11$s) f (key, delta)
      where f.delta is not null
    ) d
    where d.fields is not null or %7$s <> 'update';
  end if;
  return null;
end
$$$function$,
    recorder, format(whole, 'n', 'insert'), format(whole, 'o', 'delete'), relation, format(row_key, 'n'), format(show_id, 'n'), kind,
    (select string_agg(format('o.%I = n.%I', k, k), ' and ') from unnest(keys) k), format(provenance, 'n'), format(provenance, 'o'), compared);
  execute format('revoke execute on function %s() from public, anon, authenticated', recorder);
  execute format('create or replace trigger core_%s_record_inserts after insert on %s referencing new table as n_rows
    for each statement execute function %s()', table_name, target, recorder);
  execute format('create or replace trigger core_%s_record_updates after update on %s referencing old table as o_rows new table as n_rows
    for each statement execute function %s()', table_name, target, recorder);
  execute format('create or replace trigger core_%s_record_deletes after delete on %s referencing old table as o_rows
    for each statement execute function %s()', table_name, target, recorder);
end
$body$;

select pipeline.watch_changes(format('core.%I', v.name)::regclass, string_to_array(v.keys, ','))
from (values
  ('shows', 'id'), ('seasons', 'id'), ('episodes', 'id'), ('people', 'id'), ('show_cast', 'id'), ('episode_appearances', 'id'),
  ('show_images', 'id'), ('season_images', 'id'), ('cast_photos', 'id'), ('external_ids', 'id'), ('alternative_names', 'id'),
  ('show_watch_providers', 'show_id,region,offer_type,provider_id')) v (name, keys);

drop function if exists pipeline.record_changes(), pipeline.changed_fields(jsonb, jsonb), pipeline.licences_of_row(jsonb), pipeline.key_of_row(jsonb, text[]);
revoke execute on all functions in schema pipeline from public, anon, authenticated;

-- As before (0054, 0061), in a language whose plans are kept.
create or replace function core.fold_text(value text) returns text
  language plpgsql immutable strict parallel safe set search_path = '' as $$
begin
  return btrim(regexp_replace(
    translate(
      replace(replace(replace(replace(replace(
        regexp_replace(normalize(lower(value collate "und-x-icu"), nfkd), '[\u0300-\u036f''’]', '', 'g'),
        'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'), '&', ' and '),
      'øłđðħı', 'olddhi'),
    '[\s!-/:-@\[-`{-\u00bf\u2000-\u206f\u3000-\u303f]+', ' ', 'g'));
end
$$;

create or replace function core.trigrams(value text) returns text[]
  language plpgsql immutable strict parallel safe set search_path = '' as $$
begin
  return (
    select coalesce(array_agg(distinct substr(padded, place, 3)), '{}')
    from unnest(string_to_array(core.fold_text(value), ' ')) word,
         lateral (select '  ' || word || ' ') as p (padded),
         generate_series(1, length(word) + 1) as place
    where word <> '');
end
$$;
