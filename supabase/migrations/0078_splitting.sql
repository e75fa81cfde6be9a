-- Splitting: a merge's changes read backwards. What nobody touched since returns to where it was; what was changed since
-- stays with the target and is reported.

-- Columns that say whose row it is. They go back together or not at all.
create or replace function core.merge_is_reference(column_name text) returns boolean
  language sql immutable parallel safe set search_path = '' as $$
  select column_name in ('show_id', 'season_id', 'episode_id', 'person_id', 'cast_membership_id', 'row_key')
$$;

-- Takes one change back from a value that may have changed again: `before` if it is still `after`; otherwise documents and
-- lists give back what the merge added and keep what came later. Null (SQL) when nothing can be taken back.
create or replace function core.merge_taken_back(before jsonb, after jsonb, now_value jsonb) returns jsonb
  language sql immutable parallel safe set search_path = '' as $$
  select case
    when now_value = after then before
    when jsonb_typeof(after) = 'object' and jsonb_typeof(now_value) = 'object' and jsonb_typeof(before) in ('object', 'null') then (
      select coalesce(jsonb_object_agg(k, v), '{}')
      from (
        select k, case when now_value -> k is not distinct from after -> k then coalesce(before, '{}') -> k else now_value -> k end as v
        from (select jsonb_object_keys(now_value) union select jsonb_object_keys(after)
              union select jsonb_object_keys(case jsonb_typeof(before) when 'object' then before else '{}' end)) as keys (k)
      ) merged where v is not null)
    when jsonb_typeof(after) = 'array' and jsonb_typeof(now_value) = 'array' and jsonb_typeof(before) in ('array', 'null') then
      nullif(core.merge_without(now_value, core.merge_without(after, before)), now_value)
    end
$$;

create or replace function core.merge_conflict(relation text, key jsonb, why text, details jsonb default '{}') returns jsonb
  language sql immutable set search_path = '' as $$
  select jsonb_build_array(jsonb_build_object('table', relation, 'key', key, 'why', why) || details)
$$;

-- Takes an update back; returns what could not be, as an array.
create or replace function core.split_update(change core.merge_changes) returns jsonb
  language plpgsql set search_path = '' as $$
declare
  stored jsonb := core.merge_row(change.relation::regclass, change.key);
  conflicts jsonb := '[]';
  patch jsonb := '{}';
  elsewhere boolean;
  col text;
  back jsonb;
  violated text;
begin
  if stored is null then return core.merge_conflict(change.relation, change.key, 'row is gone'); end if;
  select coalesce(bool_or(stored -> k is distinct from change.after -> k), false) into elsewhere
  from jsonb_object_keys(change.before) k where core.merge_is_reference(k);

  for col in select k from jsonb_object_keys(change.before) k order by k loop
    continue when not stored ? col;
    if core.merge_is_reference(col) then
      if not elsewhere then patch := patch || jsonb_build_object(col, change.before -> col); end if;
      continue;
    end if;
    back := core.merge_taken_back(change.before -> col, change.after -> col, stored -> col);
    if back is not null then patch := patch || jsonb_build_object(col, back); end if;
    if col <> 'provenance' and stored -> col is distinct from change.after -> col then
      conflicts := conflicts || core.merge_conflict(change.relation, change.key, 'changed since the merge',
        jsonb_build_object('field', col, 'kept', stored -> col, 'before', change.before -> col));
    end if;
  end loop;
  if elsewhere then
    conflicts := conflicts || core.merge_conflict(change.relation, change.key, 'moved since the merge');
  end if;

  while patch <> '{}' loop
    begin
      perform core.merge_write(change.relation::regclass, change.key, patch);
      exit;
    exception when unique_violation then
      get stacked diagnostics violated = constraint_name;
      if not patch ?| core.merge_unique_columns(change.relation::regclass, violated) then raise; end if;
      patch := patch - core.merge_unique_columns(change.relation::regclass, violated);
      conflicts := conflicts || core.merge_conflict(change.relation, change.key, 'the value is in use elsewhere',
        jsonb_build_object('constraint', violated));
    end;
  end loop;
  return conflicts;
end
$$;

-- Brings a deleted row back. A unique value that is in use elsewhere by now is left out where the column allows it.
create or replace function core.split_delete(change core.merge_changes) returns jsonb
  language plpgsql set search_path = '' as $$
declare
  conflicts jsonb := '[]';
  content jsonb := change.before;
  taken text[];
  violated text;
begin
  if core.merge_row(change.relation::regclass, change.key) is not null then
    return core.merge_conflict(change.relation, change.key, 'a newer row has its key');
  end if;
  loop
    begin
      perform core.merge_insert(change.relation::regclass, content);
      return conflicts;
    exception when unique_violation then
      get stacked diagnostics violated = constraint_name;
      taken := array(select c from unnest(core.merge_unique_columns(change.relation::regclass, violated)) c
        where content ? c and content -> c <> 'null');
      if taken = '{}' then raise; end if;
      conflicts := conflicts || core.merge_conflict(change.relation, change.key, 'the value is in use elsewhere',
        jsonb_build_object('constraint', violated));
      content := content - taken;
    end;
  end loop;
end
$$;

-- Removes a row the merge added, unless somebody changed it.
create or replace function core.split_insert(change core.merge_changes) returns jsonb
  language plpgsql set search_path = '' as $$
declare
  stored jsonb := core.merge_row(change.relation::regclass, change.key);
begin
  if stored is null then return '[]'; end if;
  if stored - 'updated_at' <> change.after - 'updated_at' then
    return core.merge_conflict(change.relation, change.key, 'changed since the merge');
  end if;
  perform core.merge_erase(change.relation::regclass, change.key);
  return '[]';
end
$$;

-- Takes all changes of a merge back, last first; returns {restored: {table: rows}, conflicts: [...]}.
create or replace function core.split_changes(merge core.merges) returns jsonb
  language plpgsql set search_path = '' as $$
declare
  change core.merge_changes;
  conflicts jsonb := '[]';
  restored jsonb := '{}';
  found_conflicts jsonb;
  violated text;
begin
  for change in select * from core.merge_changes c where c.merge_id = merge.id order by c.seq desc loop
    begin
      found_conflicts := case change.op
        when 'update' then core.split_update(change)
        when 'delete' then core.split_delete(change)
        else core.split_insert(change) end;
      if change.op = 'delete' and change.relation = 'core.shows' then
        -- The returning show was given an address by trigger; its own come back with the next changes.
        delete from core.show_slugs g where g.show_id = merge.source_id;
      end if;
    exception when integrity_constraint_violation then
      get stacked diagnostics violated = constraint_name;
      found_conflicts := core.merge_conflict(change.relation, change.key, 'does not fit any more',
        jsonb_build_object('constraint', violated));
    end;
    conflicts := conflicts || found_conflicts;
    if found_conflicts = '[]' then
      restored := jsonb_set(restored, array[change.relation], to_jsonb(coalesce((restored ->> change.relation)::integer, 0) + 1));
    end if;
  end loop;
  return jsonb_build_object('restored', restored, 'conflicts', conflicts);
end
$$;

-- The merge to undo, locked; an error when it cannot be.
create or replace function core.split_check(kind text, merge uuid, actor text) returns core.merges
  language plpgsql set search_path = '' as $$
declare
  chosen core.merges;
  relation text := case kind when 'show' then 'core.shows' else 'core.people' end;
  exists_now boolean;
  gone_to uuid;
begin
  select * into chosen from core.merges m where m.id = merge and m.kind = split_check.kind for update;
  if chosen.id is null then
    raise exception 'no merge % of this kind', merge using errcode = 'no_data_found', constraint = 'merge_not_found';
  end if;
  if coalesce(btrim(actor), '') = '' then
    raise exception 'a split needs to know who asked for it' using errcode = 'invalid_parameter_value', constraint = 'merge_needs_actor';
  end if;
  if chosen.undone_at is not null then
    raise exception 'merge % was undone at %', merge, chosen.undone_at
      using errcode = 'object_not_in_prerequisite_state', constraint = 'merge_undone';
  end if;
  execute format('select exists (select 1 from %s t where t.id = $1)', relation) into exists_now using chosen.target_id;
  if not exists_now then
    gone_to := core.merged_into(kind, chosen.target_id);
    raise exception '% % is no longer there', kind, chosen.target_id
      using errcode = 'object_not_in_prerequisite_state', constraint = 'merge_target_gone',
        hint = case when gone_to is null then '' else format('It was merged into %s: undo that merge first.', gone_to) end;
  end if;
  execute format('select exists (select 1 from %s t where t.id = $1)', relation) into exists_now using chosen.source_id;
  if exists_now then
    raise exception '% % exists again', kind, chosen.source_id
      using errcode = 'object_not_in_prerequisite_state', constraint = 'merge_source_exists';
  end if;
  return chosen;
end
$$;

-- Undoes a merge of shows and returns {merge_id, source, target, restored: {table: rows}, conflicts: [{table, key, why, ...}]}.
-- Errors by constraint name: merge_not_found, merge_needs_actor, merge_undone, merge_target_gone, merge_source_exists.
create or replace function core.split_shows(merge uuid, actor text) returns jsonb
  language plpgsql set search_path = '' set timezone = 'UTC' as $$
declare
  chosen core.merges;
  outcome jsonb;
  strays jsonb;
  child text;
begin
  select * into chosen from core.merges m where m.id = merge and m.kind = 'show';
  if chosen.id is not null then perform core.lock_shows(chosen.source_id, chosen.target_id); end if;
  chosen := core.split_check('show', merge, actor);
  set constraints surveys.surveys_season_id_fkey, surveys.surveys_episode_id_fkey,
    games.games_season_id_fkey, games.games_episode_id_fkey deferred;
  outcome := core.split_changes(chosen);

  -- A survey or game that was pointed elsewhere since belongs to the show whose season it is about.
  foreach child in array array['surveys.surveys', 'games.games'] loop
    execute format(
      'with strays as (
         update %1$s v set show_id = s.show_id from core.seasons s
         where s.id = v.season_id and s.show_id <> v.show_id and v.show_id in ($1, $2) returning v.id)
       select coalesce(jsonb_agg(jsonb_build_object(''table'', %1$L, ''key'', jsonb_build_object(''id'', id),
         ''why'', ''follows its season'')), ''[]'') from strays', child)
    into strays using chosen.source_id, chosen.target_id;
    outcome := jsonb_set(outcome, '{conflicts}', (outcome -> 'conflicts') || strays);
  end loop;
  perform core.assign_show_slug(s.id) from core.shows s
  where s.id in (chosen.source_id, chosen.target_id)
    and not exists (select 1 from core.show_slugs g where g.show_id = s.id and g.is_current);

  set constraints surveys.surveys_season_id_fkey, surveys.surveys_episode_id_fkey,
    games.games_season_id_fkey, games.games_episode_id_fkey immediate;
  update core.merges m set undone_at = now(), undone_by = btrim(split_shows.actor), undo_report = outcome where m.id = merge;
  return jsonb_build_object('merge_id', merge, 'source', chosen.source_id, 'target', chosen.target_id) || outcome;
end
$$;

-- The same for two people.
create or replace function core.split_people(merge uuid, actor text) returns jsonb
  language plpgsql set search_path = '' set timezone = 'UTC' as $$
declare
  chosen core.merges;
  outcome jsonb;
begin
  select * into chosen from core.merges m where m.id = merge and m.kind = 'person';
  perform 1 from core.people p where p.id = chosen.target_id for update;
  chosen := core.split_check('person', merge, actor);
  outcome := core.split_changes(chosen);
  update core.merges m set undone_at = now(), undone_by = btrim(split_people.actor), undo_report = outcome where m.id = merge;
  return jsonb_build_object('merge_id', merge, 'source', chosen.source_id, 'target', chosen.target_id) || outcome;
end
$$;

-- For the service role alone. `0062` closed what is made later to everybody; said again, so that it stands here.
do $$
declare
  made record;
begin
  for made in
    select p.oid::regprocedure::text as name from pg_catalog.pg_proc p
    where p.pronamespace = 'core'::regnamespace
      and (p.proname like 'merge%' or p.proname like 'split\_%' or p.proname = 'lock_shows')
  loop
    execute format('revoke execute on function %s from public, anon, authenticated', made.name);
    execute format('grant execute on function %s to service_role', made.name);
  end loop;
end
$$;
