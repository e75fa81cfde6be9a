-- Merging: the source's rows go to the target, rows that are the same thing are united, the source's row goes last.

-- Refuses to begin when a table refers to something that can be merged and no rule says what becomes of its rows: they
-- would vanish or stop the merge halfway.
create or replace function core.merge_assert_ruled() returns void
  language plpgsql stable set search_path = '' as $$
declare
  unruled text;
begin
  select string_agg(format('%s.%s', k.conrelid::regclass, mine.attname), ', ' order by 1) into unruled
  from pg_catalog.pg_constraint k
  cross join unnest(k.conkey, k.confkey) as pair (child_column, parent_column)
  join pg_catalog.pg_attribute mine on mine.attrelid = k.conrelid and mine.attnum = pair.child_column
  join pg_catalog.pg_attribute theirs on theirs.attrelid = k.confrelid and theirs.attnum = pair.parent_column
  where k.contype = 'f' and theirs.attname = 'id'
    and k.confrelid in (select r.parent::regclass from core.merge_rules r)
    and not exists (
      select 1 from core.merge_rules r
      where r.parent::regclass = k.confrelid and r.relation::regclass = k.conrelid and r.column_name = mine.attname);
  if unruled is not null then
    raise exception 'no rule for merging %', unruled using errcode = 'restrict_violation', constraint = 'merge_rule_missing',
      hint = 'A column that refers to merged rows needs a line in core.merge_rules.';
  end if;
end
$$;

-- Refuses to delete a show or person that something still refers to: a rule that misses rows would lose them silently.
create or replace function core.merge_assert_unreferenced(relation text, id uuid) returns void
  language plpgsql stable set search_path = '' as $$
declare
  rule core.merge_rules;
  referenced boolean;
begin
  for rule in select * from core.merge_rules r where r.parent = merge_assert_unreferenced.relation loop
    execute format('select exists (select 1 from %s c where c.%I = $1)', rule.relation, rule.column_name)
    into referenced using id;
    if referenced then
      raise exception '%.% still refers to % %', rule.relation, rule.column_name, relation, id
        using errcode = 'restrict_violation', constraint = 'merge_incomplete';
    end if;
  end loop;
end
$$;

-- Points all rows of a rule that have `source_id` at the target, in one statement.
create or replace function core.merge_move(merge uuid, rule core.merge_rules, source_id uuid, target_row jsonb) returns void
  language plpgsql set search_path = '' as $$
declare
  changed text[] := array[rule.column_name] || rule.companions || array(select jsonb_object_keys(rule.settings));
  assignments text;
begin
  select string_agg(case
      when c = rule.column_name then format('%I = ($2 ->> ''id'')::uuid', c)
      when c = any (rule.companions) then format('%I = ($2 ->> %L)::uuid', c, c)
      else format('%I = s.%I', c, c) end, ', ')
  into assignments from unnest(changed) c;
  execute format(
    'with moved as (
       update %1$s t set %2$s
       from %1$s o cross join jsonb_populate_record(null::%1$s, $3) s
       where %3$s and o.%4$I = $1
       returning %5$s as key, jsonb_build_object(%6$s) as before, jsonb_build_object(%7$s) as after)
     insert into core.merge_changes (merge_id, relation, op, key, before, after)
     select $4, %8$L, ''update'', key, before, after from moved',
    rule.relation, assignments,
    (select string_agg(format('o.%1$I = t.%1$I', k), ' and ') from unnest(core.merge_key_columns(rule.relation::regclass)) k),
    rule.column_name, core.merge_key_sql(rule.relation::regclass, 't'),
    (select string_agg(format('%L, o.%I', c, c), ', ') from unnest(changed) c),
    (select string_agg(format('%L, t.%I', c, c), ', ') from unnest(changed) c), rule.relation)
  using source_id, target_row, rule.settings, merge;
end
$$;

-- Deletes all rows of a rule that belong to either side.
create or replace function core.merge_remove(merge uuid, rule core.merge_rules, source_id uuid, target_id uuid) returns void
  language plpgsql set search_path = '' as $$
begin
  execute format(
    'with gone as (delete from %1$s t where t.%2$I in ($1, $2) returning %3$s as key, to_jsonb(t) as content)
     insert into core.merge_changes (merge_id, relation, op, key, before) select $3, %4$L, ''delete'', key, content from gone',
    rule.relation, rule.column_name, core.merge_key_sql(rule.relation::regclass, 't'), rule.relation)
  using source_id, target_id, merge;
end
$$;

-- Pairs of rows, one of each side, that are the same thing by one of the rule's identities; each source row once.
create or replace function core.merge_pairs(rule core.merge_rules, source_id uuid, target_id uuid)
returns table (source_key jsonb, target_key jsonb) language plpgsql stable set search_path = '' as $$
declare
  conditions text;
begin
  select string_agg('(' || (
      select coalesce(string_agg(case
          when c like '%!' then format('a.%1$I = b.%1$I', rtrim(c, '!'))
          else format('a.%1$I is not distinct from b.%1$I', c) end, ' and '), 'true')
      from unnest(string_to_array(identity, ',')) c) || ')', ' or ')
  into conditions from unnest(rule.identities) identity;
  return query execute format(
    'select distinct on (%1$s) %1$s, %2$s from %3$s a join %3$s b on b.%4$I = $2 and (%5$s) where a.%4$I = $1 order by 1, 2',
    core.merge_key_sql(rule.relation::regclass, 'a'), core.merge_key_sql(rule.relation::regclass, 'b'),
    rule.relation, rule.column_name, conditions)
  using source_id, target_id;
end
$$;

-- Ids of the source's row at other places that the target's row did not take over: they go on finding the united row.
create or replace function core.merge_keep_ids(merge uuid, relation text, source_row jsonb, target_row jsonb) returns void
  language plpgsql set search_path = '' as $$
declare
  owner_column text;
  owner_id uuid;
  outside record;
  made core.external_ids;
begin
  owner_column := case relation
    when 'core.shows' then 'show_id' when 'core.seasons' then 'season_id' when 'core.episodes' then 'episode_id'
    when 'core.people' then 'person_id' when 'core.cast_tmdb' then 'person_id' end;
  if owner_column is null then return; end if;
  owner_id := coalesce(case relation when 'core.cast_tmdb' then target_row ->> 'person_id' end, target_row ->> 'id')::uuid;
  for outside in
    select ids.scheme, btrim(ids.value) as value
    from (
      select m.scheme, source_row ->> m.column_name as value
      from (values
        ('core.shows', 'imdb_id', 'imdb'), ('core.shows', 'tmdb_id', 'tmdb'), ('core.shows', 'tvdb_id', 'tvdb'),
        ('core.shows', 'tvrage_id', 'tvrage'), ('core.shows', 'wikidata_id', 'wikidata'),
        ('core.shows', 'facebook_id', 'facebook'), ('core.shows', 'instagram_id', 'instagram'),
        ('core.shows', 'twitter_id', 'twitter'), ('core.seasons', 'tmdb_season_id', 'tmdb'),
        ('core.seasons', 'external_tvdb_id', 'tvdb'), ('core.seasons', 'external_wikidata_id', 'wikidata'),
        ('core.episodes', 'imdb_episode_id', 'imdb'), ('core.episodes', 'tmdb_episode_id', 'tmdb'),
        ('core.cast_tmdb', 'tmdb_id', 'tmdb')
      ) as m (relation, column_name, scheme)
      where m.relation = merge_keep_ids.relation
        and source_row ->> m.column_name is distinct from target_row ->> m.column_name
      union
      select e.key, e.value
      from jsonb_each_text(case when relation in ('core.people', 'core.seasons', 'core.episodes')
        and jsonb_typeof(source_row -> 'external_ids') = 'object' then source_row -> 'external_ids' else '{}' end) e
      where e.value is distinct from target_row -> 'external_ids' ->> e.key
    ) ids
    where btrim(ids.value) <> '' and length(btrim(ids.value)) <= 200 and ids.scheme ~ '^[a-z][a-z0-9_]{0,39}$'
    order by 1, 2
  loop
    execute format(
      'insert into core.external_ids (%1$I, scheme, value, provenance) values ($1, $2, $3, $4)
       on conflict (scheme, value) where %1$I is not null do nothing returning *', owner_column)
    into made using owner_id, outside.scheme, outside.value,
      jsonb_build_object('value', jsonb_build_object('source', 'merge', 'licence', 'identifiers', 'via', 'merge'));
    if made.id is not null then
      perform core.merge_log(merge, 'core.external_ids', 'insert', jsonb_build_object('id', made.id), null, to_jsonb(made));
    end if;
  end loop;
end
$$;

-- Makes two rows of one table one: children first, then the source's row goes, then the target's takes its values.
create or replace function core.merge_unite(merge uuid, relation text, source_key jsonb, target_key jsonb) returns void
  language plpgsql set search_path = '' as $$
declare
  entity_table text := split_part(relation, '.', 2);
  source_row jsonb := core.merge_row(relation::regclass, source_key);
  target_row jsonb := core.merge_row(relation::regclass, target_key);
  pinned text[] := '{}';
  taken text[] := '{}';
  human core.overrides;
  rule core.merge_rules;
  pair record;
  has_rows boolean;
  patch jsonb;
  violated text;
begin
  -- What people decided about a field moves with it; where both sides have a decision, the target's stands.
  if relation like 'core.%' and source_key ? 'id' then
    pinned := array(select o.field from core.overrides o
      where o.table_name = entity_table and o.row_key = target_key ->> 'id');
    for human in select * from core.overrides o
      where o.table_name = entity_table and o.row_key = source_key ->> 'id' order by o.field
    loop
      if human.field = any (pinned) then
        perform core.merge_log(merge, 'core.overrides', 'delete', jsonb_build_object('id', human.id), to_jsonb(human), null);
        delete from core.overrides o where o.id = human.id;
      else
        taken := taken || human.field;
        perform core.merge_update(merge, 'core.overrides', jsonb_build_object('id', human.id),
          jsonb_build_object('row_key', target_key ->> 'id'));
      end if;
    end loop;
  end if;

  for rule in select * from core.merge_rules r where r.parent = merge_unite.relation order by r.position, r.relation, r.column_name
  loop
    if rule.rule = 'remove' then
      perform core.merge_remove(merge, rule, (source_key ->> 'id')::uuid, (target_key ->> 'id')::uuid);
      continue;
    end if;
    continue when rule.rule = 'follow';
    -- A show has thousands of episodes, and most have nothing of most kinds: one cheap question first.
    execute format('select exists (select 1 from %s c where c.%I = $1)', rule.relation, rule.column_name)
    into has_rows using (source_key ->> 'id')::uuid;
    continue when not has_rows;
    if rule.rule = 'unite' then
      for pair in select * from core.merge_pairs(rule, (source_key ->> 'id')::uuid, (target_key ->> 'id')::uuid) loop
        perform core.merge_unite(merge, rule.relation, pair.source_key, pair.target_key);
      end loop;
    end if;
    perform core.merge_move(merge, rule, (source_key ->> 'id')::uuid, target_row);
  end loop;

  if relation in ('core.shows', 'core.people') then
    perform core.merge_assert_unreferenced(relation, (source_key ->> 'id')::uuid);
  end if;
  -- As it is now, not as it was: what the merge changed in it before has its own entries.
  perform core.merge_log(merge, relation, 'delete', source_key, core.merge_row(relation::regclass, source_key), target_key);
  perform core.merge_erase(relation::regclass, source_key);

  patch := core.merge_patch(relation::regclass, source_row, core.merge_row(relation::regclass, target_key), pinned, taken);
  while patch <> '{}' loop
    begin
      perform core.merge_update(merge, relation, target_key, patch);
      exit;
    exception when unique_violation then
      -- A third row has the key the target would take over; that column stays as it is.
      get stacked diagnostics violated = constraint_name;
      if not patch ?| core.merge_unique_columns(relation::regclass, violated) then raise; end if;
      patch := patch - core.merge_unique_columns(relation::regclass, violated);
    end;
  end loop;
  perform core.merge_keep_ids(merge, relation, source_row, core.merge_row(relation::regclass, target_key));
end
$$;

-- Where a merged show or person is now, through merges of merges; null when it was never merged (or was split again).
create or replace function core.merged_into(kind text, id uuid) returns uuid
  language sql stable set search_path = '' as $$
  with recursive chain (id, steps) as (
    select m.target_id, 1 from core.merges m where m.kind = merged_into.kind and m.source_id = merged_into.id and m.undone_at is null
    union all
    select m.target_id, c.steps + 1
    from chain c join core.merges m on m.kind = merged_into.kind and m.source_id = c.id and m.undone_at is null
    where c.steps < 1000
  )
  select c.id from chain c order by c.steps desc limit 1
$$;

-- Rows by table and kind of change.
create or replace function core.merge_counts(merge uuid) returns jsonb
  language sql stable set search_path = '' as $$
  select coalesce(jsonb_object_agg(relation, ops), '{}')
  from (
    select relation, jsonb_object_agg(op, n) as ops
    from (select c.relation, c.op, count(*) as n from core.merge_changes c where c.merge_id = merge group by c.relation, c.op) counted
    group by relation
  ) by_relation
$$;

-- Checks shared by both kinds. Returns the answer when there is nothing to do (already merged), else null.
create or replace function core.merge_check(kind text, source uuid, target uuid, actor text) returns jsonb
  language plpgsql stable set search_path = '' as $$
declare
  relation text := case kind when 'show' then 'core.shows' else 'core.people' end;
  gone_to uuid;
  exists_now boolean;
begin
  if source is null or target is null then
    raise exception 'merging needs two %s', case kind when 'show' then 'shows' else 'people' end
      using errcode = 'null_value_not_allowed', constraint = 'merge_needs_two';
  end if;
  if source = target then
    raise exception 'a % cannot be merged with itself', kind using errcode = 'invalid_parameter_value', constraint = 'merge_same';
  end if;
  if coalesce(btrim(actor), '') = '' then
    raise exception 'a merge needs to know who asked for it' using errcode = 'invalid_parameter_value', constraint = 'merge_needs_actor';
  end if;
  execute format('select exists (select 1 from %s t where t.id = $1)', relation) into exists_now using source;
  if not exists_now then
    gone_to := core.merged_into(kind, source);
    if gone_to = target then
      return (select m.report || jsonb_build_object('merge_id', m.id, 'already_merged', true)
        from core.merges m where m.kind = merge_check.kind and m.source_id = source and m.undone_at is null);
    end if;
    if gone_to is not null then
      raise exception '% % was merged into %', kind, source, gone_to using errcode = 'no_data_found', constraint = 'merged_away';
    end if;
    raise exception 'no % %', kind, source using errcode = 'no_data_found', constraint = kind || '_not_found';
  end if;
  execute format('select exists (select 1 from %s t where t.id = $1)', relation) into exists_now using target;
  if not exists_now then
    gone_to := core.merged_into(kind, target);
    if gone_to is not null then
      raise exception '% % was merged into %', kind, target, gone_to using errcode = 'no_data_found', constraint = 'merged_away';
    end if;
    raise exception 'no % %', kind, target using errcode = 'no_data_found', constraint = kind || '_not_found';
  end if;
  return null;
end
$$;

-- Both shows' locks, in the order of their ids: the pipeline's (`show:<id>`), then the rows'.
create or replace function core.lock_shows(one uuid, other uuid) returns void
  language plpgsql set search_path = '' as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('show:' || least(one, other)::text, 0));
  perform pg_advisory_xact_lock(hashtextextended('show:' || greatest(one, other)::text, 0));
  perform 1 from core.shows s where s.id in (one, other) order by s.id for update;
  -- Whoever adds a thread, survey or credit now waits, and then finds the row that stays, or is refused.
  perform 1 from core.seasons s where s.show_id in (one, other) order by s.id for update;
  perform 1 from core.episodes e where e.show_id in (one, other) order by e.id for update;
end
$$;

-- Merges `source` into `target` and returns what was done: {merge_id, already_merged, changes: {table: {op: rows}}}.
-- Errors by constraint name: merge_needs_two, merge_same, merge_needs_actor, show_not_found, merged_away, target_retired.
create or replace function core.merge_shows(source uuid, target uuid, actor text, reason text default null) returns jsonb
  language plpgsql set search_path = '' set timezone = 'UTC' as $$
declare
  known jsonb;
  merge uuid;
  source_row core.shows;
  target_row core.shows;
  made core.alternative_names;
  images jsonb;
begin
  if source <> target then perform core.lock_shows(source, target); end if;
  known := core.merge_check('show', source, target, actor);
  if known is not null then return known; end if;
  select * into source_row from core.shows s where s.id = source;
  select * into target_row from core.shows s where s.id = target;
  if target_row.retired_at is not null then
    raise exception 'show % is retired: what is merged into it would disappear', target
      using errcode = 'object_not_in_prerequisite_state', constraint = 'target_retired';
  end if;
  perform core.merge_assert_ruled();
  insert into core.merges (kind, source_id, target_id, source_name, target_name, actor, reason)
  values ('show', source, target, source_row.name, target_row.name, btrim(actor), reason) returning id into merge;
  set constraints surveys.surveys_season_id_fkey, surveys.surveys_episode_id_fkey,
    games.games_season_id_fkey, games.games_episode_id_fkey deferred;

  -- A primary image must be one of the show's own, so the source's go before its images do and return to the target last.
  perform core.merge_update(merge, 'core.shows', jsonb_build_object('id', source), '{"primary_poster_image_id": null,
    "primary_backdrop_image_id": null, "primary_logo_image_id": null}');
  perform core.merge_unite(merge, 'core.shows', jsonb_build_object('id', source), jsonb_build_object('id', target));

  select coalesce(jsonb_object_agg(p.name, coalesce(c.after ->> 'id', p.image::text)), '{}') into images
  from (values
    ('primary_poster_image_id', target_row.primary_poster_image_id, source_row.primary_poster_image_id),
    ('primary_backdrop_image_id', target_row.primary_backdrop_image_id, source_row.primary_backdrop_image_id),
    ('primary_logo_image_id', target_row.primary_logo_image_id, source_row.primary_logo_image_id)
  ) as p (name, mine, image)
  left join core.merge_changes c on c.merge_id = merge and c.relation = 'core.show_images' and c.op = 'delete'
    and c.key ->> 'id' = p.image::text
  where p.mine is null and p.image is not null;
  perform core.merge_update(merge, 'core.shows', jsonb_build_object('id', target), images);

  if source_row.name <> target_row.name and not exists (
    select 1 from core.alternative_names a where a.show_id = target and a.name = source_row.name
  ) then
    insert into core.alternative_names (show_id, name, source) values (target, source_row.name, 'merge') returning * into made;
    perform core.merge_log(merge, 'core.alternative_names', 'insert', jsonb_build_object('id', made.id), null, to_jsonb(made));
  end if;

  set constraints surveys.surveys_season_id_fkey, surveys.surveys_episode_id_fkey,
    games.games_season_id_fkey, games.games_episode_id_fkey immediate;
  update core.merges m set report = jsonb_build_object('changes', core.merge_counts(merge)) where m.id = merge;
  return jsonb_build_object('merge_id', merge, 'already_merged', false, 'changes', core.merge_counts(merge));
end
$$;

-- The same for two people. Errors: merge_needs_two, merge_same, merge_needs_actor, person_not_found, merged_away.
create or replace function core.merge_people(source uuid, target uuid, actor text, reason text default null) returns jsonb
  language plpgsql set search_path = '' set timezone = 'UTC' as $$
declare
  known jsonb;
  merge uuid;
begin
  perform 1 from core.people p where p.id in (source, target) order by p.id for update;
  known := core.merge_check('person', source, target, actor);
  if known is not null then return known; end if;
  -- Their old-style credits carry episodes: nobody may add one while a credit becomes part of another.
  perform 1 from core.cast_memberships m where m.person_id in (source, target) order by m.id for update;
  perform core.merge_assert_ruled();
  insert into core.merges (kind, source_id, target_id, source_name, target_name, actor, reason)
  select 'person', source, target, s.full_name, t.full_name, btrim(actor), reason
  from core.people s, core.people t where s.id = source and t.id = target returning id into merge;
  perform core.merge_unite(merge, 'core.people', jsonb_build_object('id', source), jsonb_build_object('id', target));
  update core.merges m set report = jsonb_build_object('changes', core.merge_counts(merge)) where m.id = merge;
  return jsonb_build_object('merge_id', merge, 'already_merged', false, 'changes', core.merge_counts(merge));
end
$$;
