import { statement } from '../../platform/db/statement.ts';
import { pictureObject } from '../images/picture.ts';
import { isVisible } from '../shows/answer.ts';
import { externalIds, jsonObject, licensed, published, SHOW_ID } from '../sql.ts';

const field = (name: string) => published('e', name, '$3');

const episode = (base: string) =>
  jsonObject({
    show_name: 'e.show_name',
    id: 'e.id',
    season_id: 'e.season_id',
    episode_number: 'e.episode_number',
    title: field('title'),
    air_date: field('air_date'),
    // The synopsis is a copy of the overview and has no provenance of its own.
    synopsis: `case when ${licensed('e', 'overview', '$3')} then coalesce(${field('synopsis')}, e.overview) end`,
    external_ids: externalIds(
      'e',
      'episode_id',
      { imdb: 'imdb_episode_id', tmdb: 'tmdb_episode_id' },
      '$3',
      'e.external_ids',
    ),
    show_id: 'e.show_id',
    season_number: 'e.season_number',
    runtime: field('runtime'),
    episode_type: field('episode_type'),
    still_url: `case when ${published('e', 'still_path', '$3')} is not null then e.url_original_still end`,
    still: pictureObject('e', {
      field: 'still_path',
      original: 'url_original_still',
      page: `'https://www.themoviedb.org/tv/' || coalesce(e.tmdb_series_id, s.tmdb_id) || '/season/' || e.season_number || '/episode/' || e.episode_number`,
      licences: '$3',
      base,
    }),
  });

/** Values: uuid or null, slug or null, licences, season number, base of hosted images or null. No row: the season is unknown (S8). */
export const LIST_EPISODES = statement(
  'catalogue.episodes.list',
  `/* listEpisodes */ select coalesce((select json_agg(${episode('$5')} order by e.episode_number)
    from core.episodes e where e.season_id = t.id and e.retired_at is null), '[]'::json)::text as body
from core.seasons t join core.shows s on s.id = t.show_id
where t.show_id = ${SHOW_ID} and t.season_number = $4::int and t.retired_at is null and ${isVisible('$3')}`,
  { body: 'text' },
);

/** Values: episode, null, licences, base of hosted images or null. The parameters of `episode` are numbered as in `LIST_EPISODES`, hence the unused one. */
export const GET_EPISODE = statement(
  'catalogue.episodes.get',
  `/* getEpisode */ select ${episode('$4')}::text as body
from core.episodes e join core.shows s on s.id = e.show_id
where e.id = $1::uuid and $2::text is null and e.retired_at is null and ${isVisible('$3')}`,
  { body: 'text' },
);
