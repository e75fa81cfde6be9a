-- Baseline: the predecessor's final state (its version 0051). Behaviour (functions, triggers, policies, grants) begins at 0052.
-- This file: the views of core. Their column lists are a contract: names, order and types stay.

-- Shows having an IMDb id, projected to the column set of a dropped IMDb table.
create view core.imdb_series as
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
create view core.tmdb_series as
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
create view core.v_cast_photos as
select
  id, person_id, imdb_person_id, source, source_image_id, viewer_id, mediaindex_url_path, mediaviewer_url_path, url,
  url_path, width, height, caption, gallery_index, gallery_total, people_imdb_ids, people_names, title_imdb_ids,
  title_names, fetched_at, updated_at, metadata, source_page_url, image_url, thumb_url, file_name, alt_text,
  context_section, context_type, season, position, image_url_canonical, hosted_bucket, hosted_key, hosted_url,
  hosted_sha256, hosted_content_type, hosted_bytes, hosted_etag, hosted_at,
  coalesce(hosted_url, image_url, url, thumb_url) as display_url
from core.cast_photos;

-- Export projection of episode_appearances without keys and timestamps.
create view core.v_episode_appearances as
select
  show_name, cast_member_name, seasons, tmdb_season_ids, tmdb_show_id, imdb_show_id, imdb_episode_title_ids,
  tmdb_episode_ids, total_episodes
from core.episode_appearances;

-- Show images joined to shows on the TMDb id, adding the show name; images without a TMDb id are absent.
create view core.v_show_images as
select
  i.id, i.show_id, i.tmdb_id, s.name as show_name, i.source, i.kind, i.iso_639_1, i.file_path, i.url_original,
  i.width, i.height, i.aspect_ratio, i.fetched_at
from core.show_images i
join core.shows s on s.tmdb_id = i.tmdb_id;

-- Every show image column plus served_url: mirrored url, else original url.
create view core.v_show_images_served as
select
  id, show_id, source, kind, iso_639_1, file_path, width, height, aspect_ratio, fetched_at, tmdb_id, url_original,
  source_image_id, url, url_path, caption, position, metadata, image_type, created_at, updated_at, fetch_method,
  fetched_from_url, hosted_bucket, hosted_key, hosted_url, hosted_sha256, hosted_content_type, hosted_bytes,
  hosted_etag, hosted_at,
  coalesce(hosted_url, url) as served_url
from core.show_images;

-- Seasons with show_name first and the column name renamed to season_name.
create view core.v_show_seasons as
select
  show_name, name as season_name, season_number, show_id, title, overview, air_date, premiere_date, tmdb_series_id,
  imdb_series_id, tmdb_season_id, tmdb_season_object_id, poster_path, url_original_poster, external_tvdb_id,
  external_wikidata_id, external_ids, language, fetched_at, id, created_at, updated_at
from core.seasons;
