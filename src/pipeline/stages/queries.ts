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

/** What `details` and `resolve` merge into; one row. */
export const SHOW_DETAILS = statement(
  'pipeline.show.details',
  `select id, name, description, premiere_date, imdb_id, tmdb_id, tvdb_id, tvrage_id, wikidata_id, facebook_id, instagram_id,
     twitter_id, genres, keywords, networks, tmdb_network_ids, tmdb_production_company_ids, tmdb_name, tmdb_status, tmdb_type,
     tmdb_first_air_date, tmdb_last_air_date, tmdb_vote_average, tmdb_vote_count, tmdb_popularity, tmdb_meta, tmdb_fetched_at,
     needs_imdb_resolution, needs_tmdb_resolution, provenance
   from core.shows where id = $1`,
  {
    id: 'uuid',
    name: 'text',
    description: 'text?',
    premiere_date: 'date?',
    imdb_id: 'text?',
    tmdb_id: 'int4?',
    tvdb_id: 'int4?',
    tvrage_id: 'int4?',
    wikidata_id: 'text?',
    facebook_id: 'text?',
    instagram_id: 'text?',
    twitter_id: 'text?',
    genres: '_text?',
    keywords: '_text?',
    networks: '_text?',
    tmdb_network_ids: '_int4?',
    tmdb_production_company_ids: '_int4?',
    tmdb_name: 'text?',
    tmdb_status: 'text?',
    tmdb_type: 'text?',
    tmdb_first_air_date: 'date?',
    tmdb_last_air_date: 'date?',
    tmdb_vote_average: 'numeric?',
    tmdb_vote_count: 'int4?',
    tmdb_popularity: 'numeric?',
    tmdb_meta: 'jsonb?',
    tmdb_fetched_at: 'timestamptz?',
    needs_imdb_resolution: 'bool',
    needs_tmdb_resolution: 'bool',
    provenance: 'jsonb',
  },
);

/** Another show with this IMDb id or this TMDb id (either may be null). */
export const SHOW_HOLDER = statement(
  'pipeline.show.holder',
  `select id, name, imdb_id, tmdb_id from core.shows
   where id <> $1 and (imdb_id = $2 or tmdb_id = $3) order by (tmdb_id = $3) desc nulls last, id limit 1`,
  { id: 'uuid', name: 'text', imdb_id: 'text?', tmdb_id: 'int4?' },
);

export const EXTERNAL_IDS = statement(
  'pipeline.external_ids.of_show',
  'select id, show_id, scheme, value, provenance from core.external_ids where show_id = $1 order by scheme, value',
  { id: 'uuid', show_id: 'uuid?', scheme: 'text', value: 'text', provenance: 'jsonb' },
);

/** Which of some ids (`$2` schemes, `$3` values, position by position) other shows hold. */
export const EXTERNAL_IDS_ELSEWHERE = statement(
  'pipeline.external_ids.elsewhere',
  `select x.scheme, x.value, s.id, s.name
   from unnest($2::text[], $3::text[]) as wanted (scheme, value)
   join core.external_ids x on x.scheme = wanted.scheme and x.value = wanted.value and x.show_id is not null
   join core.shows s on s.id = x.show_id
   where s.id <> $1 order by x.scheme, x.value`,
  { scheme: 'text', value: 'text', id: 'uuid', name: 'text' },
);

export const ALTERNATIVE_NAMES = statement(
  'pipeline.alternative_names.of_show',
  `select id, show_id, name, country, type, source, provenance from core.alternative_names
   where show_id = $1 and source = $2 order by name, country, type`,
  { id: 'uuid', show_id: 'uuid', name: 'text', country: 'text?', type: 'text?', source: 'text', provenance: 'jsonb' },
);
