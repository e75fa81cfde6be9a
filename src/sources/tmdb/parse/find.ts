import {
  date,
  decimal,
  distinctBy,
  intLike,
  lacking,
  objects,
  type Parsed,
  parsed,
  readObject,
  text,
} from '../../read.ts';
import type { FindCandidate } from '../source.ts';

/**
 * `/find/{imdb id}`. Must find the list `tv_results`. An id of an episode or a season is found among their results, whose
 * `show_id` then is the candidate (weakness 9); it has no name or date to compare.
 */
export function parseFind(body: Uint8Array): Parsed<readonly FindCandidate[]> {
  const payload = readObject(body);
  if (!payload.ok) return payload;
  const shows = objects(payload.value['tv_results']);
  if (shows === undefined) return lacking('tv_results (a list)');
  const candidates = shows.flatMap((item): FindCandidate[] => {
    const tmdbId = intLike(item['id']);
    if (tmdbId === undefined) return [];
    return [
      {
        tmdbId,
        name: text(item['name']) ?? null,
        originalName: text(item['original_name']) ?? null,
        firstAirDate: date(item['first_air_date']) ?? null,
        popularity: decimal(item['popularity']) ?? null,
      },
    ];
  });
  if (candidates.length > 0) return parsed(distinctBy(candidates, ({ tmdbId }) => tmdbId));
  const parts = [payload.value['tv_episode_results'], payload.value['tv_season_results']];
  const parents = parts.flatMap((list) => objects(list) ?? []).flatMap((item) => intLike(item['show_id']) ?? []);
  return parsed(
    [...new Set(parents)].map((tmdbId) => {
      return { tmdbId, name: null, originalName: null, firstAirDate: null, popularity: null };
    }),
  );
}
