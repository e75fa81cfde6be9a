-- Baseline: the predecessor's final state (its version 0051). Behaviour (functions, triggers, policies, grants) begins at 0052.
-- This file: images of shows and seasons, networks, companies and watch providers.

-- Image of a show from TMDb or IMDb, one row per image.
create table core.show_images (
  id                  uuid not null default gen_random_uuid(),
  show_id             uuid not null,
  source              text not null default 'tmdb',
  kind                text not null,
  iso_639_1           text,
  file_path           text,
  width               integer,
  height              integer,
  aspect_ratio        numeric,
  fetched_at          timestamptz not null default now(),
  tmdb_id             integer,
  url_original        text generated always as ('https://image.tmdb.org/t/p/original' || file_path) stored,
  source_image_id     text not null,
  url                 text not null,
  url_path            text,
  caption             text,
  position            integer,
  metadata            jsonb not null default '{}',
  image_type          text,
  created_at          timestamptz not null default now(),
  updated_at          timestamptz not null default now(),
  fetch_method        text,
  fetched_from_url    text,
  hosted_bucket       text,
  hosted_key          text,
  hosted_url          text,
  hosted_sha256       text,
  hosted_content_type text,
  hosted_bytes        bigint,
  hosted_etag         text,
  hosted_at           timestamptz,
  constraint show_images_pkey primary key (id),
  constraint show_images_show_source_source_image_id_key unique (show_id, source, source_image_id),
  constraint show_images_tmdb_source_kind_file_path_key unique (tmdb_id, source, kind, file_path),
  constraint show_images_imdb_requires_source_image_id_ck check ((source <> 'imdb') or (source_image_id is not null)),
  constraint show_images_show_id_fkey foreign key (show_id) references core.shows (id) on delete cascade
);
create index core_show_images_kind_lang_idx on core.show_images (kind, iso_639_1);
create index core_show_images_show_id_idx on core.show_images (show_id);
create index core_show_images_show_kind_idx on core.show_images (show_id, kind);
create index core_show_images_source_show_idx on core.show_images (source, show_id);
create index core_show_images_tmdb_kind_idx on core.show_images (tmdb_id, kind);
create index core_show_images_tmdb_kind_lang_idx on core.show_images (tmdb_id, kind, iso_639_1)
  where tmdb_id is not null;
create index idx_show_images_hosted_at on core.show_images (hosted_at)
  where hosted_at is not null;
create index idx_show_images_hosted_sha256 on core.show_images (hosted_sha256)
  where hosted_sha256 is not null;
create index idx_show_images_missing_hosted on core.show_images (source, show_id)
  where hosted_url is null;
create index show_images_fetch_method_idx on core.show_images (fetch_method);

-- Only now can a show point at its primary images.
alter table core.shows add constraint shows_primary_backdrop_image_id_fkey foreign key (primary_backdrop_image_id) references core.show_images (id) on delete set null;
alter table core.shows add constraint shows_primary_logo_image_id_fkey foreign key (primary_logo_image_id) references core.show_images (id) on delete set null;
alter table core.shows add constraint shows_primary_poster_image_id_fkey foreign key (primary_poster_image_id) references core.show_images (id) on delete set null;

-- TMDb season poster, one row per file.
create table core.season_images (
  id                  uuid not null default gen_random_uuid(),
  show_id             uuid not null,
  season_id           uuid not null,
  tmdb_series_id      integer not null,
  season_number       integer not null,
  source              text not null default 'tmdb',
  kind                text not null default 'poster',
  iso_639_1           text,
  file_path           text not null,
  url_original        text generated always as ('https://image.tmdb.org/t/p/original' || file_path) stored,
  width               integer not null,
  height              integer not null,
  aspect_ratio        numeric not null,
  fetched_at          timestamptz not null default now(),
  hosted_url          text,
  hosted_sha256       text,
  hosted_key          text,
  hosted_bucket       text,
  hosted_content_type text,
  hosted_bytes        bigint,
  hosted_etag         text,
  hosted_at           timestamptz,
  constraint season_images_pkey primary key (id),
  constraint core_season_images_kind_check check (kind = 'poster'),
  constraint season_images_season_id_fkey foreign key (season_id) references core.seasons (id) on delete cascade,
  constraint season_images_show_id_fkey foreign key (show_id) references core.shows (id) on delete cascade
);
create index core_season_images_season_id_idx on core.season_images (season_id);
create index core_season_images_tmdb_series_season_idx on core.season_images (tmdb_series_id, season_number);
create unique index core_season_images_unique on core.season_images (tmdb_series_id, season_number, source, file_path);

-- TV network dimension keyed by TMDb network id, with mirrored logo.
create table core.networks (
  id                       integer not null,
  name                     text not null,
  origin_country           text,
  tmdb_logo_path           text,
  hosted_logo_key          text,
  hosted_logo_url          text,
  hosted_logo_sha256       text,
  hosted_logo_content_type text,
  hosted_logo_bytes        bigint,
  hosted_logo_etag         text,
  hosted_logo_at           timestamptz,
  created_at               timestamptz not null default now(),
  updated_at               timestamptz not null default now(),
  logo_path                text,
  tmdb_meta                jsonb,
  tmdb_fetched_at          timestamptz,
  imdb_meta                jsonb,
  imdb_fetched_at          timestamptz,
  constraint tmdb_networks_pkey primary key (id)
);
create index tmdb_networks_name_idx on core.networks (name);

-- Production company dimension keyed by TMDb company id, with mirrored logo.
create table core.production_companies (
  id                       integer not null,
  name                     text not null,
  origin_country           text,
  tmdb_logo_path           text,
  hosted_logo_key          text,
  hosted_logo_url          text,
  hosted_logo_sha256       text,
  hosted_logo_content_type text,
  hosted_logo_bytes        bigint,
  hosted_logo_etag         text,
  hosted_logo_at           timestamptz,
  created_at               timestamptz not null default now(),
  updated_at               timestamptz not null default now(),
  logo_path                text,
  tmdb_meta                jsonb,
  tmdb_fetched_at          timestamptz,
  imdb_meta                jsonb,
  imdb_fetched_at          timestamptz,
  constraint tmdb_production_companies_pkey primary key (id)
);
create index tmdb_production_companies_name_idx on core.production_companies (name);

-- Streaming or rental provider dimension keyed by TMDb provider id, with mirrored logo.
create table core.watch_providers (
  provider_id              integer not null,
  provider_name            text not null,
  display_priority         integer,
  tmdb_logo_path           text,
  hosted_logo_key          text,
  hosted_logo_url          text,
  hosted_logo_sha256       text,
  hosted_logo_content_type text,
  hosted_logo_bytes        bigint,
  hosted_logo_etag         text,
  hosted_logo_at           timestamptz,
  created_at               timestamptz not null default now(),
  updated_at               timestamptz not null default now(),
  logo_path                text,
  tmdb_meta                jsonb,
  tmdb_fetched_at          timestamptz,
  imdb_meta                jsonb,
  imdb_fetched_at          timestamptz,
  constraint tmdb_watch_providers_pkey primary key (provider_id)
);
create index tmdb_watch_providers_name_idx on core.watch_providers (provider_name);

-- Where a show can be watched: region, kind of offer, provider.
create table core.show_watch_providers (
  show_id          uuid not null,
  region           text not null,
  offer_type       text not null,
  provider_id      integer not null,
  display_priority integer,
  link             text,
  fetched_at       timestamptz not null default now(),
  created_at       timestamptz not null default now(),
  updated_at       timestamptz not null default now(),
  constraint show_watch_providers_pkey primary key (show_id, region, offer_type, provider_id),
  constraint show_watch_providers_provider_id_fkey foreign key (provider_id) references core.watch_providers (provider_id) on delete cascade,
  constraint show_watch_providers_show_id_fkey foreign key (show_id) references core.shows (id) on delete cascade
);
create index show_watch_providers_offer_type_idx on core.show_watch_providers (offer_type);
create index show_watch_providers_provider_id_idx on core.show_watch_providers (provider_id);
create index show_watch_providers_region_idx on core.show_watch_providers (region);
create index show_watch_providers_show_id_idx on core.show_watch_providers (show_id);
