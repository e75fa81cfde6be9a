-- The history of changes as before, for less: recording a changed row cost more than changing it. Functions in SQL are planned anew at each
-- call (before PostgreSQL 18), those in PL/pgSQL once per session; and without `offset 0` a row became JSON, and was compared, again at every place
-- that reads it.

-- The fields in which two states of a row differ; null when there are none. Payloads, bookkeeping (times, counts of absences) and names copied
-- from elsewhere are no change. A field's licences are its own, and those of single values of an array (decision 9).
create or replace function pipeline.changed_fields(before jsonb, after jsonb) returns jsonb
  language plpgsql immutable set search_path = '' as $$
begin
  return (
    select jsonb_object_agg(f.key, jsonb_strip_nulls(jsonb_build_object(
        'source', after -> 'provenance' -> f.key -> 'source', 'licences', l.new, 'old_licences', l.old))
      || jsonb_build_object('old', before -> f.key, 'new', f.value))
    from jsonb_each(after) f
    cross join lateral (
      select coalesce(jsonb_agg(distinct x.licence) filter (where x.is_new), '[]') as new,
        coalesce(jsonb_agg(distinct x.licence) filter (where not x.is_new), '[]') as old
      from (values (true, after -> 'provenance' -> f.key), (false, before -> 'provenance' -> f.key)) s (is_new, entry)
      cross join lateral (
        select s.is_new, s.entry ->> 'licence' as licence
        union all
        select s.is_new, v.value from jsonb_each_text(case when jsonb_typeof(s.entry -> 'licences') = 'object' then s.entry -> 'licences' else '{}' end) v
      ) x
      where x.licence is not null
    ) l
    where f.value is distinct from before -> f.key
      and f.key !~ '(_at$|_meta$|^(provenance|metadata|missing_count|show_name|cast_member_name|name_trigrams)$)');
end
$$;

-- All licences in a provenance column.
create or replace function pipeline.licences_of_row(provenance jsonb) returns text[]
  language plpgsql immutable set search_path = '' as $$
begin
  return (
    select coalesce(array_agg(distinct e.value ->> 'licence') filter (where e.value ->> 'licence' is not null), '{}')
    from jsonb_each(provenance) e);
end
$$;

-- What a row without an id is known by: its values of these columns, with a slash between.
create or replace function pipeline.key_of_row(stored jsonb, keys text[]) returns text
  language plpgsql immutable set search_path = '' as $$
begin
  return (select string_agg(stored ->> k.name, '/' order by k.place) from unnest(keys) with ordinality k (name, place));
end
$$;

-- Argument: the columns that name a row. Pairs of states are found by typed columns, not by text: a statement may change thousands.
create or replace function pipeline.record_changes() returns trigger
  language plpgsql security definer set search_path = '' as $$
declare
  keys constant text[] := string_to_array(tg_argv[0], ',');
  relation constant text := tg_table_schema || '.' || tg_table_name;
  show_column constant text := case when relation = 'core.shows' then 'id' else 'show_id' end;
  run constant uuid := nullif(current_setting('trr.run', true), '')::uuid;
  in_stage constant text := nullif(current_setting('trr.stage', true), '');
begin
  if tg_op = 'UPDATE' and tg_argv[0] = 'id' then
    insert into pipeline.changes (run_id, stage, table_name, row_key, about_show, op, fields)
    select run, in_stage, relation, c.after ->> 'id', (c.after ->> show_column)::uuid, c.kind, c.fields
    from (
      select p.after, pipeline.changed_fields(p.before, p.after) as fields,
        -- A row that is retired or comes back changes in more than its fields.
        case when p.before ->> 'retired_at' is null and p.after ->> 'retired_at' is not null then 'retire'
          when p.before ->> 'retired_at' is not null and p.after ->> 'retired_at' is null then 'return'
          else 'update' end as kind
      from (select to_jsonb(o) as before, to_jsonb(n) as after from old_rows o join new_rows n on n.id = o.id offset 0) p
      offset 0
    ) c
    where c.fields is not null or c.kind <> 'update';
  elsif tg_op = 'UPDATE' then
    insert into pipeline.changes (run_id, stage, table_name, row_key, about_show, op, fields)
    select run, in_stage, relation, pipeline.key_of_row(c.after, keys), (c.after ->> show_column)::uuid, 'update', c.fields
    from (
      select p.after, pipeline.changed_fields(p.before, p.after) as fields
      from (select to_jsonb(o) as before, to_jsonb(n) as after
            from old_rows o join new_rows n using (show_id, region, offer_type, provider_id) offset 0) p
      offset 0
    ) c
    where c.fields is not null;
  elsif tg_op = 'INSERT' then
    insert into pipeline.changes (run_id, stage, table_name, row_key, about_show, op, licences)
    select run, in_stage, relation, coalesce(c.r ->> 'id', pipeline.key_of_row(c.r, keys)), (c.r ->> show_column)::uuid, 'insert', pipeline.licences_of_row(c.r -> 'provenance')
    from (select to_jsonb(n) as r from new_rows n offset 0) c;
  else
    insert into pipeline.changes (run_id, stage, table_name, row_key, about_show, op, licences)
    select run, in_stage, relation, coalesce(c.r ->> 'id', pipeline.key_of_row(c.r, keys)), (c.r ->> show_column)::uuid, 'delete', pipeline.licences_of_row(c.r -> 'provenance')
    from (select to_jsonb(o) as r from old_rows o offset 0) c;
  end if;
  return null;
end
$$;

drop function if exists pipeline.plain_row(jsonb), pipeline.licences_of(jsonb), pipeline.kind_of_change(jsonb, jsonb);
revoke execute on all functions in schema pipeline from public, anon, authenticated;
