import { statement } from '../../platform/db/statement.ts';

/** Overrides of some rows of one table; `$1` table without schema, `$2` primary keys as text. */
export const OVERRIDES = statement(
  'pipeline.overrides.of_rows',
  `select row_key, field, value, updated_at
   from core.overrides where table_name = $1 and row_key = any($2::text[]) order by row_key, field`,
  { row_key: 'text', field: 'text', value: 'jsonb', updated_at: 'timestamptz' },
);

/** All seasons of a show, retired ones too. */
export const SEASONS = statement(
  'pipeline.seasons.of_show',
  `select id, show_id, season_number, name, title, overview, air_date, premiere_date, tmdb_series_id, imdb_series_id,
     tmdb_season_id, tmdb_season_object_id, poster_path, external_tvdb_id, external_wikidata_id, language, fetched_at,
     provenance, missing_count, retired_at
   from core.seasons where show_id = $1 order by season_number`,
  {
    id: 'uuid',
    show_id: 'uuid',
    season_number: 'int4',
    name: 'text?',
    title: 'text?',
    overview: 'text?',
    air_date: 'date?',
    premiere_date: 'date?',
    tmdb_series_id: 'int4?',
    imdb_series_id: 'text?',
    tmdb_season_id: 'int4?',
    tmdb_season_object_id: 'text?',
    poster_path: 'text?',
    external_tvdb_id: 'int4?',
    external_wikidata_id: 'text?',
    language: 'text',
    fetched_at: 'timestamptz',
    provenance: 'jsonb',
    missing_count: 'int2',
    retired_at: 'timestamptz?',
  },
);

/** Another show that holds seasons of this TMDb series: the two shows are one. */
export const SEASONS_ELSEWHERE = statement(
  'pipeline.seasons.elsewhere',
  `select s.id, s.name from core.shows s
   where s.id <> $1 and exists (select from core.seasons t where t.tmdb_series_id = $2 and t.show_id = s.id)
   order by s.id limit 1`,
  { id: 'uuid', name: 'text' },
);

/** All episodes of a show, retired ones too. */
export const EPISODES = statement(
  'pipeline.episodes.of_show',
  `select id, show_id, season_id, season_number, episode_number, title, synopsis, overview, air_date, imdb_episode_id,
     tmdb_series_id, tmdb_episode_id, episode_type, production_code, runtime, still_path, tmdb_vote_average, tmdb_vote_count,
     fetched_at, provenance, missing_count, retired_at
   from core.episodes where show_id = $1 order by season_number, episode_number`,
  {
    id: 'uuid',
    show_id: 'uuid',
    season_id: 'uuid',
    season_number: 'int4',
    episode_number: 'int4',
    title: 'text?',
    synopsis: 'text?',
    overview: 'text?',
    air_date: 'date?',
    imdb_episode_id: 'text?',
    tmdb_series_id: 'int4?',
    tmdb_episode_id: 'int4?',
    episode_type: 'text?',
    production_code: 'text?',
    runtime: 'int4?',
    still_path: 'text?',
    tmdb_vote_average: 'numeric?',
    tmdb_vote_count: 'int4?',
    fetched_at: 'timestamptz',
    provenance: 'jsonb',
    missing_count: 'int2',
    retired_at: 'timestamptz?',
  },
);

/** Episodes of other shows that hold one of these TMDb ids. */
export const EPISODES_ELSEWHERE = statement(
  'pipeline.episodes.elsewhere',
  `select e.tmdb_episode_id, s.id, s.name from core.episodes e join core.shows s on s.id = e.show_id
   where e.tmdb_episode_id = any($2::int4[]) and e.show_id <> $1 order by e.tmdb_episode_id limit 1`,
  { tmdb_episode_id: 'int4?', id: 'uuid', name: 'text' },
);
