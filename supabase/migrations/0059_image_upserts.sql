-- Writing images in batches: the four functions the predecessor's callers know, made to work (W3), to keep what a row does
-- not speak about (W37), and to recognise a photo by either of its keys (W25). They run with the caller's rights and are
-- for the service role alone (W5).

drop function if exists core._cast_photos_best_width(integer, integer) cascade;
drop function if exists core._cast_photos_pick_height(integer, integer, integer, integer) cascade;
drop function if exists core._cast_photos_pick_url(text, integer, text, integer) cascade;
drop function if exists core._cast_photos_pick_url_path(text, integer, text, integer) cascade;
drop function if exists core._show_images_best_width(integer, integer) cascade;
drop function if exists core._show_images_pick_url(text, integer, text, integer) cascade;
drop function if exists core.upsert_cast_photos_by_identity(jsonb);
drop function if exists core.upsert_cast_photos_by_canonical(jsonb);
drop function if exists core.upsert_show_images_by_identity(jsonb);
drop function if exists core.upsert_tmdb_show_images_by_identity(jsonb);

-- 1. A photo always has a key: without an image id or canonical address, the address without its query is the key.
create or replace function core.set_cast_photo_identity() returns trigger
  language plpgsql set search_path = '' as $$
begin
  new.source_image_id := nullif(btrim(new.source_image_id), '');
  new.image_url_canonical := nullif(btrim(new.image_url_canonical), '');
  if new.source_image_id is null and new.image_url_canonical is null then
    new.image_url_canonical := split_part(coalesce(new.image_url, new.url), '?', 1);
  end if;
  return new;
end
$$;
create or replace trigger core_cast_photos_set_identity
  before insert or update of source_image_id, image_url_canonical on core.cast_photos
  for each row execute function core.set_cast_photo_identity();

-- Photos stored without a key, once per run: the best copy stays (mirrored first, then the widest, then the latest).
delete from core.cast_photos p
using (
  select id, row_number() over (
    partition by person_id, source, split_part(coalesce(image_url, url), '?', 1)
    order by (image_url_canonical is not null) desc, (hosted_key is not null) desc, width desc nulls last, updated_at desc, id
  ) as place
  from core.cast_photos
  where source_image_id is null
    and coalesce(image_url_canonical, split_part(coalesce(image_url, url), '?', 1)) = split_part(coalesce(image_url, url), '?', 1)
) ranked
where ranked.id = p.id and ranked.place > 1;
update core.cast_photos set image_url_canonical = null where source_image_id is null and image_url_canonical is null;
alter table core.cast_photos drop constraint if exists cast_photos_has_key_check;
alter table core.cast_photos add constraint cast_photos_has_key_check
  check (source_image_id is not null or image_url_canonical is not null);

-- 2. Shared by the upserts.

-- The members of a row that are columns which may be written and that say something: absent and null both mean
-- "not spoken about".
create or replace function core.spoken_columns(target regclass, item jsonb) returns jsonb
  language sql stable set search_path = '' as $$
  select coalesce(jsonb_object_agg(e.key, e.value), '{}')
  from jsonb_each(item) e
  join pg_catalog.pg_attribute a on a.attrelid = target and a.attname = e.key
    and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
  where e.value <> 'null' and e.key not in ('created_at', 'updated_at')
$$;

-- What to change in a stored image, given what was sent. The wider file wins: address and size go together, an unknown
-- size never displaces a known address, equal width goes to the incoming. Metadata is merged, incoming keys win.
create or replace function core.image_patch(stored jsonb, spoken jsonb, addresses text[]) returns jsonb
  language plpgsql immutable set search_path = '' as $$
declare
  patch jsonb := spoken - 'id';
  stored_width integer := (stored ->> 'width')::integer;
  sent_width integer := (spoken ->> 'width')::integer;
  incoming_wins boolean := sent_width is not null and (stored_width is null or sent_width >= stored_width);
  field text;
begin
  if not incoming_wins then
    foreach field in array addresses || array['width', 'height'] loop
      if stored -> field <> 'null' then patch := patch - field; end if;
    end loop;
    -- A height without the width it was measured with would describe another file.
    if stored_width is not null and sent_width is distinct from stored_width then patch := patch - 'height'; end if;
  end if;
  if patch ? 'metadata' and jsonb_typeof(stored -> 'metadata') = 'object' then
    patch := patch || jsonb_build_object('metadata', (stored -> 'metadata') || (patch -> 'metadata'));
  end if;
  return (select coalesce(jsonb_object_agg(e.key, e.value), '{}') from jsonb_each(patch) e where stored -> e.key is distinct from e.value);
end
$$;

-- Adds a row with the spoken columns, defaults elsewhere; returns its id.
create or replace function core.insert_spoken(target regclass, spoken jsonb) returns uuid
  language plpgsql set search_path = '' as $$
declare
  names text;
  made uuid;
begin
  select string_agg(quote_ident(k), ', ') into names from jsonb_object_keys(spoken) k;
  execute format('insert into %1$s (%2$s) select %2$s from jsonb_populate_record(null::%1$s, $1) returning id', target, names)
  into made using spoken;
  return made;
end
$$;

-- Changes the patched columns of one row; an empty patch writes nothing.
create or replace function core.update_spoken(target regclass, row_id uuid, patch jsonb) returns void
  language plpgsql set search_path = '' as $$
declare
  pairs text;
begin
  if patch = '{}' then return; end if;
  select string_agg(format('%1$I = p.%1$I', k), ', ') into pairs from jsonb_object_keys(patch) k;
  execute format('update %1$s t set %2$s from jsonb_populate_record(null::%1$s, $1) p where t.id = $2', target, pairs)
  using patch, row_id;
end
$$;

-- The rows of a batch, or an error for anything but an array of objects.
create or replace function core.batch_rows(rows jsonb) returns setof jsonb
  language plpgsql immutable set search_path = '' as $$
begin
  if rows is null or rows = 'null' then return; end if;
  if jsonb_typeof(rows) <> 'array' then
    raise exception 'rows must be a JSON array' using errcode = 'invalid_parameter_value';
  end if;
  if exists (select 1 from jsonb_array_elements(rows) r where jsonb_typeof(r) <> 'object') then
    raise exception 'every row must be a JSON object' using errcode = 'invalid_parameter_value';
  end if;
  return query select r from jsonb_array_elements(rows) r;
end
$$;

-- 3. Show images. Keys: (show, source, image id) and, for TMDb, (tmdb id, source, kind, file path). A row that meets one
--    stored image by each key makes the two one: they are the same picture.
create or replace function core.upsert_show_images(rows jsonb, by_tmdb_key boolean) returns setof core.show_images
  language plpgsql set search_path = '' as $$
declare
  item jsonb;
  spoken jsonb;
  sent core.show_images;
  by_image_id core.show_images;
  by_path core.show_images;
  kept core.show_images;
  other core.show_images;
  kept_id uuid;
begin
  for item in select r from core.batch_rows(rows) r loop
    spoken := core.spoken_columns('core.show_images', item);
    if not spoken ? 'source' then spoken := spoken || '{"source": "tmdb"}'; end if;
    sent := jsonb_populate_record(null::core.show_images, spoken);
    -- Writers of one show's images take turns.
    perform 1 from core.shows s where s.id = sent.show_id for no key update;

    select * into by_image_id from core.show_images i
    where i.show_id = sent.show_id and i.source = sent.source and i.source_image_id = sent.source_image_id;
    select * into by_path from core.show_images i
    where i.tmdb_id = sent.tmdb_id and i.source = sent.source and i.kind = sent.kind and i.file_path = sent.file_path;

    if by_tmdb_key then
      kept := case when by_path.id is not null then by_path else by_image_id end;
      other := by_image_id;
    else
      kept := case when by_image_id.id is not null then by_image_id else by_path end;
      other := by_path;
    end if;

    if kept.id is null then
      kept_id := core.insert_spoken('core.show_images', spoken);
    else
      kept_id := kept.id;
      if other.id <> kept.id then
        update core.shows s set
          primary_poster_image_id = nullif(s.primary_poster_image_id, other.id),
          primary_backdrop_image_id = nullif(s.primary_backdrop_image_id, other.id),
          primary_logo_image_id = nullif(s.primary_logo_image_id, other.id)
        where other.id in (s.primary_poster_image_id, s.primary_backdrop_image_id, s.primary_logo_image_id);
        delete from core.show_images i where i.id = other.id;
        -- The copy in storage is not lost with the row that had it.
        if kept.hosted_key is null and other.hosted_key is not null and not spoken ? 'hosted_key' then
          spoken := spoken || core.spoken_columns('core.show_images', jsonb_build_object(
            'hosted_bucket', other.hosted_bucket, 'hosted_key', other.hosted_key, 'hosted_url', other.hosted_url,
            'hosted_sha256', other.hosted_sha256, 'hosted_content_type', other.hosted_content_type,
            'hosted_bytes', other.hosted_bytes, 'hosted_etag', other.hosted_etag, 'hosted_at', other.hosted_at));
        end if;
      end if;
      perform core.update_spoken('core.show_images', kept_id,
        core.image_patch(to_jsonb(kept), spoken, array['url', 'url_path']));
    end if;
    return query select * from core.show_images i where i.id = kept_id;
  end loop;
end
$$;

create or replace function core.upsert_show_images_by_identity(rows jsonb) returns setof core.show_images
  language sql set search_path = '' as $$ select * from core.upsert_show_images(rows, false) $$;
create or replace function core.upsert_tmdb_show_images_by_identity(rows jsonb) returns setof core.show_images
  language sql set search_path = '' as $$ select * from core.upsert_show_images(rows, true) $$;

-- 4. Cast photos. Keys: (person, source, image id) and (person, source, canonical address).
create or replace function core.upsert_cast_photos(rows jsonb, by_address boolean) returns setof core.cast_photos
  language plpgsql set search_path = '' as $$
declare
  item jsonb;
  spoken jsonb;
  sent core.cast_photos;
  by_image_id core.cast_photos;
  by_canonical core.cast_photos;
  kept core.cast_photos;
  other core.cast_photos;
  kept_id uuid;
begin
  for item in select r from core.batch_rows(rows) r loop
    spoken := core.spoken_columns('core.cast_photos', item);
    if not spoken ? 'source' then spoken := spoken || '{"source": "imdb"}'; end if;
    sent := jsonb_populate_record(null::core.cast_photos, spoken);
    if sent.source_image_id is null and sent.image_url_canonical is null then
      sent.image_url_canonical := split_part(coalesce(sent.image_url, sent.url), '?', 1);
    end if;
    perform 1 from core.people p where p.id = sent.person_id for no key update;

    select * into by_image_id from core.cast_photos c
    where c.person_id = sent.person_id and c.source = sent.source and c.source_image_id = sent.source_image_id;
    select * into by_canonical from core.cast_photos c
    where c.person_id = sent.person_id and c.source = sent.source and c.image_url_canonical = sent.image_url_canonical;

    if by_address then
      kept := case when by_canonical.id is not null then by_canonical else by_image_id end;
      other := by_image_id;
    else
      kept := case when by_image_id.id is not null then by_image_id else by_canonical end;
      other := by_canonical;
    end if;

    if kept.id is null then
      kept_id := core.insert_spoken('core.cast_photos', spoken);
    else
      kept_id := kept.id;
      if other.id <> kept.id then
        delete from core.cast_photos c where c.id = other.id;
        if kept.hosted_key is null and other.hosted_key is not null and not spoken ? 'hosted_key' then
          spoken := spoken || core.spoken_columns('core.cast_photos', jsonb_build_object(
            'hosted_bucket', other.hosted_bucket, 'hosted_key', other.hosted_key, 'hosted_url', other.hosted_url,
            'hosted_sha256', other.hosted_sha256, 'hosted_content_type', other.hosted_content_type,
            'hosted_bytes', other.hosted_bytes, 'hosted_etag', other.hosted_etag, 'hosted_at', other.hosted_at));
        end if;
      end if;
      perform core.update_spoken('core.cast_photos', kept_id,
        core.image_patch(to_jsonb(kept), spoken, array['url', 'url_path', 'image_url']));
    end if;
    return query select * from core.cast_photos c where c.id = kept_id;
  end loop;
end
$$;

create or replace function core.upsert_cast_photos_by_identity(rows jsonb) returns setof core.cast_photos
  language sql set search_path = '' as $$ select * from core.upsert_cast_photos(rows, false) $$;
create or replace function core.upsert_cast_photos_by_canonical(rows jsonb) returns setof core.cast_photos
  language sql set search_path = '' as $$ select * from core.upsert_cast_photos(rows, true) $$;
