-- Merging and splitting of shows and of people (W4): what was merged, each change that did it, and the rule for every
-- column that refers to something that can be merged.

-- One row per merge. A split marks it undone and keeps it. Source and target are no foreign keys: the source is gone.
create table if not exists core.merges (
  id          uuid not null default gen_random_uuid(),
  kind        text not null,
  source_id   uuid not null,
  target_id   uuid not null,
  source_name text not null,
  target_name text not null,
  actor       text not null,
  reason      text,
  report      jsonb not null default '{}',
  merged_at   timestamptz not null default now(),
  undone_at   timestamptz,
  undone_by   text,
  undo_report jsonb,
  created_at  timestamptz not null default now(),
  updated_at  timestamptz not null default now(),
  constraint merges_pkey primary key (id),
  constraint merges_kind_check check (kind in ('show', 'person')),
  constraint merges_two_check check (source_id <> target_id),
  constraint merges_actor_check check (btrim(actor) <> ''),
  constraint merges_undone_check check ((undone_at is null) = (undone_by is null))
);
comment on column core.merges.report is 'Rows by table and kind of change';
comment on column core.merges.undo_report is 'Rows restored by table, and what could not go back, with the reason';
create unique index if not exists merges_source_key on core.merges (kind, source_id) where undone_at is null;
create index if not exists merges_target_idx on core.merges (kind, target_id);
create index if not exists merges_merged_at_idx on core.merges (merged_at desc, id desc);

-- The changes of a merge in order. Read backwards they undo it.
create table if not exists core.merge_changes (
  merge_id   uuid not null,
  seq        bigint not null generated always as identity,
  relation   text not null,
  op         text not null,
  key        jsonb not null,
  before     jsonb,
  after      jsonb,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint merge_changes_pkey primary key (merge_id, seq),
  constraint merge_changes_merge_id_fkey foreign key (merge_id) references core.merges (id) on delete cascade,
  constraint merge_changes_op_check check (op in ('insert', 'update', 'delete'))
);
comment on column core.merge_changes.key is 'Primary key of the row after the change';
comment on column core.merge_changes.before is 'update: earlier values of the changed columns; delete: the whole row';
comment on column core.merge_changes.after is
  'update: new values of those columns; insert: the whole row; delete: key of the row it was united with, or null';

-- What becomes of a row that refers to a merged row. A table that refers to a show, season, episode or person needs a line
-- here for each such column; a test compares this table with the catalogue.
--   move    the row points at the target
--   unite   as move, but a row of the target that is the same thing (`identities`) takes it in, field by field
--   remove  rows of both sides go: they say nothing about the united one (what was synced, what was checked)
--   follow  another column's rule takes the row along
-- `identities`: alternatives, each a comma-separated list of columns; two nulls are equal unless the column ends in `!`;
-- an empty list means that the two always are.
-- `companions`: columns copied from the target row together with the pointer. `settings`: columns set besides.
create table if not exists core.merge_rules (
  parent      text not null,
  relation    text not null,
  column_name text not null,
  rule        text not null,
  identities  text[] not null default '{}',
  companions  text[] not null default '{}',
  settings    jsonb not null default '{}',
  position    integer not null default 100,
  created_at  timestamptz not null default now(),
  updated_at  timestamptz not null default now(),
  constraint merge_rules_pkey primary key (parent, relation, column_name),
  constraint merge_rules_rule_check check (rule in ('move', 'unite', 'remove', 'follow')),
  constraint merge_rules_identities_check check ((rule = 'unite') = (cardinality(identities) > 0))
);

create or replace trigger core_merges_set_updated_at before update on core.merges
  for each row execute function core.set_updated_at();
create or replace trigger core_merge_changes_set_updated_at before update on core.merge_changes
  for each row execute function core.set_updated_at();
create or replace trigger core_merge_rules_set_updated_at before update on core.merge_rules
  for each row execute function core.set_updated_at();

-- An outside id that came by a merge belongs to no source any more: none may withdraw it, since it is how the next import
-- finds the united row.
insert into core.merge_rules (parent, relation, column_name, rule, identities, companions, settings, position) values
  ('core.shows', 'core.seasons', 'show_id', 'unite', '{season_number}', '{}', '{}', 10),
  ('core.shows', 'core.episodes', 'show_id', 'follow', '{}', '{}', '{}', 11),
  ('core.shows', 'core.season_images', 'show_id', 'follow', '{}', '{}', '{}', 12),
  ('core.shows', 'core.show_images', 'show_id', 'unite', array['source,source_image_id'], '{}', '{}', 20),
  ('core.shows', 'core.show_cast', 'show_id', 'unite', array['person_id,credit_category'], '{}', '{}', 21),
  ('core.shows', 'core.episode_appearances', 'show_id', 'unite', '{person_id}', '{}', '{}', 22),
  ('core.shows', 'core.cast_memberships', 'show_id', 'unite', array['season_id,person_id,role'], '{}', '{}', 23),
  ('core.shows', 'core.show_watch_providers', 'show_id', 'unite', array['region,offer_type,provider_id'], '{}', '{}', 24),
  ('core.shows', 'core.alternative_names', 'show_id', 'unite', array['name,country,type,source'], '{}', '{}', 25),
  ('core.shows', 'core.external_ids', 'show_id', 'move', '{}', '{}',
    '{"provenance": {"value": {"source": "merge", "licence": "identifiers", "via": "merge"}}}', 26),
  ('core.shows', 'core.show_slugs', 'show_id', 'move', '{}', '{}', '{"is_current": false}', 27),
  ('core.shows', 'core.sync_state', 'show_id', 'remove', '{}', '{}', '{}', 28),
  ('core.shows', 'pipeline.show_checks', 'show_id', 'remove', '{}', '{}', '{}', 29),
  ('core.shows', 'pipeline.run_units', 'show_id', 'move', '{}', '{}', '{}', 30),
  ('core.shows', 'surveys.surveys', 'show_id', 'move', '{}', '{}', '{}', 31),
  ('core.shows', 'games.games', 'show_id', 'move', '{}', '{}', '{}', 32),
  ('core.seasons', 'core.episodes', 'season_id', 'unite', '{episode_number}', '{show_id}', '{}', 10),
  ('core.seasons', 'core.season_images', 'season_id', 'unite', array['source,file_path'], '{show_id}', '{}', 20),
  ('core.seasons', 'core.cast_memberships', 'season_id', 'unite', array['person_id,role'], '{show_id}', '{}', 21),
  ('core.seasons', 'core.external_ids', 'season_id', 'move', '{}', '{}',
    '{"provenance": {"value": {"source": "merge", "licence": "identifiers", "via": "merge"}}}', 22),
  ('core.seasons', 'surveys.surveys', 'season_id', 'move', '{}', '{show_id}', '{}', 31),
  ('core.seasons', 'games.games', 'season_id', 'move', '{}', '{show_id}', '{}', 32),
  ('core.episodes', 'core.episode_cast', 'episode_id', 'unite', '{cast_membership_id}', '{}', '{}', 10),
  ('core.episodes', 'core.external_ids', 'episode_id', 'move', '{}', '{}',
    '{"provenance": {"value": {"source": "merge", "licence": "identifiers", "via": "merge"}}}', 22),
  ('core.episodes', 'social.threads', 'episode_id', 'move', '{}', '{}', '{}', 30),
  ('core.episodes', 'surveys.surveys', 'episode_id', 'move', '{}', '{season_id,show_id}', '{}', 31),
  ('core.episodes', 'games.games', 'episode_id', 'move', '{}', '{season_id,show_id}', '{}', 32),
  ('core.cast_memberships', 'core.episode_cast', 'cast_membership_id', 'unite', '{episode_id}', '{}', '{}', 10),
  ('core.show_images', 'core.shows', 'primary_poster_image_id', 'move', '{}', '{}', '{}', 10),
  ('core.show_images', 'core.shows', 'primary_backdrop_image_id', 'move', '{}', '{}', '{}', 11),
  ('core.show_images', 'core.shows', 'primary_logo_image_id', 'move', '{}', '{}', '{}', 12),
  ('core.people', 'core.show_cast', 'person_id', 'unite', array['show_id,credit_category'], '{}', '{}', 20),
  ('core.people', 'core.episode_appearances', 'person_id', 'unite', '{show_id}', '{}', '{}', 21),
  ('core.people', 'core.cast_memberships', 'person_id', 'unite', array['show_id,season_id,role'], '{}', '{}', 22),
  ('core.people', 'core.cast_photos', 'person_id', 'unite',
    array['source,source_image_id!', 'source,image_url_canonical!'], '{}', '{}', 23),
  ('core.people', 'core.cast_fandom', 'person_id', 'unite', '{source}', '{}', '{}', 24),
  ('core.people', 'core.cast_tmdb', 'person_id', 'unite', array[''], '{}', '{}', 25),
  ('core.people', 'core.external_ids', 'person_id', 'move', '{}', '{}',
    '{"provenance": {"value": {"source": "merge", "licence": "identifiers", "via": "merge"}}}', 26)
on conflict (parent, relation, column_name) do nothing;

-- A survey or game that follows its episode to another season has, for a moment, the season of one show and the id of the
-- other. These keys are checked at once everywhere but in a merge or split, which asks for the end of its work.
alter table surveys.surveys alter constraint surveys_season_id_fkey deferrable initially immediate;
alter table surveys.surveys alter constraint surveys_episode_id_fkey deferrable initially immediate;
alter table games.games alter constraint games_season_id_fkey deferrable initially immediate;
alter table games.games alter constraint games_episode_id_fkey deferrable initially immediate;

-- For the service role alone.
do $$
declare
  target text;
begin
  foreach target in array array['core.merges', 'core.merge_changes', 'core.merge_rules'] loop
    execute format('alter table %s enable row level security', target);
    execute format('revoke all on %s from public, anon, authenticated', target);
    execute format('grant select, insert, update, delete on %s to service_role', target);
  end loop;
end
$$;
