-- What is known about people from wikis, and pictures that a source no longer shows.

-- The page a person was settled on, once: it is asked for first from then on, and a namesake's page never takes its place.
alter table core.cast_fandom add column if not exists wiki text;
alter table core.cast_fandom add column if not exists page_id bigint;
alter table core.cast_fandom add column if not exists permalink text;
alter table core.cast_fandom add column if not exists attribution text;
alter table core.cast_fandom add column if not exists nicknames text[];
alter table core.cast_fandom add column if not exists deathdate date;
alter table core.cast_fandom add column if not exists occupation text;
comment on column core.cast_fandom.wiki is 'Host of the wiki, with its language path: bigbrother.fandom.com/fr';
comment on column core.cast_fandom.page_id is 'The wiki''s own id of the page; it survives a renaming';
comment on column core.cast_fandom.permalink is 'The very revision that was read';
comment on column core.cast_fandom.attribution is 'The credit to show beside anything of this row';

-- As everywhere: absences of complete answers in a row, and since when the row no longer counts.
alter table core.cast_photos add column if not exists missing_count smallint not null default 0;
alter table core.cast_photos add column if not exists retired_at timestamptz;
alter table core.cast_photos drop constraint if exists cast_photos_missing_count_check;
alter table core.cast_photos add constraint cast_photos_missing_count_check check (missing_count >= 0);

create or replace function core.person_photos(p_person uuid, p_licences text[], p_base text default null) returns table (
  id uuid, source text, url text, thumb_url text, hosted_url text, width integer, height integer, caption text,
  context_type text, season integer, source_page_url text, licence text, fetched_at timestamptz
)
  language sql stable security definer set search_path = '' as $$
  select p.id, p.source, coalesce(o.hosted_url, p.image_url, p.url), p.thumb_url, o.hosted_url, p.width, p.height, p.caption,
    p.context_type, p.season, p.source_page_url, p.provenance -> 'url' ->> 'licence', p.fetched_at
  from core.cast_photos p
  cross join lateral (select coalesce(p_base || '/' || ltrim(nullif(btrim(p.hosted_key), ''), '/'), p.hosted_url) as hosted_url) o
  where p.person_id = p_person and p.archived_at is null and p.retired_at is null
    -- Without a licence on record only our own copies of TMDb's pictures are known to be free to show.
    and coalesce(p.provenance -> 'url' ->> 'licence', case when p.source = 'tmdb' then 'tmdb' end) = any (p_licences)
  order by o.hosted_url is null, p.position nulls last, p.gallery_index nulls last, p.id
  limit 500
$$;
