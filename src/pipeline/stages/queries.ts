import { statement } from '../../platform/db/statement.ts';

/** Overrides of some rows of one table; `$1` table without schema, `$2` primary keys as text. */
export const OVERRIDES = statement(
  'pipeline.overrides.of_rows',
  `select row_key, field, value, to_jsonb(updated_at) #>> '{}' as at
   from core.overrides where table_name = $1 and row_key = any($2::text[]) order by row_key, field`,
  { row_key: 'text', field: 'text', value: 'jsonb', at: 'text?' },
);

/** A row's overrides as JSON, so that they come with the row in one round trip. `table` and `id` are SQL, not input. */
function overridesOf(table: string, id: string): string {
  return `coalesce((select jsonb_agg(jsonb_build_object('field', o.field, 'value', o.value, 'at', o.updated_at) order by o.field)
     from core.overrides o where o.table_name = '${table}' and o.row_key = ${id}::text), '[]') as overrides`;
}

/** All seasons of a show, retired ones too. */
export const SEASONS = statement(
  'pipeline.seasons.of_show',
  `select id, show_id, season_number, name, title, overview, air_date, premiere_date, tmdb_series_id, imdb_series_id,
     tmdb_season_id, tmdb_season_object_id, poster_path, external_tvdb_id, external_wikidata_id, language, fetched_at,
     provenance, missing_count, retired_at,
     ${overridesOf('seasons', 's.id')}
   from core.seasons s where show_id = $1 order by season_number`,
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
    overrides: 'jsonb',
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
     imdb_rating, imdb_vote_count, imdb_primary_image_url, imdb_primary_image_caption, imdb_primary_image_width,
     imdb_primary_image_height, tmdb_series_id, tmdb_episode_id, episode_type, production_code, runtime, still_path, tmdb_vote_average, tmdb_vote_count,
     fetched_at, provenance, missing_count, retired_at, ${overridesOf('episodes', 'e.id')}
   from core.episodes e where show_id = $1 order by season_number, episode_number`,
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
    imdb_rating: 'numeric?',
    imdb_vote_count: 'int4?',
    imdb_primary_image_url: 'text?',
    imdb_primary_image_caption: 'text?',
    imdb_primary_image_width: 'int4?',
    imdb_primary_image_height: 'int4?',
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
    overrides: 'jsonb',
  },
);

/**
 * What episodes need besides their rows, in one round trip: season ids by number, and an episode of another show that holds one
 * of the TMDb ids in `$2` (null when there is none).
 */
export const EPISODES_CONTEXT = statement(
  'pipeline.episodes.context',
  `select
     (select coalesce(jsonb_object_agg(t.season_number, t.id), '{}') from core.seasons t where t.show_id = $1) as season_ids,
     (select jsonb_build_object('tmdb_episode_id', e.tmdb_episode_id, 'id', s.id, 'name', s.name)
      from core.episodes e join core.shows s on s.id = e.show_id
      where e.tmdb_episode_id = any($2::int4[]) and e.show_id <> $1 order by e.tmdb_episode_id limit 1) as elsewhere`,
  { season_ids: 'jsonb', elsewhere: 'jsonb?' },
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

/**
 * Makes writers of a shared table take turns until commit, so that two shows which bring the same new person or network
 * neither collide nor deadlock. Taken after the show's own lock and always in stage order.
 */
export const LOCK_SHARED = statement(
  'pipeline.shared.lock',
  'select pg_advisory_xact_lock(hashtextextended($1, 0))::text as locked',
  {
    locked: 'text?',
  },
);

/** People with one of these TMDb ids (`$1`, as text) or IMDb ids (`$2`). */
export const PEOPLE = statement(
  'pipeline.people.by_ids',
  `select id, full_name, known_for, external_ids, provenance from core.people
   where external_ids ->> 'tmdb' = any($1::text[])
   union
   select id, full_name, known_for, external_ids, provenance from core.people
   where external_ids ->> 'imdb' = any($2::text[])
   order by id`,
  { id: 'uuid', full_name: 'text', known_for: 'text?', external_ids: 'jsonb', provenance: 'jsonb' },
);

export const CAST = statement(
  'pipeline.show_cast.of_show',
  `select id, show_id, person_id, credit_category, role, billing_order, provenance, missing_count, retired_at
   from core.show_cast where show_id = $1 order by person_id, credit_category`,
  {
    id: 'uuid',
    show_id: 'uuid',
    person_id: 'uuid',
    credit_category: 'text',
    role: 'text?',
    billing_order: 'int4?',
    provenance: 'jsonb',
    missing_count: 'int2',
    retired_at: 'timestamptz?',
  },
);

export const SHOW_TOTALS = statement(
  'pipeline.show.totals',
  `select id, show_total_seasons, show_total_episodes, most_recent_episode, most_recent_episode_season,
     most_recent_episode_number, most_recent_episode_title, most_recent_episode_air_date, most_recent_episode_imdb_id, provenance
   from core.shows where id = $1`,
  {
    id: 'uuid',
    show_total_seasons: 'int4?',
    show_total_episodes: 'int4?',
    most_recent_episode: 'text?',
    most_recent_episode_season: 'int4?',
    most_recent_episode_number: 'int4?',
    most_recent_episode_title: 'text?',
    most_recent_episode_air_date: 'date?',
    most_recent_episode_imdb_id: 'text?',
    provenance: 'jsonb',
  },
);

/** What the totals are made of: a show's seasons and episodes that are not retired. */
export const COUNTED_SEASONS = statement(
  'pipeline.totals.seasons',
  'select season_number, retired_at is not null as retired from core.seasons where show_id = $1 order by season_number',
  { season_number: 'int4', retired: 'bool' },
);

export const COUNTED_EPISODES = statement(
  'pipeline.totals.episodes',
  `select season_number, episode_number, title, air_date, imdb_episode_id,
     provenance -> 'title' as title_origin, provenance -> 'air_date' as air_date_origin from core.episodes
   where show_id = $1 and retired_at is null order by season_number, episode_number`,
  {
    season_number: 'int4',
    episode_number: 'int4',
    title: 'text?',
    air_date: 'date?',
    imdb_episode_id: 'text?',
    title_origin: 'jsonb?',
    air_date_origin: 'jsonb?',
  },
);
