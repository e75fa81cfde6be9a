-- Upkeep of copied names and of updated_at.
--
-- Repairs W2 (the appearances trigger read dropped columns, so that nothing could be written and no show or person with
-- appearances renamed), W32 (updated_at missing or not kept) and part of W27 (fixed search path). Runs on a new database
-- and on an adopted one alike, and may run twice.

-- 1. What the predecessor left behind and nothing uses (W35), what fails or loses rows (W4 merge_shows, W12 direct
--    conversations: both return rewritten), and the helpers of the image upserts, which 0059 replaces.
drop function if exists core.propagate_show_name_to_episodes() cascade;
drop function if exists core.propagate_show_name_to_seasons() cascade;
drop function if exists core.propagate_show_title_to_episodes() cascade;
drop function if exists core.propagate_show_title_to_seasons() cascade;
drop function if exists core.refresh_season_episode_id_arrays_from_episode_deletes() cascade;
drop function if exists core.refresh_season_episode_id_arrays_from_episode_inserts() cascade;
drop function if exists core.refresh_season_episode_id_arrays_from_episode_updates() cascade;
drop function if exists core.refresh_season_episode_id_arrays(uuid);
drop function if exists core.merge_shows(uuid, uuid);
drop function if exists social.get_or_create_direct_conversation(uuid);
drop trigger if exists cast_tmdb_updated_at on core.cast_tmdb;
drop function if exists core.cast_tmdb_set_updated_at();
drop trigger if exists core_tmdb_networks_set_updated_at on core.networks;
drop trigger if exists core_tmdb_production_companies_set_updated_at on core.production_companies;
drop trigger if exists core_tmdb_watch_providers_set_updated_at on core.watch_providers;

-- 2. updated_at: on every table, always the time of the transaction, whatever the statement sent.
create or replace function core.set_updated_at() returns trigger
  language plpgsql set search_path = '' as $$
begin
  new.updated_at := now();
  return new;
end
$$;

do $$
declare
  target text;
begin
  foreach target in array array[
    'core.shows', 'core.seasons', 'core.episodes', 'core.people', 'core.sync_state', 'core.show_cast',
    'core.episode_appearances', 'core.cast_memberships', 'core.episode_cast', 'core.cast_photos', 'core.cast_fandom',
    'core.cast_tmdb', 'core.show_images', 'core.season_images', 'core.networks', 'core.production_companies',
    'core.watch_providers', 'core.show_watch_providers',
    'surveys.surveys', 'surveys.questions', 'surveys.options', 'surveys.responses', 'surveys.answers', 'surveys.aggregates',
    'social.threads', 'social.posts', 'social.reactions', 'social.dm_conversations', 'social.dm_members',
    'social.dm_messages', 'social.dm_read_receipts',
    'games.games', 'games.questions', 'games.options', 'games.answer_keys', 'games.sessions', 'games.responses', 'games.stats'
  ] loop
    -- `surveys.aggregates` is a view from 0065 on.
    continue when (select c.relkind from pg_catalog.pg_class c where c.oid = target::regclass) <> 'r';
    execute format('alter table %s add column if not exists updated_at timestamptz not null default now()', target);
    execute format('create or replace trigger %I before update on %s for each row execute function core.set_updated_at()',
      replace(target, '.', '_') || '_set_updated_at', target);
  end loop;
end
$$;

-- A post says when its text changed; nobody sets that by hand.
create or replace function social.set_edited_at() returns trigger
  language plpgsql set search_path = '' as $$
begin
  new.edited_at := case when new.body is distinct from old.body then now() else old.edited_at end;
  return new;
end
$$;
create or replace trigger social_posts_set_edited_at before update of body, edited_at on social.posts
  for each row execute function social.set_edited_at();

-- 3. Copied names: set from the parent on every write of the row, whatever the statement sent.
create or replace function core.set_season_show_name() returns trigger
  language plpgsql set search_path = '' as $$
begin
  new.show_name := (select s.name from core.shows s where s.id = new.show_id);
  return new;
end
$$;
create or replace trigger core_seasons_set_show_name before insert or update of show_id, show_name on core.seasons
  for each row execute function core.set_season_show_name();

create or replace function core.set_episode_show_name() returns trigger
  language plpgsql set search_path = '' as $$
begin
  new.show_name := (select s.name from core.shows s where s.id = new.show_id);
  return new;
end
$$;
create or replace trigger core_episodes_set_show_name before insert or update of show_id, show_name on core.episodes
  for each row execute function core.set_episode_show_name();

create or replace function core.set_show_cast_names() returns trigger
  language plpgsql set search_path = '' as $$
begin
  new.show_name := (select s.name from core.shows s where s.id = new.show_id);
  new.cast_member_name := (select p.full_name from core.people p where p.id = new.person_id);
  return new;
end
$$;
create or replace trigger core_show_cast_set_names
  before insert or update of show_id, person_id, show_name, cast_member_name on core.show_cast
  for each row execute function core.set_show_cast_names();

create or replace function core.set_episode_appearance_names() returns trigger
  language plpgsql set search_path = '' as $$
begin
  select s.name, s.tmdb_id, s.imdb_id into new.show_name, new.tmdb_show_id, new.imdb_show_id
  from core.shows s where s.id = new.show_id;
  new.cast_member_name := (select p.full_name from core.people p where p.id = new.person_id);
  return new;
end
$$;
create or replace trigger core_episode_appearances_set_names
  before insert or update of show_id, person_id, show_name, cast_member_name, tmdb_show_id, imdb_show_id
  on core.episode_appearances
  for each row execute function core.set_episode_appearance_names();

-- 4. A rename reaches the copies. Rows that already agree are not touched, so their updated_at stays.
create or replace function core.propagate_show_name_to_dependents() returns trigger
  language plpgsql set search_path = '' as $$
begin
  update core.seasons set show_name = new.name where show_id = new.id and show_name is distinct from new.name;
  update core.episodes set show_name = new.name where show_id = new.id and show_name is distinct from new.name;
  update core.show_cast set show_name = new.name where show_id = new.id and show_name is distinct from new.name;
  update core.episode_appearances
  set show_name = new.name, tmdb_show_id = new.tmdb_id, imdb_show_id = new.imdb_id
  where show_id = new.id
    and (show_name, tmdb_show_id, imdb_show_id) is distinct from (new.name, new.tmdb_id, new.imdb_id);
  return null;
end
$$;
create or replace trigger core_shows_propagate_name_to_dependents after update of name, tmdb_id, imdb_id on core.shows
  for each row when ((old.name, old.tmdb_id, old.imdb_id) is distinct from (new.name, new.tmdb_id, new.imdb_id))
  execute function core.propagate_show_name_to_dependents();

create or replace function core.propagate_person_name_to_dependents() returns trigger
  language plpgsql set search_path = '' as $$
begin
  update core.show_cast set cast_member_name = new.full_name
  where person_id = new.id and cast_member_name is distinct from new.full_name;
  update core.episode_appearances set cast_member_name = new.full_name
  where person_id = new.id and cast_member_name is distinct from new.full_name;
  return null;
end
$$;
create or replace trigger core_people_propagate_name_to_dependents after update of full_name on core.people
  for each row when (old.full_name is distinct from new.full_name)
  execute function core.propagate_person_name_to_dependents();
