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

/** Stored pages about people (`$1` their ids) or with these TMDb ids (`$2`). */
export const PROFILES = statement(
  'pipeline.cast_tmdb.of_people',
  `select id, person_id, tmdb_id, name, also_known_as, biography, birthday, deathday, gender, adult, homepage, known_for_department,
     place_of_birth, popularity, profile_path, imdb_id, freebase_mid, freebase_id, tvrage_id, wikidata_id, facebook_id, instagram_id,
     tiktok_id, twitter_id, youtube_id, fetched_at, provenance
   from core.cast_tmdb where person_id = any($1::uuid[]) or tmdb_id = any($2::int4[]) order by tmdb_id`,
  {
    id: 'uuid',
    person_id: 'uuid',
    tmdb_id: 'int4',
    name: 'text?',
    also_known_as: '_text?',
    biography: 'text?',
    birthday: 'date?',
    deathday: 'date?',
    gender: 'int2?',
    adult: 'bool?',
    homepage: 'text?',
    known_for_department: 'text?',
    place_of_birth: 'text?',
    popularity: 'numeric?',
    profile_path: 'text?',
    imdb_id: 'text?',
    freebase_mid: 'text?',
    freebase_id: 'text?',
    tvrage_id: 'int4?',
    wikidata_id: 'text?',
    facebook_id: 'text?',
    instagram_id: 'text?',
    tiktok_id: 'text?',
    twitter_id: 'text?',
    youtube_id: 'text?',
    fetched_at: 'timestamptz?',
    provenance: 'jsonb',
  },
);

/** TMDb ids of a show's cast whose page was read in the last months: it need not be asked for again to learn who they are. */
export const KNOWN_PROFILES = statement(
  'pipeline.cast_tmdb.known',
  `select t.tmdb_id from core.cast_tmdb t
   where t.fetched_at > now() - interval '150 days'
     and t.person_id in (select c.person_id from core.show_cast c where c.show_id = $1)`,
  { tmdb_id: 'int4' },
);

/** All appearances in a show. */
export const APPEARANCES = statement(
  'pipeline.episode_appearances.of_show',
  `select id, show_id, person_id, seasons, tmdb_season_ids, imdb_episode_title_ids, tmdb_episode_ids, provenance
   from core.episode_appearances where show_id = $1 order by person_id`,
  {
    id: 'uuid',
    show_id: 'uuid',
    person_id: 'uuid',
    seasons: '_int4',
    tmdb_season_ids: '_int4',
    imdb_episode_title_ids: '_text',
    tmdb_episode_ids: '_int4',
    provenance: 'jsonb',
  },
);

/** What a roll-up looks up about a show: episodes IMDb knows, and TMDb's ids of seasons. */
export const KNOWN_EPISODES = statement(
  'pipeline.episode_appearances.episodes',
  `select imdb_episode_id, tmdb_episode_id, season_number, episode_number, air_date
   from core.episodes where show_id = $1 and retired_at is null and imdb_episode_id is not null`,
  {
    imdb_episode_id: 'text?',
    tmdb_episode_id: 'int4?',
    season_number: 'int4',
    episode_number: 'int4',
    air_date: 'date?',
  },
);

export const TMDB_SEASON_IDS = statement(
  'pipeline.episode_appearances.seasons',
  `select season_number, tmdb_season_id from core.seasons
   where show_id = $1 and retired_at is null and tmdb_season_id is not null order by season_number`,
  { season_number: 'int4', tmdb_season_id: 'int4?' },
);

/** Series that IMDb's datasets are read for. */
export const TRACKED_SERIES = statement(
  'pipeline.imdb.tracked',
  `select distinct imdb_id from core.shows where imdb_id ~ '^tt[0-9]+$' and retired_at is null order by imdb_id`,
  { imdb_id: 'text?' },
);
