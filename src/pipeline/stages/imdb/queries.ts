import { statement } from '../../../platform/db/statement.ts';

/** What IMDb's part of `details` merges into; one row. */
export const SHOW_IMDB = statement(
  'pipeline.show.imdb',
  `select id, name, description, premiere_date, genres, keywords, tags, networks, imdb_id, imdb_title, imdb_content_rating,
     imdb_rating_value, imdb_rating_count, imdb_date_published, imdb_end_year, imdb_meta, imdb_fetched_at, provenance
   from core.shows where id = $1`,
  {
    id: 'uuid',
    name: 'text',
    description: 'text?',
    premiere_date: 'date?',
    genres: '_text?',
    keywords: '_text?',
    tags: '_text?',
    networks: '_text?',
    imdb_id: 'text?',
    imdb_title: 'text?',
    imdb_content_rating: 'text?',
    imdb_rating_value: 'numeric?',
    imdb_rating_count: 'int4?',
    imdb_date_published: 'date?',
    imdb_end_year: 'int4?',
    imdb_meta: 'jsonb?',
    imdb_fetched_at: 'timestamptz?',
    provenance: 'jsonb',
  },
);

/** An episode of another show that holds one of the IMDb ids in `$2`. */
export const IMDB_EPISODE_ELSEWHERE = statement(
  'pipeline.episodes.imdb_elsewhere',
  `select e.imdb_episode_id, s.id, s.name from core.episodes e join core.shows s on s.id = e.show_id
   where e.imdb_episode_id = any($2::text[]) and e.show_id <> $1 order by e.imdb_episode_id limit 1`,
  { imdb_episode_id: 'text?', id: 'uuid', name: 'text' },
);

/** Seasons of a show as far as IMDb's episodes need them. */
export const SEASON_STUBS = statement(
  'pipeline.seasons.stubs',
  `select id, show_id, season_number, imdb_series_id, language, fetched_at, provenance, missing_count, retired_at
   from core.seasons where show_id = $1 order by season_number`,
  {
    id: 'uuid',
    show_id: 'uuid',
    season_number: 'int4',
    imdb_series_id: 'text?',
    language: 'text',
    fetched_at: 'timestamptz',
    provenance: 'jsonb',
    missing_count: 'int2',
    retired_at: 'timestamptz?',
  },
);

/** Networks of a show: the override sheet may name a show by title and network. */
export const SHOW_NETWORKS = statement(
  'pipeline.show.networks',
  'select name, networks from core.shows where id = $1',
  { name: 'text', networks: '_text?' },
);
