-- Baseline: the predecessor's final state (its version 0051). Behaviour (functions, triggers, policies, grants) begins at 0052.
-- This file: shows, their seasons and episodes, people, and the state of ingestion.
create schema core;

-- Canonical show with IMDb and TMDb identities, typed metadata and raw source payloads.
create table core.shows (
  name                         text not null,
  show_total_seasons           integer,
  show_total_episodes          integer,
  imdb_id                      text,
  tmdb_id                      integer,
  most_recent_episode          text,
  id                           uuid not null default gen_random_uuid(),
  description                  text,
  premiere_date                date,
  created_at                   timestamptz not null default now(),
  updated_at                   timestamptz not null default now(),
  most_recent_episode_season   integer,
  most_recent_episode_number   integer,
  most_recent_episode_title    text,
  most_recent_episode_air_date date,
  most_recent_episode_imdb_id  text,
  primary_poster_image_id      uuid,
  primary_backdrop_image_id    uuid,
  primary_logo_image_id        uuid,
  needs_imdb_resolution        boolean not null default false,
  genres                       text[],
  keywords                     text[],
  tags                         text[],
  networks                     text[],
  streaming_providers          text[],
  listed_on                    text[],
  tvdb_id                      integer,
  tvrage_id                    integer,
  wikidata_id                  text,
  facebook_id                  text,
  instagram_id                 text,
  twitter_id                   text,
  needs_tmdb_resolution        boolean not null default false,
  tmdb_name                    text,
  tmdb_status                  text,
  tmdb_type                    text,
  tmdb_first_air_date          date,
  tmdb_last_air_date           date,
  tmdb_vote_average            numeric,
  tmdb_vote_count              integer,
  tmdb_popularity              numeric,
  imdb_title                   text,
  imdb_content_rating          text,
  imdb_rating_value            numeric,
  imdb_rating_count            integer,
  imdb_date_published          date,
  imdb_end_year                integer,
  tmdb_fetched_at              timestamptz,
  imdb_fetched_at              timestamptz,
  tmdb_meta                    jsonb,
  imdb_meta                    jsonb,
  tmdb_network_ids             integer[],
  tmdb_production_company_ids  integer[],
  constraint shows_pkey primary key (id)
);
create index core_shows_genres_gin on core.shows using gin (genres);
create unique index core_shows_imdb_id_unique on core.shows (imdb_id)
  where (imdb_id is not null) and (btrim(imdb_id) <> '');
create index core_shows_keywords_gin on core.shows using gin (keywords);
create index core_shows_listed_on_gin on core.shows using gin (listed_on);
create index core_shows_networks_gin on core.shows using gin (networks);
create index core_shows_streaming_providers_gin on core.shows using gin (streaming_providers);
create index core_shows_tags_gin on core.shows using gin (tags);
create unique index core_shows_tmdb_id_unique on core.shows (tmdb_id)
  where tmdb_id is not null;
create index core_shows_tmdb_network_ids_gin on core.shows using gin (tmdb_network_ids);
create index core_shows_tmdb_production_company_ids_gin on core.shows using gin (tmdb_production_company_ids);

-- Season of a show; number 0 holds specials.
create table core.seasons (
  show_name             text,
  name                  text,
  season_number         integer not null,
  show_id               uuid not null,
  title                 text,
  overview              text,
  air_date              date,
  premiere_date         date,
  tmdb_series_id        integer,
  imdb_series_id        text,
  tmdb_season_id        integer,
  tmdb_season_object_id text,
  poster_path           text,
  url_original_poster   text generated always as ('https://image.tmdb.org/t/p/original' || poster_path) stored,
  external_tvdb_id      integer,
  external_wikidata_id  text,
  external_ids          jsonb not null default '{}',
  language              text not null default 'en-US',
  fetched_at            timestamptz not null default now(),
  id                    uuid not null default gen_random_uuid(),
  created_at            timestamptz not null default now(),
  updated_at            timestamptz not null default now(),
  constraint seasons_pkey primary key (id),
  constraint seasons_show_id_season_number_unique unique (show_id, season_number),
  constraint seasons_season_number_check1 check (season_number >= 0),
  constraint seasons_show_id_fkey foreign key (show_id) references core.shows (id) on delete cascade
);
create index core_seasons_show_id_season_number_idx on core.seasons (show_id, season_number);
create unique index core_seasons_tmdb_series_season_unique on core.seasons (tmdb_series_id, season_number)
  where tmdb_series_id is not null;
create index seasons_show_id_idx on core.seasons (show_id);

-- Episode of a season, merged from IMDb and TMDb.
create table core.episodes (
  show_name                  text,
  title                      text,
  season_number              integer not null,
  episode_number             integer not null,
  show_id                    uuid not null,
  air_date                   date,
  synopsis                   text,
  overview                   text,
  imdb_episode_id            text,
  imdb_rating                numeric,
  imdb_vote_count            integer,
  imdb_primary_image_url     text,
  imdb_primary_image_caption text,
  imdb_primary_image_width   integer,
  imdb_primary_image_height  integer,
  tmdb_series_id             integer,
  tmdb_episode_id            integer,
  episode_type               text,
  production_code            text,
  runtime                    integer,
  still_path                 text,
  url_original_still         text generated always as ('https://image.tmdb.org/t/p/original' || still_path) stored,
  tmdb_vote_average          numeric,
  tmdb_vote_count            integer,
  external_ids               jsonb not null default '{}',
  fetched_at                 timestamptz not null default now(),
  season_id                  uuid not null,
  id                         uuid not null default gen_random_uuid(),
  created_at                 timestamptz not null default now(),
  updated_at                 timestamptz not null default now(),
  constraint episodes_pkey primary key (id),
  constraint episodes_season_id_episode_number_unique unique (season_id, episode_number),
  constraint episodes_episode_number_check1 check (episode_number >= 0),
  constraint episodes_season_number_check1 check (season_number >= 0),
  constraint episodes_season_id_fkey foreign key (season_id) references core.seasons (id) on delete cascade,
  constraint episodes_show_id_fkey foreign key (show_id) references core.shows (id) on delete cascade
);
create unique index core_episodes_imdb_episode_id_unique on core.episodes (imdb_episode_id)
  where imdb_episode_id is not null;
create unique index core_episodes_show_season_episode_unique on core.episodes (show_id, season_number, episode_number);
create index core_episodes_show_season_idx on core.episodes (show_id, season_number, episode_number);
create unique index core_episodes_tmdb_episode_id_unique on core.episodes (tmdb_episode_id)
  where tmdb_episode_id is not null;
create index episodes_season_id_idx on core.episodes (season_id);

-- Person (cast, host, guest); IMDb and TMDb ids live in a JSON column.
create table core.people (
  full_name    text not null,
  known_for    text,
  external_ids jsonb not null default '{}',
  id           uuid not null default gen_random_uuid(),
  created_at   timestamptz not null default now(),
  updated_at   timestamptz not null default now(),
  constraint people_pkey1 primary key (id)
);
create unique index core_people_imdb_unique on core.people ((external_ids ->> 'imdb'))
  where (external_ids ? 'imdb') and (btrim((external_ids ->> 'imdb')) <> '');
create index people_full_name_idx on core.people (full_name);

-- Progress of one ingestion step for one show, used to skip or resume work.
create table core.sync_state (
  table_name                    text not null,
  show_id                       uuid not null,
  status                        text not null default 'in_progress',
  last_success_at               timestamptz,
  last_seen_most_recent_episode text,
  last_error                    text,
  created_at                    timestamptz not null default now(),
  updated_at                    timestamptz not null default now(),
  constraint sync_state_table_name_show_id_key unique (table_name, show_id),
  constraint sync_state_status_check check (status in ('in_progress', 'success', 'failed')),
  constraint sync_state_show_id_fkey foreign key (show_id) references core.shows (id) on delete cascade
);
create index core_sync_state_show_id_idx on core.sync_state (show_id);
create index core_sync_state_status_idx on core.sync_state (status);
create index core_sync_state_table_name_idx on core.sync_state (table_name);
