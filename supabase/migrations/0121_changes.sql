-- What changed in the catalogue, when, in which run and by whose word: one row per changed row, with its fields' old and new values. Written by
-- triggers, so that it holds for every writer: syncs, merges, overrides and SQL by hand.

create table if not exists pipeline.changes (
  id         bigint not null generated always as identity,
  txid       bigint not null default (pg_current_xact_id()::text::bigint),
  at         timestamptz not null default clock_timestamp(),
  run_id     uuid,
  stage      text,
  table_name text not null,
  row_key    text not null,
  about_show uuid,
  op         text not null,
  fields     jsonb,
  licences   text[] not null default '{}',
  constraint changes_pkey primary key (id),
  constraint changes_op_check check (op in ('insert', 'update', 'retire', 'return', 'delete'))
);
comment on table pipeline.changes is 'Outlives runs and rows it speaks of, hence without foreign keys';
comment on column pipeline.changes.txid is
  'Readers stop before the oldest transaction still at work: a change that commits late is never skipped';
comment on column pipeline.changes.row_key is 'The row''s id, or the columns of its key with a slash between';
comment on column pipeline.changes.fields is
  'By field: old, new, source, licences (of the new value), old_licences. Null for rows that came or went whole';
comment on column pipeline.changes.licences is 'Of a row that came or went: under which licences its values stand';
create index if not exists changes_feed_idx on pipeline.changes (txid, id);
create index if not exists changes_run_id_idx on pipeline.changes (run_id, id) where run_id is not null;
create index if not exists changes_about_show_idx on pipeline.changes (about_show, id) where about_show is not null;
create index if not exists changes_at_idx on pipeline.changes (at);

alter table pipeline.changes enable row level security;
revoke all on pipeline.changes from public, anon, authenticated, service_role;
grant select, insert, delete on pipeline.changes to service_role;
grant select on pipeline.changes to trr_reader;
drop policy if exists trr_reader_read on pipeline.changes;
create policy trr_reader_read on pipeline.changes for select to trr_reader using (true);

-- The licences a provenance entry speaks of: its own, and those of single values of an array (decision 9).
create or replace function pipeline.licences_of(entry jsonb) returns text[]
  language sql immutable set search_path = '' as $$
  select coalesce(array_agg(distinct l.licence) filter (where l.licence is not null), '{}') from (
    select entry ->> 'licence' as licence
    union all
    select v.value #>> '{}' from jsonb_each(case when jsonb_typeof(entry -> 'licences') = 'object' then entry -> 'licences' else '{}' end) v
  ) l
$$;

-- One row as the history sees it. Payloads are left out before anything is compared: they are large and say nothing new.
create or replace function pipeline.plain_row(stored jsonb) returns jsonb
  language sql immutable set search_path = '' as $$ select stored - 'tmdb_meta' - 'imdb_meta' - 'name_trigrams' $$;

-- The fields in which two states of a row differ; null when there are none. Bookkeeping is no change: times, payloads, counts of absences,
-- and names copied from elsewhere.
create or replace function pipeline.changed_fields(before jsonb, after jsonb) returns jsonb
  language sql immutable set search_path = '' as $$
  select jsonb_object_agg(f.key, jsonb_strip_nulls(jsonb_build_object(
      'source', after -> 'provenance' -> f.key -> 'source',
      'licences', to_jsonb(pipeline.licences_of(after -> 'provenance' -> f.key)),
      'old_licences', to_jsonb(pipeline.licences_of(before -> 'provenance' -> f.key))))
    || jsonb_build_object('old', before -> f.key, 'new', f.value))
  from jsonb_each(after) f
  where f.value is distinct from before -> f.key
    and f.key !~ '(_at$|_meta$|^(provenance|metadata|missing_count|show_name|cast_member_name)$)'
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
  if tg_op = 'UPDATE' then
    if tg_argv[0] = 'id' then
      insert into pipeline.changes (run_id, stage, table_name, row_key, about_show, op, fields)
      select run, in_stage, relation, c.after ->> 'id', (c.after ->> show_column)::uuid, pipeline.kind_of_change(c.before, c.after), c.fields
      from (
        select p.before, p.after, pipeline.changed_fields(p.before, p.after) as fields
        from (select pipeline.plain_row(to_jsonb(o)) as before, pipeline.plain_row(to_jsonb(n)) as after
              from old_rows o join new_rows n on n.id = o.id) p
      ) c
      where c.fields is not null or pipeline.kind_of_change(c.before, c.after) <> 'update';
    else
      insert into pipeline.changes (run_id, stage, table_name, row_key, about_show, op, fields)
      select run, in_stage, relation, (select string_agg(c.after ->> k.name, '/' order by k.place) from unnest(keys) with ordinality k(name, place)),
        (c.after ->> show_column)::uuid, 'update', c.fields
      from (
        select p.after, pipeline.changed_fields(p.before, p.after) as fields
        from (select to_jsonb(o) as before, to_jsonb(n) as after
              from old_rows o join new_rows n using (show_id, region, offer_type, provider_id)) p
      ) c
      where c.fields is not null;
    end if;
    return null;
  end if;
  if tg_op = 'INSERT' then
    insert into pipeline.changes (run_id, stage, table_name, row_key, about_show, op, licences)
    select run, in_stage, relation, (select string_agg(c.r ->> k.name, '/' order by k.place) from unnest(keys) with ordinality k(name, place)),
      (c.r ->> show_column)::uuid, 'insert', pipeline.licences_of_row(c.r -> 'provenance')
    from (select to_jsonb(n) as r from new_rows n) c;
  else
    insert into pipeline.changes (run_id, stage, table_name, row_key, about_show, op, licences)
    select run, in_stage, relation, (select string_agg(c.r ->> k.name, '/' order by k.place) from unnest(keys) with ordinality k(name, place)),
      (c.r ->> show_column)::uuid, 'delete', pipeline.licences_of_row(c.r -> 'provenance')
    from (select to_jsonb(o) as r from old_rows o) c;
  end if;
  return null;
end
$$;

-- A row that is retired or comes back changes in more than its fields.
create or replace function pipeline.kind_of_change(before jsonb, after jsonb) returns text
  language sql immutable set search_path = '' as $$
  select case
    when before ->> 'retired_at' is null and after ->> 'retired_at' is not null then 'retire'
    when before ->> 'retired_at' is not null and after ->> 'retired_at' is null then 'return'
    else 'update' end
$$;

-- All licences in a provenance column.
create or replace function pipeline.licences_of_row(provenance jsonb) returns text[]
  language sql immutable set search_path = '' as $$
  select coalesce(array_agg(distinct e.value ->> 'licence') filter (where e.value ->> 'licence' is not null), '{}')
  from jsonb_each(provenance) e
$$;
revoke execute on all functions in schema pipeline from public, anon, authenticated;

do $$
declare
  target record;
begin
  for target in select * from (values
    ('shows', 'id'), ('seasons', 'id'), ('episodes', 'id'), ('people', 'id'), ('show_cast', 'id'), ('episode_appearances', 'id'),
    ('show_images', 'id'), ('season_images', 'id'), ('cast_photos', 'id'), ('external_ids', 'id'), ('alternative_names', 'id'),
    ('show_watch_providers', 'show_id,region,offer_type,provider_id')) v(name, keys)
  loop
    execute format('create or replace trigger core_%s_record_inserts after insert on core.%I referencing new table as new_rows
      for each statement execute function pipeline.record_changes(%L)', target.name, target.name, target.keys);
    execute format('create or replace trigger core_%s_record_updates after update on core.%I referencing old table as old_rows new table as new_rows
      for each statement execute function pipeline.record_changes(%L)', target.name, target.name, target.keys);
    execute format('create or replace trigger core_%s_record_deletes after delete on core.%I referencing old table as old_rows
      for each statement execute function pipeline.record_changes(%L)', target.name, target.name, target.keys);
  end loop;
end
$$;
