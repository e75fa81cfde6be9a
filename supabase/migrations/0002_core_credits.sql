-- Baseline: the predecessor's final state (its version 0051). Behaviour (functions, triggers, policies, grants) begins at 0052.
-- This file: who takes part in what, and what is known about a person.

-- Current cast model: a person credited on a show under a credit category.
create table core.show_cast (
  show_name        text,
  cast_member_name text,
  show_id          uuid not null,
  person_id        uuid not null,
  billing_order    integer,
  role             text,
  credit_category  text not null default 'Self',
  id               uuid not null default gen_random_uuid(),
  created_at       timestamptz not null default now(),
  updated_at       timestamptz not null default now(),
  constraint show_cast_pkey1 primary key (id),
  constraint show_cast_show_id_person_id_credit_category_key unique (show_id, person_id, credit_category),
  constraint show_cast_person_id_fkey foreign key (person_id) references core.people (id) on delete cascade,
  constraint show_cast_show_id_fkey foreign key (show_id) references core.shows (id) on delete cascade
);
create index core_show_cast_person_id_idx on core.show_cast (person_id);
create index core_show_cast_show_id_idx on core.show_cast (show_id);

-- Per person and show summary of the episodes and seasons the person appears in.
create table core.episode_appearances (
  show_name              text,
  cast_member_name       text,
  seasons                integer[] not null default '{}',
  tmdb_season_ids        integer[] not null default '{}',
  tmdb_show_id           integer,
  imdb_show_id           text,
  imdb_episode_title_ids text[] not null default '{}',
  tmdb_episode_ids       integer[] not null default '{}',
  total_episodes         integer generated always as (coalesce(array_length(imdb_episode_title_ids, 1), 0)) stored,
  show_id                uuid not null,
  person_id              uuid not null,
  id                     uuid not null default gen_random_uuid(),
  created_at             timestamptz not null default now(),
  updated_at             timestamptz not null default now(),
  constraint episode_appearances_pkey primary key (id),
  constraint episode_appearances_show_id_person_id_key unique (show_id, person_id),
  constraint episode_appearances_person_id_fkey1 foreign key (person_id) references core.people (id) on delete cascade,
  constraint episode_appearances_show_id_fkey1 foreign key (show_id) references core.shows (id) on delete cascade
);
create index core_episode_appearances_person_id_idx on core.episode_appearances (person_id);
create index core_episode_appearances_show_id_idx on core.episode_appearances (show_id);

-- Older cast model: a person in a role on a show, optionally limited to one season.
create table core.cast_memberships (
  id            uuid not null default gen_random_uuid(),
  show_id       uuid not null,
  season_id     uuid,
  person_id     uuid not null,
  role          text not null default 'cast',
  billing_order integer,
  notes         text,
  created_at    timestamptz not null default now(),
  constraint cast_memberships_pkey primary key (id),
  constraint cast_memberships_person_id_fkey foreign key (person_id) references core.people (id) on delete cascade,
  constraint cast_memberships_season_id_fkey foreign key (season_id) references core.seasons (id) on delete cascade,
  constraint cast_memberships_show_id_fkey foreign key (show_id) references core.shows (id) on delete cascade
);
create index cast_memberships_person_id_idx on core.cast_memberships (person_id);
create index cast_memberships_season_id_idx on core.cast_memberships (season_id);
create index cast_memberships_show_id_idx on core.cast_memberships (show_id);
create unique index cast_memberships_show_person_role_no_season_unique_idx on core.cast_memberships (show_id, person_id, role)
  where season_id is null;
create unique index cast_memberships_show_season_person_role_unique_idx on core.cast_memberships (show_id, season_id, person_id, role)
  where season_id is not null;

-- Older cast model: which cast membership takes part in which episode.
create table core.episode_cast (
  id                 uuid not null default gen_random_uuid(),
  episode_id         uuid not null,
  cast_membership_id uuid not null,
  appearance_type    text,
  created_at         timestamptz not null default now(),
  constraint episode_cast_pkey primary key (id),
  constraint episode_cast_episode_id_membership_unique unique (episode_id, cast_membership_id),
  constraint episode_cast_cast_membership_id_fkey foreign key (cast_membership_id) references core.cast_memberships (id) on delete cascade,
  constraint episode_cast_episode_id_fkey foreign key (episode_id) references core.episodes (id) on delete cascade
);
create index episode_cast_cast_membership_id_idx on core.episode_cast (cast_membership_id);
create index episode_cast_episode_id_idx on core.episode_cast (episode_id);

-- Photo gallery of a person from several sources, with object-storage mirror fields.
create table core.cast_photos (
  id                   uuid not null default gen_random_uuid(),
  person_id            uuid not null,
  imdb_person_id       text,
  source               text not null default 'imdb',
  source_image_id      text,
  viewer_id            text,
  mediaindex_url_path  text,
  mediaviewer_url_path text,
  url                  text not null,
  url_path             text,
  width                integer,
  height               integer,
  caption              text,
  gallery_index        integer,
  gallery_total        integer,
  people_imdb_ids      text[],
  people_names         text[],
  title_imdb_ids       text[],
  title_names          text[],
  fetched_at           timestamptz not null default now(),
  updated_at           timestamptz not null default now(),
  metadata             jsonb,
  source_page_url      text,
  image_url            text,
  thumb_url            text,
  file_name            text,
  alt_text             text,
  context_section      text,
  context_type         text,
  season               integer,
  position             integer,
  image_url_canonical  text,
  hosted_bucket        text,
  hosted_key           text,
  hosted_url           text,
  hosted_sha256        text,
  hosted_content_type  text,
  hosted_bytes         integer,
  hosted_etag          text,
  hosted_at            timestamptz,
  constraint cast_photos_pkey primary key (id),
  constraint cast_photos_person_source_image_url_canonical_key unique (person_id, source, image_url_canonical),
  constraint cast_photos_person_source_source_image_id_key unique (person_id, source, source_image_id),
  constraint cast_photos_imdb_person_id_chk check ((source <> 'imdb') or (imdb_person_id is not null)),
  constraint cast_photos_source_image_id_chk check ((source <> 'imdb') or (source_image_id is not null)),
  constraint cast_photos_person_id_fkey foreign key (person_id) references core.people (id) on delete cascade
);
create index cast_photos_hosted_at_idx on core.cast_photos (hosted_at)
  where hosted_at is not null;
create index cast_photos_hosted_sha_idx on core.cast_photos (hosted_sha256)
  where hosted_sha256 is not null;
create index cast_photos_person_source_idx on core.cast_photos (person_id, source);
create index core_cast_photos_imdb_person_id_idx on core.cast_photos (imdb_person_id);
create index core_cast_photos_person_id_idx on core.cast_photos (person_id);
create index core_cast_photos_source_source_image_id_idx on core.cast_photos (source, source_image_id);
create index idx_cast_photos_source_tmdb on core.cast_photos (person_id, source)
  where source = 'tmdb';

-- Scraped fan-wiki profile of a person, one row per person and wiki source.
create table core.cast_fandom (
  id                   uuid not null default gen_random_uuid(),
  person_id            uuid not null,
  source               text not null,
  source_url           text not null,
  page_title           text,
  page_revision_id     bigint,
  scraped_at           timestamptz not null default now(),
  full_name            text,
  birthdate            date,
  birthdate_display    text,
  gender               text,
  resides_in           text,
  hair_color           text,
  eye_color            text,
  height_display       text,
  weight_display       text,
  romances             text[],
  family               jsonb,
  friends              jsonb,
  enemies              jsonb,
  installment          text,
  installment_url      text,
  main_seasons_display text,
  summary              text,
  taglines             jsonb,
  reunion_seating      jsonb,
  trivia               jsonb,
  infobox_raw          jsonb,
  raw_html_sha256      text,
  constraint cast_fandom_pkey primary key (id),
  constraint cast_fandom_person_source_key unique (person_id, source),
  constraint cast_fandom_person_id_fkey foreign key (person_id) references core.people (id) on delete cascade
);
create index core_cast_fandom_person_id_idx on core.cast_fandom (person_id);
create index core_cast_fandom_source_idx on core.cast_fandom (source);

-- TMDb person profile and external ids, at most one row per person.
create table core.cast_tmdb (
  id                   uuid not null default gen_random_uuid(),
  person_id            uuid not null,
  tmdb_id              integer not null,
  name                 text,
  also_known_as        text[],
  biography            text,
  birthday             date,
  deathday             date,
  gender               smallint default 0,
  adult                boolean default true,
  homepage             text,
  known_for_department text,
  place_of_birth       text,
  popularity           numeric(10,3) default 0,
  profile_path         text,
  imdb_id              text,
  freebase_mid         text,
  freebase_id          text,
  tvrage_id            integer,
  wikidata_id          text,
  facebook_id          text,
  instagram_id         text,
  tiktok_id            text,
  twitter_id           text,
  youtube_id           text,
  fetched_at           timestamptz default now(),
  created_at           timestamptz default now(),
  updated_at           timestamptz default now(),
  constraint cast_tmdb_pkey primary key (id),
  constraint cast_tmdb_person_id_unique unique (person_id),
  constraint cast_tmdb_tmdb_id_unique unique (tmdb_id),
  constraint cast_tmdb_person_id_fkey foreign key (person_id) references core.people (id) on delete cascade
);
create index idx_cast_tmdb_imdb_id on core.cast_tmdb (imdb_id)
  where imdb_id is not null;
create index idx_cast_tmdb_instagram_id on core.cast_tmdb (instagram_id)
  where instagram_id is not null;
create index idx_cast_tmdb_person_id on core.cast_tmdb (person_id);
create index idx_cast_tmdb_tmdb_id on core.cast_tmdb (tmdb_id);
create index idx_cast_tmdb_twitter_id on core.cast_tmdb (twitter_id)
  where twitter_id is not null;
