-- New tables of core: external ids of every kind, slugs, alternative names, human overrides.

-- An id of one entity at one outside place. `scheme` names the place: imdb, tmdb, tvdb, tvrage, wikidata, ...
create table if not exists core.external_ids (
  id         uuid not null default gen_random_uuid(),
  show_id    uuid,
  season_id  uuid,
  episode_id uuid,
  person_id  uuid,
  scheme     text not null,
  value      text not null,
  provenance jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint external_ids_pkey primary key (id),
  constraint external_ids_show_id_fkey foreign key (show_id) references core.shows (id) on delete cascade,
  constraint external_ids_season_id_fkey foreign key (season_id) references core.seasons (id) on delete cascade,
  constraint external_ids_episode_id_fkey foreign key (episode_id) references core.episodes (id) on delete cascade,
  constraint external_ids_person_id_fkey foreign key (person_id) references core.people (id) on delete cascade,
  constraint external_ids_one_entity_check check (num_nonnulls(show_id, season_id, episode_id, person_id) = 1),
  constraint external_ids_scheme_check check (scheme ~ '^[a-z][a-z0-9_]{0,39}$'),
  constraint external_ids_value_check check (value = btrim(value) and value <> '' and length(value) <= 200),
  constraint external_ids_provenance_check check (jsonb_typeof(provenance) = 'object')
);
create unique index if not exists external_ids_show_value_key on core.external_ids (scheme, value) where show_id is not null;
create unique index if not exists external_ids_season_value_key on core.external_ids (scheme, value) where season_id is not null;
create unique index if not exists external_ids_episode_value_key on core.external_ids (scheme, value) where episode_id is not null;
create unique index if not exists external_ids_person_value_key on core.external_ids (scheme, value) where person_id is not null;
create index if not exists external_ids_show_id_idx on core.external_ids (show_id, scheme) where show_id is not null;
create index if not exists external_ids_season_id_idx on core.external_ids (season_id, scheme) where season_id is not null;
create index if not exists external_ids_episode_id_idx on core.external_ids (episode_id, scheme) where episode_id is not null;
create index if not exists external_ids_person_id_idx on core.external_ids (person_id, scheme) where person_id is not null;

-- Other names a show goes by; searched together with its name.
create table if not exists core.alternative_names (
  id         uuid not null default gen_random_uuid(),
  show_id    uuid not null,
  name       text not null,
  country    text,
  type       text,
  source     text not null,
  provenance jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint alternative_names_pkey primary key (id),
  constraint alternative_names_identity_key unique nulls not distinct (show_id, name, country, type, source),
  constraint alternative_names_show_id_fkey foreign key (show_id) references core.shows (id) on delete cascade,
  constraint alternative_names_name_check check (btrim(name) <> ''),
  constraint alternative_names_provenance_check check (jsonb_typeof(provenance) = 'object')
);

-- What a person decided about one field of one row. The pipeline applies it last, in plan; JSON null means "no value".
create table if not exists core.overrides (
  id         uuid not null default gen_random_uuid(),
  table_name text not null,
  row_key    text not null,
  field      text not null,
  value      jsonb not null,
  reason     text,
  actor      text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint overrides_pkey primary key (id),
  constraint overrides_table_name_row_key_field_key unique (table_name, row_key, field),
  constraint overrides_table_name_check check (table_name in (
    'shows', 'seasons', 'episodes', 'people', 'show_cast', 'show_images', 'season_images', 'cast_photos',
    'networks', 'production_companies', 'watch_providers')),
  constraint overrides_actor_check check (btrim(actor) <> '')
);
comment on column core.overrides.table_name is 'Table of core whose row is overridden';
comment on column core.overrides.row_key is 'Primary key of that row as text';

-- An override has no foreign key (its row may be in any of eleven tables), so the row takes it along when deleted.
create or replace function core.forget_overrides() returns trigger
  language plpgsql set search_path = '' as $$
begin
  delete from core.overrides o
  where o.table_name = tg_table_name and o.row_key = coalesce(to_jsonb(old) ->> 'id', to_jsonb(old) ->> 'provider_id');
  return null;
end
$$;
do $$
declare
  target text;
begin
  foreach target in array array[
    'shows', 'seasons', 'episodes', 'people', 'show_cast', 'show_images', 'season_images', 'cast_photos',
    'networks', 'production_companies', 'watch_providers'
  ] loop
    execute format('create or replace trigger %I after delete on core.%I for each row execute function core.forget_overrides()',
      'core_' || target || '_forget_overrides', target);
  end loop;
end
$$;

-- Readable addresses. Old slugs stay and keep resolving; a slug never moves to another show.
create table if not exists core.show_slugs (
  slug       text not null,
  show_id    uuid not null,
  is_current boolean not null default true,
  created_at timestamptz not null default now(),
  constraint show_slugs_pkey primary key (slug),
  constraint show_slugs_show_id_fkey foreign key (show_id) references core.shows (id) on delete cascade,
  constraint show_slugs_slug_check check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length(slug) <= 100)
);
create index if not exists show_slugs_show_id_idx on core.show_slugs (show_id);
create unique index if not exists show_slugs_current_key on core.show_slugs (show_id) where is_current;

-- Lower-case words without accents, separated by single blanks: the common form behind slugs and search. Plain SQL on
-- purpose: the `unaccent` extension is not immutable and not everywhere. Other scripts keep their letters.
create or replace function core.fold_text(value text) returns text
  language sql immutable strict parallel safe set search_path = '' as $$
  select btrim(regexp_replace(
    translate(
      replace(replace(replace(replace(replace(
        regexp_replace(normalize(lower(value collate "und-x-icu"), nfkd), '[\u0300-\u036f''’]', '', 'g'),
        'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'), '&', ' and '),
      'øłđðħı', 'olddhi'),
    '[\s!-/:-@\[-`{-\u00bf\u2000-\u206f\u3000-\u303f]+', ' ', 'g'))
$$;

-- 'The Traitors (US)' -> 'the-traitors-us'; a name without any Latin letter or digit becomes 'show'.
create or replace function core.slugify(value text) returns text
  language sql immutable parallel safe set search_path = '' as $$
  select coalesce(
    nullif(btrim(left(regexp_replace(core.fold_text(value), '[^a-z0-9]+', '-', 'g'), 80), '-'), ''),
    'show')
$$;

-- Gives a show the first slug of its name that is free or already its own: plain, then with its year, then numbered.
-- Returns the slug that is current afterwards. Called when a show is added or renamed, so that no other change moves its address.
create or replace function core.assign_show_slug(target uuid) returns text
  language plpgsql set search_path = '' as $$
declare
  base text;
  dated text;
  candidate text;
  owner uuid;
  attempt integer := 0;
begin
  select core.slugify(s.name),
         core.slugify(s.name) || coalesce('-' || extract(year from coalesce(s.premiere_date, s.tmdb_first_air_date))::text, '')
  into base, dated
  from core.shows s where s.id = target;
  if not found then return null; end if;

  loop
    candidate := case attempt when 0 then base when 1 then dated else dated || '-' || attempt end;
    insert into core.show_slugs (slug, show_id, is_current) values (candidate, target, false) on conflict (slug) do nothing;
    select g.show_id into owner from core.show_slugs g where g.slug = candidate;
    exit when owner = target;
    attempt := attempt + 1;
  end loop;

  update core.show_slugs set is_current = false where show_id = target and is_current and slug <> candidate;
  update core.show_slugs set is_current = true where slug = candidate;
  return candidate;
end
$$;

create or replace function core.keep_show_slug() returns trigger
  language plpgsql set search_path = '' as $$
begin
  perform core.assign_show_slug(new.id);
  return null;
end
$$;
create or replace trigger core_shows_keep_slug_on_insert after insert on core.shows
  for each row execute function core.keep_show_slug();
create or replace trigger core_shows_keep_slug_on_rename after update of name on core.shows
  for each row when (old.name is distinct from new.name) execute function core.keep_show_slug();

-- Shows that were there before.
select core.assign_show_slug(s.id)
from core.shows s
where not exists (select 1 from core.show_slugs g where g.show_id = s.id and g.is_current)
order by s.created_at, s.id;

do $$
declare
  target text;
begin
  foreach target in array array['external_ids', 'alternative_names', 'overrides'] loop
    execute format('create or replace trigger %I before update on core.%I for each row execute function core.set_updated_at()',
      'core_' || target || '_set_updated_at', target);
  end loop;
end
$$;
