import { statement } from '../../platform/db/statement.ts';
import { pictureObject } from '../images/picture.ts';
import { MOST_INCLUDED } from '../params.ts';
import { isVisible } from '../shows/answer.ts';
import { externalIds, jsonArray, jsonObject, published, SHOW_ID } from '../sql.ts';

const field = (name: string) => published('t', name, '$3');
const ids = (column: string) =>
  jsonArray(`(select array_agg(e.${column} order by e.episode_number) from core.episodes e
      where e.season_id = t.id and e.retired_at is null and ${published('e', column, '$3')} is not null)`);

const season = (base: string) =>
  jsonObject({
    show_name: 't.show_name',
    imdb_episode_ids: ids('imdb_episode_id'),
    tmdb_episode_ids: ids('tmdb_episode_id'),
    id: 't.id',
    show_id: 't.show_id',
    season_number: 't.season_number',
    title: `coalesce(${field('title')}, ${field('name')})`,
    premiere_date: `coalesce(${field('premiere_date')}, ${field('air_date')})`,
    external_ids: externalIds(
      't',
      'season_id',
      { tmdb: 'tmdb_season_id', tvdb: 'external_tvdb_id', wikidata: 'external_wikidata_id' },
      '$3',
      't.external_ids',
    ),
    overview: field('overview'),
    poster_url: `case when ${published('t', 'poster_path', '$3')} is not null then t.url_original_poster end`,
    poster: pictureObject('t', {
      field: 'poster_path',
      original: 'url_original_poster',
      page: "'https://www.themoviedb.org/tv/' || coalesce(t.tmdb_series_id, s.tmdb_id) || '/season/' || t.season_number",
      licences: '$3',
      base,
    }),
    episode_count: '(select count(*) from core.episodes e where e.season_id = t.id and e.retired_at is null)',
  });

const from = `from core.seasons t join core.shows s on s.id = t.show_id
where t.show_id = ${SHOW_ID} and t.retired_at is null and ${isVisible('$3')}`;

/** Values: uuid or null, slug or null, licences, base of hosted images or null. Always one row; `[]` for an unknown show (S6). */
export const LIST_SEASONS = statement(
  'catalogue.seasons.list',
  `/* listSeasons */ select coalesce(json_agg(${season('$4')} order by t.season_number), '[]'::json)::text as body ${from}`,
  { body: 'text' },
);

/** As `LIST_SEASONS`, for `?include=seasons`. */
export const INCLUDED_SEASONS = statement(
  'catalogue.seasons.included',
  `/* getShow */ select coalesce(json_agg(${season('$4')} order by t.season_number), '[]'::json)::text as body ${from}
  and t.id in (select f.id from core.seasons f where f.show_id = ${SHOW_ID} and f.retired_at is null order by f.season_number limit ${MOST_INCLUDED})`,
  { body: 'text' },
);

/** Values: uuid or null, slug or null, licences, season number, base of hosted images or null. */
export const GET_SEASON = statement(
  'catalogue.seasons.get',
  `/* getSeason */ select ${season('$5')}::text as body ${from} and t.season_number = $4::int`,
  { body: 'text' },
);
