-- The history of changes as before, in one statement whose plan is kept. Written with functions in SQL it cost more than the change itself: such
-- functions have a search path of their own, so the planner cannot take them in, and each call is planned anew (before PostgreSQL 18).

create or replace function pipeline.record_changes() returns trigger
  language plpgsql security definer set search_path = '' as $$
declare
  keys constant text[] := string_to_array(tg_argv[0], ',');
  relation constant text := tg_table_schema || '.' || tg_table_name;
  show_column constant text := case when relation = 'core.shows' then 'id' else 'show_id' end;
  run constant uuid := nullif(current_setting('trr.run', true), '')::uuid;
  in_stage constant text := nullif(current_setting('trr.stage', true), '');
  -- Payloads are left out before anything is compared: they are large and say nothing new.
  payloads constant text[] := array['tmdb_meta', 'imdb_meta', 'name_trigrams'];
  -- Bookkeeping is no change: times, payloads, counts of absences, and names copied from elsewhere.
  bookkeeping constant text := '(_at$|_meta$|^(provenance|metadata|missing_count|show_name|cast_member_name)$)';
begin
  if tg_op = 'UPDATE' then
    -- Pairs of states are found by typed columns, not by text: a statement may change thousands. `offset 0`: a row becomes JSON once, not at
    -- every place that reads it.
    if tg_argv[0] = 'id' then
      insert into pipeline.changes (run_id, stage, table_name, row_key, about_show, op, fields)
      select run, in_stage, relation, c.after ->> 'id', (c.after ->> show_column)::uuid, c.kind, c.fields
      from (
        select p.after,
          -- A row that is retired or comes back changes in more than its fields.
          case when p.before ->> 'retired_at' is null and p.after ->> 'retired_at' is not null then 'retire'
            when p.before ->> 'retired_at' is not null and p.after ->> 'retired_at' is null then 'return'
            else 'update' end as kind,
          (select jsonb_object_agg(f.key, jsonb_strip_nulls(jsonb_build_object(
              'source', p.after -> 'provenance' -> f.key -> 'source', 'licences', l.new, 'old_licences', l.old))
            || jsonb_build_object('old', p.before -> f.key, 'new', f.value))
          from jsonb_each(p.after) f
          -- The licences of a provenance entry: its own, and those of single values of an array (decision 9).
          cross join lateral (
            select coalesce(jsonb_agg(distinct x.licence) filter (where x.is_new), '[]') as new,
              coalesce(jsonb_agg(distinct x.licence) filter (where not x.is_new), '[]') as old
            from (values (true, p.after -> 'provenance' -> f.key), (false, p.before -> 'provenance' -> f.key)) s (is_new, entry)
            cross join lateral (
              select s.is_new, s.entry -> 'licence' as licence
              union all
              select s.is_new, v.value from jsonb_each(case when jsonb_typeof(s.entry -> 'licences') = 'object' then s.entry -> 'licences' else '{}' end) v
            ) x
            where x.licence is not null and jsonb_typeof(x.licence) <> 'null'
          ) l
          where f.value is distinct from p.before -> f.key and f.key !~ bookkeeping) as fields
        from (select to_jsonb(o) - payloads as before, to_jsonb(n) - payloads as after
              from old_rows o join new_rows n on n.id = o.id offset 0) p
        offset 0
      ) c
      where c.fields is not null or c.kind <> 'update';
    else
      insert into pipeline.changes (run_id, stage, table_name, row_key, about_show, op, fields)
      select run, in_stage, relation, (select string_agg(c.after ->> k.name, '/' order by k.place) from unnest(keys) with ordinality k(name, place)),
        (c.after ->> show_column)::uuid, 'update', c.fields
      from (
        select p.after, pipeline.changed_fields(p.before, p.after) as fields
        from (select to_jsonb(o) as before, to_jsonb(n) as after
              from old_rows o join new_rows n using (show_id, region, offer_type, provider_id) offset 0) p
        offset 0
      ) c
      where c.fields is not null;
    end if;
    return null;
  end if;
  if tg_op = 'INSERT' then
    insert into pipeline.changes (run_id, stage, table_name, row_key, about_show, op, licences)
    select run, in_stage, relation,
      case when tg_argv[0] = 'id' then c.r ->> 'id'
        else (select string_agg(c.r ->> k.name, '/' order by k.place) from unnest(keys) with ordinality k(name, place)) end,
      (c.r ->> show_column)::uuid, 'insert',
      (select coalesce(array_agg(distinct e.value ->> 'licence') filter (where e.value ->> 'licence' is not null), '{}')
       from jsonb_each(c.r -> 'provenance') e)
    from (select to_jsonb(n) as r from new_rows n offset 0) c;
  else
    insert into pipeline.changes (run_id, stage, table_name, row_key, about_show, op, licences)
    select run, in_stage, relation,
      case when tg_argv[0] = 'id' then c.r ->> 'id'
        else (select string_agg(c.r ->> k.name, '/' order by k.place) from unnest(keys) with ordinality k(name, place)) end,
      (c.r ->> show_column)::uuid, 'delete',
      (select coalesce(array_agg(distinct e.value ->> 'licence') filter (where e.value ->> 'licence' is not null), '{}')
       from jsonb_each(c.r -> 'provenance') e)
    from (select to_jsonb(o) as r from old_rows o offset 0) c;
  end if;
  return null;
end
$$;

drop function if exists pipeline.plain_row(jsonb), pipeline.kind_of_change(jsonb, jsonb), pipeline.licences_of_row(jsonb);
