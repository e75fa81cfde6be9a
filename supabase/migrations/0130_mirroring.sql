-- What mirroring needs beyond 0084 (spec/media.md 5, 8, 11): copies of episode stills and season posters, one view of every image
-- there is, the other names of a file, and removals that no writer can cross.

-- 1. Stills and main posters have copies too (V5).
do $$
declare
  target text;
begin
  foreach target in array array['seasons', 'episodes'] loop
    execute format('alter table core.%I
      add column if not exists hosted_bucket text, add column if not exists hosted_key text,
      add column if not exists hosted_url text, add column if not exists hosted_sha256 text,
      add column if not exists hosted_content_type text, add column if not exists hosted_bytes bigint,
      add column if not exists hosted_etag text, add column if not exists hosted_at timestamptz', target);
    execute format('comment on column core.%I.hosted_key is %L', target,
      case target when 'seasons' then 'Our copy of the main poster' else 'Our copy of the still' end);
  end loop;
end
$$;

-- Who refers to a file: by its content, or by an older key.
create index if not exists core_seasons_hosted_sha256_idx on core.seasons (hosted_sha256) where hosted_sha256 is not null;
create index if not exists core_episodes_hosted_sha256_idx on core.episodes (hosted_sha256) where hosted_sha256 is not null;
create index if not exists core_season_images_hosted_sha256_idx on core.season_images (hosted_sha256) where hosted_sha256 is not null;
create index if not exists core_networks_hosted_logo_sha256_idx on core.networks (hosted_logo_sha256) where hosted_logo_sha256 is not null;
create index if not exists core_production_companies_hosted_logo_sha256_idx on core.production_companies (hosted_logo_sha256)
  where hosted_logo_sha256 is not null;
create index if not exists core_watch_providers_hosted_logo_sha256_idx on core.watch_providers (hosted_logo_sha256)
  where hosted_logo_sha256 is not null;

-- 2. What is known of each file and of each try.
alter table media.objects
  add column if not exists frames integer not null default 1,
  add column if not exists variants_at timestamptz,
  add column if not exists variants_error text;
comment on column media.objects.frames is 'More than one in an animation';
comment on column media.objects.variants_at is 'When its smaller versions were made; they are made once';
comment on column media.objects.variants_error is 'Why they could not be made';
create index if not exists objects_without_variants_idx on media.objects (created_at) where variants_at is null and variants_error is null;

alter table media.variants add column if not exists height integer;
alter table media.variants drop constraint if exists variants_pkey;
alter table media.variants add column if not exists size integer;
update media.variants set size = width where size is null;
alter table media.variants alter column size set not null;
alter table media.variants add constraint variants_pkey primary key (sha256, size, format);
comment on column media.variants.size is 'The width asked for (200, 500, 1000); a smaller original gives a smaller width';

alter table media.fetch_state
  add column if not exists detail text,
  add column if not exists etag text,
  add column if not exists last_modified text,
  add column if not exists checked_at timestamptz,
  add column if not exists claimed_width integer,
  add column if not exists claimed_height integer,
  add column if not exists size_differs boolean;
comment on column media.fetch_state.state is
  'pending: to be tried; stored; failed: tried again at next_attempt_at; parked: tried too often; refused: never again for this address; gone; skipped: not tried, see reason; taken_down';
comment on column media.fetch_state.etag is 'Of the upstream''s answer, for asking whether it changed';
comment on column media.fetch_state.size_differs is 'The real size is not the one the source claims (C10)';
alter table media.fetch_state drop constraint if exists fetch_state_state_check;
alter table media.fetch_state add constraint fetch_state_state_check
  check (state in ('pending', 'stored', 'failed', 'parked', 'refused', 'gone', 'skipped', 'taken_down'));
alter table media.fetch_state drop constraint if exists fetch_state_table_name_check;
alter table media.fetch_state add constraint fetch_state_table_name_check check (table_name in
  ('cast_photos', 'show_images', 'season_images', 'seasons', 'episodes', 'networks', 'production_companies', 'watch_providers'));

-- Other names of a file: the older templates of keys, so that every address that was ever valid stays so (C5).
create table if not exists media.aliases (
  key        text not null,
  sha256     text not null,
  created_at timestamptz not null default now(),
  constraint aliases_pkey primary key (key),
  constraint aliases_sha256_fkey foreign key (sha256) references media.objects (sha256) on delete cascade,
  constraint aliases_key_check check (key ~ '^[A-Za-z0-9._/-]+$' and key !~ '(^|/)\.\.?(/|$)')
);
create index if not exists aliases_sha256_idx on media.aliases (sha256);

-- Keys on their way out of the store. A row is made before the file goes and stays for a day after, so that a writer who saw the file
-- before knows that it has gone since.
create table if not exists media.removals (
  key      text not null,
  sha256   text,
  bytes    bigint,
  reason   text not null,
  began_at timestamptz not null default clock_timestamp(),
  done_at  timestamptz,
  error    text,
  constraint removals_pkey primary key (key),
  constraint removals_reason_check check (reason in ('unreferenced', 'stray', 'taken_down', 'replaced'))
);
create index if not exists removals_sha256_idx on media.removals (sha256);
create index if not exists removals_open_idx on media.removals (began_at) where done_at is null;

-- Files in the store that nothing here knows, and since when.
create table if not exists media.strays (
  key           text not null,
  bytes         bigint not null,
  first_seen_at timestamptz not null default now(),
  constraint strays_pkey primary key (key)
);

-- Images that look like another one of the same person, show or season: the better one (C11).
create table if not exists media.lookalikes (
  table_name text not null,
  row_key    text not null,
  best_key   text not null,
  constraint lookalikes_pkey primary key (table_name, row_key)
);
comment on column media.lookalikes.best_key is 'The best image of the group: most pixels, then most bytes, then the source (tmdb, fandom, imdb), then the key';

do $$
declare
  name text;
begin
  foreach name in array array['aliases', 'removals', 'strays', 'lookalikes'] loop
    execute format('alter table media.%I enable row level security', name);
    execute format('revoke all on media.%I from public, anon, authenticated, service_role, trr_reader', name);
    execute format('grant select, insert, update, delete on media.%I to service_role', name);
    execute format('grant select on media.%I to trr_reader', name);
    execute format('drop policy if exists trr_reader_read on media.%I', name);
    execute format('create policy trr_reader_read on media.%I for select to trr_reader using (true)', name);
  end loop;
end
$$;

-- 3. Every image there is, whatever table it is in: where it comes from, under which licence, whose it is, and where our copy is.
-- `owner`: the identifier older keys are made of. `live`: neither retired nor taken away by an administrator. Without a licence on record
-- only TMDb's images are known to have one (V3).
create or replace view media.images with (security_invoker = true) as
select 'cast_photos'::text as table_name, c.id::text as row_key,
  case when c.source like 'fandom%' then 'fandom' else c.source end as source,
  coalesce(nullif(btrim(c.image_url), ''), nullif(btrim(c.url), ''), nullif(btrim(c.thumb_url), '')) as source_url,
  coalesce(c.provenance -> 'url' ->> 'licence', c.provenance -> 'image_url' ->> 'licence', case when c.source = 'tmdb' then 'tmdb' end) as licence,
  coalesce(c.source_page_url,
    case when c.source = 'tmdb' then 'https://www.themoviedb.org/person/' || (c.metadata ->> 'tmdb_person_id') end) as page,
  coalesce(nullif(btrim(c.imdb_person_id), ''), nullif(btrim(p.external_ids ->> 'imdb'), ''), c.person_id::text) as owner,
  null::text as kind, null::integer as season_number, null::uuid as show_id, c.person_id,
  c.width as claimed_width, c.height as claimed_height, c.archived_at is null and c.retired_at is null as live,
  c.hosted_key, c.hosted_url, c.hosted_sha256, c.hosted_bytes::bigint as hosted_bytes, c.hosted_bucket, c.hosted_content_type
from core.cast_photos c join core.people p on p.id = c.person_id
union all
select 'show_images', i.id::text, i.source,
  case when i.source = 'tmdb' and btrim(coalesce(i.file_path, '')) <> '' then 'https://image.tmdb.org/t/p/original' || i.file_path
    else nullif(btrim(i.url), '') end,
  coalesce(i.provenance -> 'url' ->> 'licence', case when i.source = 'tmdb' then 'tmdb' end),
  case when i.source = 'tmdb' then 'https://www.themoviedb.org/tv/' || coalesce(i.tmdb_id, s.tmdb_id) || '/images/' || i.kind || 's'
    else i.fetched_from_url end,
  coalesce(nullif(btrim(s.imdb_id), ''), i.show_id::text), i.kind, null, i.show_id, null,
  i.width, i.height, i.retired_at is null and i.archived_at is null,
  i.hosted_key, i.hosted_url, i.hosted_sha256, i.hosted_bytes, i.hosted_bucket, i.hosted_content_type
from core.show_images i join core.shows s on s.id = i.show_id
union all
select 'season_images', i.id::text, i.source,
  coalesce(case when i.source = 'tmdb' and btrim(i.file_path) <> '' then 'https://image.tmdb.org/t/p/original' || i.file_path end,
    nullif(btrim(i.url_original), '')),
  coalesce(i.provenance -> 'file_path' ->> 'licence', case when i.source = 'tmdb' then 'tmdb' end),
  'https://www.themoviedb.org/tv/' || i.tmdb_series_id || '/season/' || i.season_number || '/images/posters',
  coalesce(nullif(btrim(s.imdb_id), ''), i.season_id::text), i.kind, i.season_number, i.show_id, null,
  i.width, i.height, i.retired_at is null and i.archived_at is null,
  i.hosted_key, i.hosted_url, i.hosted_sha256, i.hosted_bytes, i.hosted_bucket, i.hosted_content_type
from core.season_images i join core.shows s on s.id = i.show_id
union all
select 'seasons', t.id::text, 'tmdb', 'https://image.tmdb.org/t/p/original' || nullif(btrim(t.poster_path), ''),
  coalesce(t.provenance -> 'poster_path' ->> 'licence', 'tmdb'),
  'https://www.themoviedb.org/tv/' || coalesce(t.tmdb_series_id, s.tmdb_id) || '/season/' || t.season_number,
  coalesce(nullif(btrim(s.imdb_id), ''), t.id::text), 'poster', t.season_number, t.show_id, null, null, null, t.retired_at is null,
  t.hosted_key, t.hosted_url, t.hosted_sha256, t.hosted_bytes, t.hosted_bucket, t.hosted_content_type
from core.seasons t join core.shows s on s.id = t.show_id
where t.poster_path is not null or t.hosted_key is not null
union all
select 'episodes', e.id::text, 'tmdb', 'https://image.tmdb.org/t/p/original' || nullif(btrim(e.still_path), ''),
  coalesce(e.provenance -> 'still_path' ->> 'licence', 'tmdb'),
  'https://www.themoviedb.org/tv/' || coalesce(e.tmdb_series_id, s.tmdb_id) || '/season/' || e.season_number || '/episode/' || e.episode_number,
  coalesce(nullif(btrim(e.imdb_episode_id), ''), e.id::text), 'still', e.season_number, e.show_id, null, null, null, e.retired_at is null,
  e.hosted_key, e.hosted_url, e.hosted_sha256, e.hosted_bytes, e.hosted_bucket, e.hosted_content_type
from core.episodes e join core.shows s on s.id = e.show_id
where e.still_path is not null or e.hosted_key is not null
union all
select 'networks', n.id::text, 'tmdb', 'https://image.tmdb.org/t/p/original' || nullif(btrim(n.tmdb_logo_path), ''),
  coalesce(n.provenance -> 'tmdb_logo_path' ->> 'licence', 'tmdb'), 'https://www.themoviedb.org/network/' || n.id,
  n.id::text, 'logo', null, null, null, null, null, true,
  n.hosted_logo_key, n.hosted_logo_url, n.hosted_logo_sha256, n.hosted_logo_bytes, null, n.hosted_logo_content_type
from core.networks n where n.tmdb_logo_path is not null or n.hosted_logo_key is not null
union all
select 'production_companies', n.id::text, 'tmdb', 'https://image.tmdb.org/t/p/original' || nullif(btrim(n.tmdb_logo_path), ''),
  coalesce(n.provenance -> 'tmdb_logo_path' ->> 'licence', 'tmdb'), 'https://www.themoviedb.org/company/' || n.id,
  n.id::text, 'logo', null, null, null, null, null, true,
  n.hosted_logo_key, n.hosted_logo_url, n.hosted_logo_sha256, n.hosted_logo_bytes, null, n.hosted_logo_content_type
from core.production_companies n where n.tmdb_logo_path is not null or n.hosted_logo_key is not null
union all
select 'watch_providers', n.provider_id::text, 'tmdb', 'https://image.tmdb.org/t/p/original' || nullif(btrim(n.tmdb_logo_path), ''),
  coalesce(n.provenance -> 'tmdb_logo_path' ->> 'licence', 'tmdb'), 'https://www.themoviedb.org',
  n.provider_id::text, 'logo', null, null, null, null, null, true,
  n.hosted_logo_key, n.hosted_logo_url, n.hosted_logo_sha256, n.hosted_logo_bytes, null, n.hosted_logo_content_type
from core.watch_providers n where n.tmdb_logo_path is not null or n.hosted_logo_key is not null;
revoke all on media.images from public, anon, authenticated, service_role, trr_reader;
grant select on media.images to service_role, trr_reader;
