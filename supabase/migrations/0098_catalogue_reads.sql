-- What the catalogue's further pages need: episodes by date over all shows, a person's appearances, networks of shows, and photos of
-- people as far as their licence allows. Images that an administrator takes away stay away, whatever a source says.

create index if not exists core_episodes_calendar_idx on core.episodes (air_date, id) where retired_at is null;
create index if not exists core_episode_appearances_person_id_idx on core.episode_appearances (person_id);
create index if not exists core_shows_tmdb_network_ids_gin on core.shows using gin (tmdb_network_ids);
create index if not exists core_networks_name_idx on core.networks (name collate "und-x-icu", id);

alter table core.show_images add column if not exists archived_at timestamptz;
alter table core.season_images add column if not exists archived_at timestamptz;
alter table core.cast_photos add column if not exists archived_at timestamptz;
comment on column core.show_images.archived_at is 'An administrator took it away; no sync brings it back.';
comment on column core.season_images.archived_at is 'An administrator took it away; no sync brings it back.';
comment on column core.cast_photos.archived_at is 'An administrator took it away; no sync brings it back.';

-- Photos of one person that may be shown: clients cannot read the table, whose rows carry what their sources keep for themselves.
-- `p_licences`: the published licence tags; `p_base`: where hosted images are now, null for the stored addresses. Ours first, then as their source orders them. At most 500.
create or replace function core.person_photos(p_person uuid, p_licences text[], p_base text default null) returns table (
  id uuid, source text, url text, thumb_url text, hosted_url text, width integer, height integer, caption text,
  context_type text, season integer, source_page_url text, licence text, fetched_at timestamptz
)
  language sql stable security definer set search_path = '' as $$
  select p.id, p.source, coalesce(o.hosted_url, p.image_url, p.url), p.thumb_url, o.hosted_url, p.width, p.height, p.caption,
    p.context_type, p.season, p.source_page_url, p.provenance -> 'url' ->> 'licence', p.fetched_at
  from core.cast_photos p
  cross join lateral (select coalesce(p_base || '/' || ltrim(nullif(btrim(p.hosted_key), ''), '/'), p.hosted_url) as hosted_url) o
  where p.person_id = p_person and p.archived_at is null
    -- Without a licence on record only our own copies of TMDb's pictures are known to be free to show.
    and coalesce(p.provenance -> 'url' ->> 'licence', case when p.source = 'tmdb' then 'tmdb' end) = any (p_licences)
  order by o.hosted_url is null, p.position nulls last, p.gallery_index nulls last, p.id
  limit 500
$$;
revoke execute on function core.person_photos(uuid, text[], text) from public;
grant execute on function core.person_photos(uuid, text[], text) to anon, authenticated, service_role;

-- Takes an image away, or brings it back; recorded. `p_kind`: show, season or cast. Answers whether anything changed; null for an
-- unknown image. TR001, TR002.
create or replace function core.set_image_archived(p_kind text, p_image uuid, p_archived boolean, p_reason text default null) returns boolean
  language plpgsql security definer set search_path = '' as $$
declare
  was timestamptz;
  known boolean;
begin
  perform identity.require_admin();
  case p_kind
    when 'show' then
      select i.archived_at into was from core.show_images i where i.id = p_image for update;
      known := found;
      update core.show_images i set archived_at = case when p_archived then now() end where i.id = p_image and (i.archived_at is not null) <> p_archived;
    when 'season' then
      select i.archived_at into was from core.season_images i where i.id = p_image for update;
      known := found;
      update core.season_images i set archived_at = case when p_archived then now() end where i.id = p_image and (i.archived_at is not null) <> p_archived;
    when 'cast' then
      select i.archived_at into was from core.cast_photos i where i.id = p_image for update;
      known := found;
      update core.cast_photos i set archived_at = case when p_archived then now() end where i.id = p_image and (i.archived_at is not null) <> p_archived;
  end case;
  if not known then
    return null;
  end if;
  if (was is not null) = p_archived then
    return false;
  end if;
  perform identity.record_action(case when p_archived then 'image.archive' else 'image.restore' end, p_kind || '_image', p_image::text,
    jsonb_build_object('archived', not p_archived), jsonb_build_object('archived', p_archived), p_reason);
  return true;
end
$$;

-- Gives a photo to another person; recorded. The picture stays known for the old one (archived there), so that no sync brings it
-- back. Answers the id of the photo at its new person; null for an unknown photo. TR001, TR002, TR032 unknown person.
create or replace function core.reassign_cast_photo(p_photo uuid, p_person uuid, p_reason text default null) returns uuid
  language plpgsql security definer set search_path = '' as $$
declare
  photo core.cast_photos;
  moved uuid;
begin
  perform identity.require_admin();
  select p.* into photo from core.cast_photos p where p.id = p_photo for update;
  if not found then
    return null;
  end if;
  if photo.person_id = p_person then
    return p_photo;
  end if;
  if not exists (select 1 from core.people p where p.id = p_person) then
    raise exception 'Person not found' using errcode = 'TR032';
  end if;
  update core.cast_photos p set archived_at = coalesce(p.archived_at, now()) where p.id = p_photo;
  select p.id into moved from core.cast_photos p
  where p.person_id = p_person and p.source = photo.source
    and (p.source_image_id = photo.source_image_id or p.image_url_canonical = photo.image_url_canonical);
  if moved is null then
    moved := gen_random_uuid();
    photo.id := moved;
    photo.person_id := p_person;
    photo.archived_at := null;
    photo.imdb_person_id := coalesce((select p.external_ids ->> 'imdb' from core.people p where p.id = p_person), photo.imdb_person_id);
    insert into core.cast_photos select (photo).*;
  else
    update core.cast_photos p set archived_at = null where p.id = moved;
  end if;
  perform identity.record_action('image.reassign', 'cast_image', p_photo::text,
    jsonb_build_object('person_id', (select p.person_id from core.cast_photos p where p.id = p_photo)),
    jsonb_build_object('person_id', p_person, 'image_id', moved), p_reason);
  return moved;
end
$$;
revoke execute on function core.set_image_archived(text, uuid, boolean, text), core.reassign_cast_photo(uuid, uuid, text) from public, anon;
grant execute on function core.set_image_archived(text, uuid, boolean, text), core.reassign_cast_photo(uuid, uuid, text)
  to authenticated, service_role;
