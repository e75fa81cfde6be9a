import { statement } from '../../platform/db/statement.ts';

/** TMDb images of a show, retired ones too. */
export const SHOW_IMAGES = statement(
  'pipeline.show_images.of_show',
  `select id, show_id, tmdb_id, source, source_image_id, kind, image_type, iso_639_1, file_path, url, url_path, width, height,
     aspect_ratio, metadata, fetch_method, fetched_at, provenance, missing_count, retired_at
   from core.show_images where show_id = $1 and source = 'tmdb' order by kind, file_path`,
  {
    id: 'uuid',
    show_id: 'uuid',
    tmdb_id: 'int4?',
    source: 'text',
    source_image_id: 'text',
    kind: 'text',
    image_type: 'text?',
    iso_639_1: 'text?',
    file_path: 'text?',
    url: 'text',
    url_path: 'text?',
    width: 'int4?',
    height: 'int4?',
    aspect_ratio: 'numeric?',
    metadata: 'jsonb',
    fetch_method: 'text?',
    fetched_at: 'timestamptz',
    provenance: 'jsonb',
    missing_count: 'int2',
    retired_at: 'timestamptz?',
  },
);

/** Another show that holds images of this TMDb id. */
export const SHOW_IMAGES_ELSEWHERE = statement(
  'pipeline.show_images.elsewhere',
  `select s.id, s.name from core.shows s
   where s.id <> $1 and exists (select from core.show_images i where i.tmdb_id = $2 and i.source = 'tmdb' and i.show_id = s.id)
   order by s.id limit 1`,
  { id: 'uuid', name: 'text' },
);

export const SHOW_PRIMARIES = statement(
  'pipeline.show.primary_images',
  `select id, primary_poster_image_id, primary_backdrop_image_id, primary_logo_image_id, provenance
   from core.shows where id = $1`,
  {
    id: 'uuid',
    primary_poster_image_id: 'uuid?',
    primary_backdrop_image_id: 'uuid?',
    primary_logo_image_id: 'uuid?',
    provenance: 'jsonb',
  },
);

/** TMDb posters of a show's seasons, retired ones too. */
export const SEASON_IMAGES = statement(
  'pipeline.season_images.of_show',
  `select id, show_id, season_id, tmdb_series_id, season_number, source, kind, iso_639_1, file_path, width, height, aspect_ratio,
     fetched_at, provenance, missing_count, retired_at
   from core.season_images where show_id = $1 and source = 'tmdb' order by season_number, file_path`,
  {
    id: 'uuid',
    show_id: 'uuid',
    season_id: 'uuid',
    tmdb_series_id: 'int4',
    season_number: 'int4',
    source: 'text',
    kind: 'text',
    iso_639_1: 'text?',
    file_path: 'text',
    width: 'int4',
    height: 'int4',
    aspect_ratio: 'numeric',
    fetched_at: 'timestamptz',
    provenance: 'jsonb',
    missing_count: 'int2',
    retired_at: 'timestamptz?',
  },
);

/** Another show that holds season posters of this TMDb id. */
export const SEASON_IMAGES_ELSEWHERE = statement(
  'pipeline.season_images.elsewhere',
  `select s.id, s.name from core.shows s
   where s.id <> $1 and exists (select from core.season_images i where i.tmdb_series_id = $2 and i.show_id = s.id)
   order by s.id limit 1`,
  { id: 'uuid', name: 'text' },
);
