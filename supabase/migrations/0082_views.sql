-- The views of core, said again: an adopted database brings its own texts with the same columns, and both kinds of database are
-- to end in the same structure. Column lists are a contract: names, order and types stay.

-- Shows having an IMDb id, projected to the column set of a dropped IMDb table.
create or replace view core.imdb_series with (security_invoker = true) as
select
  imdb_id,
  id as show_id,
  coalesce(imdb_title, imdb_meta ->> 'title') as title,
  coalesce(imdb_meta ->> 'description', description) as description,
  coalesce(imdb_content_rating, imdb_meta ->> 'content_rating') as content_rating,
  imdb_rating_value as rating_value,
  imdb_rating_count as rating_count,
  imdb_date_published as date_published,
  imdb_end_year as end_year,
  show_total_seasons as total_seasons,
  show_total_episodes as total_episodes,
  case when imdb_meta ->> 'runtime_minutes' ~ '^[0-9]{1,9}$' then (imdb_meta ->> 'runtime_minutes')::integer end as runtime_minutes,
  coalesce(imdb_meta ->> 'trailer_url', imdb_meta -> 'trailer' ->> 'url') as trailer_url,
  imdb_meta ->> 'poster_image_url' as poster_image_url,
  imdb_meta ->> 'poster_image_caption' as poster_image_caption,
  imdb_meta ->> 'imdb_url' as imdb_url,
  imdb_fetched_at as fetched_at,
  created_at,
  updated_at
from core.shows
where imdb_id is not null;

-- Shows having a TMDb id, projected to the column set of a dropped TMDb table.
create or replace view core.tmdb_series with (security_invoker = true) as
select
  tmdb_id,
  id as show_id,
  coalesce(tmdb_name, tmdb_meta ->> 'name') as name,
  tmdb_meta ->> 'original_name' as original_name,
  coalesce(tmdb_meta ->> 'overview', description) as overview,
  tmdb_meta ->> 'tagline' as tagline,
  tmdb_meta ->> 'homepage' as homepage,
  tmdb_meta ->> 'original_language' as original_language,
  tmdb_popularity as popularity,
  tmdb_vote_average as vote_average,
  tmdb_vote_count as vote_count,
  tmdb_first_air_date as first_air_date,
  tmdb_last_air_date as last_air_date,
  tmdb_status as status,
  tmdb_type as type,
  case when tmdb_meta ->> 'in_production' in ('true', 'false') then (tmdb_meta ->> 'in_production')::boolean end as in_production,
  case when tmdb_meta ->> 'adult' in ('true', 'false') then (tmdb_meta ->> 'adult')::boolean end as adult,
  case when tmdb_meta ->> 'number_of_seasons' ~ '^[0-9]{1,9}$' then (tmdb_meta ->> 'number_of_seasons')::integer end as number_of_seasons,
  case when tmdb_meta ->> 'number_of_episodes' ~ '^[0-9]{1,9}$' then (tmdb_meta ->> 'number_of_episodes')::integer end as number_of_episodes,
  tmdb_fetched_at as fetched_at,
  created_at,
  updated_at
from core.shows
where tmdb_id is not null;

-- Every cast photo column plus display_url: mirrored, then original image, then page url, then thumbnail.
create or replace view core.v_cast_photos with (security_invoker = true) as
select
  id, person_id, imdb_person_id, source, source_image_id, viewer_id, mediaindex_url_path, mediaviewer_url_path, url,
  url_path, width, height, caption, gallery_index, gallery_total, people_imdb_ids, people_names, title_imdb_ids,
  title_names, fetched_at, updated_at, metadata, source_page_url, image_url, thumb_url, file_name, alt_text,
  context_section, context_type, season, position, image_url_canonical, hosted_bucket, hosted_key, hosted_url,
  hosted_sha256, hosted_content_type, hosted_bytes, hosted_etag, hosted_at,
  coalesce(hosted_url, image_url, url, thumb_url) as display_url
from core.cast_photos;

-- Export projection of episode_appearances without keys and timestamps.
create or replace view core.v_episode_appearances with (security_invoker = true) as
select
  show_name, cast_member_name, seasons, tmdb_season_ids, tmdb_show_id, imdb_show_id, imdb_episode_title_ids,
  tmdb_episode_ids, total_episodes
from core.episode_appearances;

-- Show images with the name of the show they belong to. The predecessor joined on the TMDb id, which listed an image of one
-- show under another's name and left out every image without such an id (W23).
create or replace view core.v_show_images with (security_invoker = true) as
select
  i.id, i.show_id, i.tmdb_id, s.name as show_name, i.source, i.kind, i.iso_639_1, i.file_path, i.url_original,
  i.width, i.height, i.aspect_ratio, i.fetched_at
from core.show_images i
join core.shows s on s.id = i.show_id;

-- Every show image column plus served_url: mirrored url, else original url.
create or replace view core.v_show_images_served with (security_invoker = true) as
select
  id, show_id, source, kind, iso_639_1, file_path, width, height, aspect_ratio, fetched_at, tmdb_id, url_original,
  source_image_id, url, url_path, caption, position, metadata, image_type, created_at, updated_at, fetch_method,
  fetched_from_url, hosted_bucket, hosted_key, hosted_url, hosted_sha256, hosted_content_type, hosted_bytes,
  hosted_etag, hosted_at,
  coalesce(hosted_url, url) as served_url
from core.show_images;

-- Seasons with show_name first and the column name renamed to season_name.
create or replace view core.v_show_seasons with (security_invoker = true) as
select
  show_name, name as season_name, season_number, show_id, title, overview, air_date, premiere_date, tmdb_series_id,
  imdb_series_id, tmdb_season_id, tmdb_season_object_id, poster_path, url_original_poster, external_tvdb_id,
  external_wikidata_id, external_ids, language, fetched_at, id, created_at, updated_at
from core.seasons;
