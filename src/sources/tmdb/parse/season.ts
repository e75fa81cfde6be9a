import {
  date,
  defined,
  field,
  integer,
  intLike,
  lacking,
  type Parsed,
  parsed,
  readAll,
  readObject,
  text,
} from '../../read.ts';
import { readAggregateCredits, type TmdbCredits } from './credits.ts';
import { readEpisode, type TmdbEpisode } from './episode.ts';
import { readExternalIds, type TmdbExternalIds } from './external-ids.ts';
import { readImages, type TmdbImages } from './images.ts';

export interface TmdbSeason {
  readonly id: number;
  /** `_id`, the object id of older interfaces. */
  readonly objectId?: string | null;
  readonly seasonNumber?: number | null;
  readonly name?: string | null;
  readonly overview?: string | null;
  readonly airDate?: string | null;
  readonly posterPath?: string | null;
  /** As listed; a repeated one is for whoever stores them to report. */
  readonly episodes: readonly TmdbEpisode[];
  readonly externalIds?: TmdbExternalIds;
  readonly images?: TmdbImages;
  readonly aggregateCredits?: TmdbCredits;
}

/** Blocks appended to every season request (one request a season). */
export const SEASON_BLOCKS = ['aggregate_credits', 'external_ids', 'images'] as const;

/** `/tv/{id}/season/{n}`. Must find `id` and the list `episodes`. Absent blocks are named in `missing`. */
export function parseSeason(body: Uint8Array): Parsed<TmdbSeason> {
  const payload = readObject(body);
  if (!payload.ok) return payload;
  const id = integer(payload.value['id']);
  const episodes = readAll(payload.value['episodes'], readEpisode);
  if (id === undefined || episodes === undefined) {
    const lacks = [
      id === undefined ? 'id (an integer)' : '',
      episodes === undefined ? 'episodes (a list of objects with episode_number)' : '',
    ];
    return lacking(...lacks);
  }
  const season: TmdbSeason = defined({
    id,
    objectId: field(payload.value, '_id', text),
    seasonNumber: field(payload.value, 'season_number', intLike),
    name: field(payload.value, 'name', text),
    overview: field(payload.value, 'overview', text),
    airDate: field(payload.value, 'air_date', date),
    posterPath: field(payload.value, 'poster_path', text),
    episodes,
    externalIds: readExternalIds(payload.value['external_ids']),
    images: readImages(payload.value['images']),
    aggregateCredits: readAggregateCredits(payload.value['aggregate_credits']),
  });
  const has = {
    aggregate_credits: season.aggregateCredits,
    external_ids: season.externalIds,
    images: season.images,
  };
  return parsed(
    season,
    SEASON_BLOCKS.filter((block) => has[block] === undefined),
  );
}
