-- What apps see of mirrored images: addresses made of key and base when read, smaller versions and a preview, and only what may be shown.

-- Where our copy of an image is: its key under the base configured now, so that a new CDN needs no job (C9); else the address stored with an
-- adopted row; else the path at which the server itself serves its folder.
create or replace function core.hosted_url(p_base text, p_key text, p_stored text) returns text
  language sql immutable parallel safe set search_path = '' as $$
  select coalesce(p_base || '/' || ltrim(nullif(btrim(p_key), ''), '/'), p_stored, '/media/' || ltrim(nullif(btrim(p_key), ''), '/'))
$$;

-- A mirrored image as it really is: size, preview, smaller versions; null when we have none. Clients cannot read the tables of media.
create or replace function core.picture(p_sha256 text, p_base text) returns json
  language sql stable security definer set search_path = '' as $$
  select json_build_object('width', o.width, 'height', o.height, 'content_type', o.content_type, 'bytes', o.bytes,
    'placeholder', o.placeholder,
    'variants', coalesce((
      select json_agg(json_build_object('size', v.size, 'width', v.width, 'height', v.height, 'format', v.format, 'bytes', v.bytes,
        'url', core.hosted_url(p_base, v.key, null)) order by v.size, v.format)
      from media.variants v where v.sha256 = o.sha256), '[]'::json))
  from media.objects o where o.sha256 = p_sha256
$$;

-- The file behind a key (a file's own, a smaller version's, or an older name) when an image that shows it may be published. `p_licences`: the
-- published licence tags. Taken down or unlicensed: no row.
create or replace function core.servable_file(p_key text, p_licences text[])
  returns table (key text, sha256 text, content_type text, bytes bigint)
  language sql stable security definer set search_path = '' as $$
  with found as (
    select o.key, o.sha256, o.content_type, o.bytes from media.objects o where o.key = p_key
    union all
    select v.key, v.sha256, 'image/' || v.format, v.bytes from media.variants v where v.key = p_key
    union all
    select o.key, o.sha256, o.content_type, o.bytes from media.aliases a join media.objects o on o.sha256 = a.sha256 where a.key = p_key
    union all
    -- Copies of the predecessor that nothing here has looked at yet.
    select i.hosted_key, i.hosted_sha256, i.hosted_content_type, i.hosted_bytes from media.images i
    where i.hosted_sha256 = substring(p_key from '/([0-9a-f]{64})\.[a-z0-9]+$') and i.hosted_key = p_key
  )
  select f.key, f.sha256, f.content_type, f.bytes from found f
  where exists (select from media.images i where i.hosted_sha256 = f.sha256 and i.live and i.licence = any (p_licences))
  limit 1
$$;
revoke execute on function core.hosted_url(text, text, text), core.picture(text, text), core.servable_file(text, text[]) from public;
grant execute on function core.hosted_url(text, text, text), core.picture(text, text), core.servable_file(text, text[])
  to anon, authenticated, service_role;

-- In place of core.person_photos (0098, 0110): with what the photo really is and the better photo that looks the same (C11).
drop function if exists core.person_photos(uuid, text[], text);
create or replace function core.published_photos(p_person uuid, p_licences text[], p_base text default null) returns table (
  id uuid, source text, url text, thumb_url text, hosted_url text, width integer, height integer, caption text,
  context_type text, season integer, source_page_url text, licence text, fetched_at timestamptz, picture json, lookalike_of uuid
)
  language sql stable security definer set search_path = '' as $$
  select p.id, p.source, coalesce(o.hosted_url, p.image_url, p.url), p.thumb_url, o.hosted_url, p.width, p.height, p.caption,
    p.context_type, p.season,
    coalesce(p.source_page_url,
      case when p.source = 'tmdb' then 'https://www.themoviedb.org/person/' || (p.metadata ->> 'tmdb_person_id') end),
    o.licence, p.fetched_at, core.picture(p.hosted_sha256, p_base), l.best_key::uuid
  from core.cast_photos p
  cross join lateral (select core.hosted_url(p_base, p.hosted_key, p.hosted_url) as hosted_url,
    -- Without a licence on record only TMDb's pictures are known to be free to show.
    coalesce(p.provenance -> 'url' ->> 'licence', p.provenance -> 'image_url' ->> 'licence', case when p.source = 'tmdb' then 'tmdb' end) as licence) o
  left join media.lookalikes l on l.table_name = 'cast_photos' and l.row_key = p.id::text
  where p.person_id = p_person and p.archived_at is null and p.retired_at is null and o.licence = any (p_licences)
  order by l.best_key is not null, o.hosted_url is null, p.position nulls last, p.gallery_index nulls last, p.id
  limit 500
$$;
revoke execute on function core.published_photos(uuid, text[], text) from public;
grant execute on function core.published_photos(uuid, text[], text) to anon, authenticated, service_role;
