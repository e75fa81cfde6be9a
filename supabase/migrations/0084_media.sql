-- Where mirrored bytes are accounted for (design 9): one row per stored file, its variants, where fetching of each image stands, and
-- what must never be mirrored again. The service role's alone; apps read the hosted addresses on the image rows.
-- Also W24: an image whose source address changes no longer points at the copy of the old one.

create schema if not exists media;
revoke all on schema media from public;
grant usage on schema media to service_role, trr_reader;

-- One row per file by content; the key is where the store holds it.
create table if not exists media.objects (
  sha256          text not null,
  key             text not null,
  content_type    text not null,
  bytes           bigint not null,
  width           integer not null,
  height          integer not null,
  perceptual_hash bigint,
  placeholder     text,
  etag            text,
  condemned_at    timestamptz,
  created_at      timestamptz not null default now(),
  updated_at      timestamptz not null default now(),
  constraint objects_pkey primary key (sha256),
  constraint objects_key_key unique (key),
  constraint objects_sha256_check check (sha256 ~ '^[0-9a-f]{64}$'),
  constraint objects_key_check check (key ~ '^[A-Za-z0-9._/-]+$' and key !~ '(^|/)\.\.?(/|$)'),
  constraint objects_content_type_check
    check (content_type in ('image/jpeg', 'image/png', 'image/webp', 'image/avif', 'image/gif')),
  constraint objects_size_check check (bytes > 0 and width > 0 and height > 0)
);
comment on column media.objects.perceptual_hash is 'Groups images that look alike';
comment on column media.objects.placeholder is 'Blurred preview, shown until the image is there';
comment on column media.objects.condemned_at is
  'First phase of pruning: nothing referred to it at this time; removed later if that still holds';
create index if not exists objects_condemned_at_idx on media.objects (condemned_at) where condemned_at is not null;
create index if not exists objects_perceptual_hash_idx on media.objects (perceptual_hash) where perceptual_hash is not null;

-- Smaller versions of an object.
create table if not exists media.variants (
  sha256     text not null,
  width      integer not null,
  format     text not null,
  key        text not null,
  bytes      bigint not null,
  created_at timestamptz not null default now(),
  constraint variants_pkey primary key (sha256, width, format),
  constraint variants_key_key unique (key),
  constraint variants_sha256_fkey foreign key (sha256) references media.objects (sha256) on delete cascade,
  constraint variants_format_check check (format in ('webp', 'avif')),
  constraint variants_size_check check (width > 0 and bytes > 0)
);

-- Where mirroring of one image row stands; retries and their times.
create table if not exists media.fetch_state (
  table_name      text not null,
  row_key         text not null,
  source_url      text not null,
  state           text not null default 'pending',
  reason          text,
  attempts        integer not null default 0,
  last_attempt_at timestamptz,
  next_attempt_at timestamptz not null default now(),
  sha256          text,
  created_at      timestamptz not null default now(),
  updated_at      timestamptz not null default now(),
  constraint fetch_state_pkey primary key (table_name, row_key),
  constraint fetch_state_table_name_check check (table_name in
    ('cast_photos', 'show_images', 'season_images', 'networks', 'production_companies', 'watch_providers')),
  constraint fetch_state_state_check check (state in ('pending', 'stored', 'failed', 'refused', 'gone', 'taken_down')),
  constraint fetch_state_attempts_check check (attempts >= 0),
  constraint fetch_state_stored_has_object check (state <> 'stored' or sha256 is not null),
  constraint fetch_state_sha256_fkey foreign key (sha256) references media.objects (sha256)
);
create index if not exists fetch_state_due_idx on media.fetch_state (next_attempt_at) where state in ('pending', 'failed');
create index if not exists fetch_state_sha256_idx on media.fetch_state (sha256);

-- What was taken down: by content, by address, or both; blocks every later import of it.
create table if not exists media.takedowns (
  id         uuid not null default gen_random_uuid(),
  sha256     text,
  source_url text,
  reason     text not null,
  actor      text not null,
  created_at timestamptz not null default now(),
  lifted_at  timestamptz,
  constraint takedowns_pkey primary key (id),
  constraint takedowns_names_something check (sha256 is not null or source_url is not null),
  constraint takedowns_sha256_check check (sha256 ~ '^[0-9a-f]{64}$'),
  constraint takedowns_reason_check check (char_length(reason) between 1 and 2000)
);
create index if not exists takedowns_sha256_idx on media.takedowns (sha256) where lifted_at is null;
create index if not exists takedowns_source_url_idx on media.takedowns (source_url) where lifted_at is null;

create or replace trigger media_objects_set_updated_at before update on media.objects
  for each row execute function core.set_updated_at();
create or replace trigger media_fetch_state_set_updated_at before update on media.fetch_state
  for each row execute function core.set_updated_at();

do $$
declare
  name text;
begin
  foreach name in array array['objects', 'variants', 'fetch_state', 'takedowns'] loop
    execute format('alter table media.%I enable row level security', name);
    execute format('revoke all on media.%I from public, anon, authenticated, service_role, trr_reader', name);
    execute format('grant select, insert, update, delete on media.%I to service_role', name);
    execute format('grant select on media.%I to trr_reader', name);
    execute format('drop policy if exists trr_reader_read on media.%I', name);
    execute format('create policy trr_reader_read on media.%I for select to trr_reader using (true)', name);
  end loop;
end
$$;

-- W24. A writer that stores a new copy sets address and copy together; whoever changes the address alone forgets the copy, so that
-- the address shown is the new one until it is mirrored again. The object itself stays until pruning finds it unused.
create or replace function core.forget_stale_copy() returns trigger language plpgsql set search_path = '' as $$
declare
  -- A photo is mirrored from its image address when it has one.
  before constant text := coalesce(to_jsonb(old) ->> 'image_url', old.url);
  after constant text := coalesce(to_jsonb(new) ->> 'image_url', new.url);
begin
  if after is distinct from before and new.hosted_key is not distinct from old.hosted_key
     and new.hosted_at is not distinct from old.hosted_at then
    new.hosted_bucket := null;
    new.hosted_key := null;
    new.hosted_url := null;
    new.hosted_sha256 := null;
    new.hosted_content_type := null;
    new.hosted_bytes := null;
    new.hosted_etag := null;
    new.hosted_at := null;
  end if;
  return new;
end
$$;
revoke execute on function core.forget_stale_copy() from public, anon, authenticated;
create or replace trigger core_show_images_forget_stale_copy before update of url on core.show_images
  for each row execute function core.forget_stale_copy();
create or replace trigger core_cast_photos_forget_stale_copy before update of url, image_url on core.cast_photos
  for each row execute function core.forget_stale_copy();
