-- Every value knows its source; rows that vanish upstream are retired, not deleted (W10).

-- Provenance: {field: {source, at, licence, via}}; array fields also carry `values: {source: [...]}`.
do $$
declare
  target text;
begin
  foreach target in array array[
    'shows', 'seasons', 'episodes', 'people', 'show_cast', 'episode_appearances', 'cast_photos', 'cast_fandom', 'cast_tmdb',
    'show_images', 'season_images', 'networks', 'production_companies', 'watch_providers', 'show_watch_providers'
  ] loop
    execute format('alter table core.%I add column if not exists provenance jsonb not null default ''{}''', target);
    execute format('alter table core.%I drop constraint if exists %I', target, target || '_provenance_check');
    execute format('alter table core.%I add constraint %I check (jsonb_typeof(provenance) = ''object'')',
      target, target || '_provenance_check');
  end loop;
end
$$;

-- missing_count: complete fetches in a row that lacked the row. retired_at: when it was taken out; null while it counts.
alter table core.shows add column if not exists retired_at timestamptz;
do $$
declare
  target text;
begin
  foreach target in array array['seasons', 'episodes', 'show_cast', 'show_images', 'season_images'] loop
    execute format('alter table core.%I add column if not exists missing_count smallint not null default 0', target);
    execute format('alter table core.%I add column if not exists retired_at timestamptz', target);
    execute format('alter table core.%I drop constraint if exists %I', target, target || '_missing_count_check');
    execute format('alter table core.%I add constraint %I check (missing_count >= 0)', target, target || '_missing_count_check');
  end loop;
end
$$;

-- Discussions are people's words: no refresh of the catalogue may take them along. Whoever really wants an episode gone
-- removes or moves its threads first.
alter table social.threads drop constraint if exists threads_episode_id_fkey;
alter table social.threads add constraint threads_episode_id_fkey
  foreign key (episode_id) references core.episodes (id);
