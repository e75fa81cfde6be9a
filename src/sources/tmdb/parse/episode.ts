import {
  date,
  decimal,
  defined,
  field,
  integer,
  type JsonObject,
  lacking,
  type Parsed,
  parsed,
  readObject,
  text,
} from '../../read.ts';
import { readCast, readCrew, type TmdbCastCredit, type TmdbCrewCredit } from './credits.ts';
import { readExternalIds, type TmdbExternalIds } from './external-ids.ts';

export interface TmdbEpisode {
  readonly id?: number | null;
  readonly seasonNumber?: number | null;
  readonly episodeNumber: number;
  readonly name?: string | null;
  readonly overview?: string | null;
  readonly airDate?: string | null;
  readonly runtimeMinutes?: number | null;
  readonly stillPath?: string | null;
  readonly productionCode?: string | null;
  readonly episodeType?: string | null;
  readonly voteAverage?: number | null;
  readonly voteCount?: number | null;
  readonly guestStars?: readonly TmdbCastCredit[];
  readonly crew?: readonly TmdbCrewCredit[];
  readonly externalIds?: TmdbExternalIds;
}

/** `/tv/{id}/season/{n}/episode/{m}`. Must find `id`, `season_number` and `episode_number`. */
export function parseEpisode(body: Uint8Array): Parsed<TmdbEpisode> {
  const payload = readObject(body);
  if (!payload.ok) return payload;
  const missing = ['id', 'season_number', 'episode_number'].filter((key) => integer(payload.value[key]) === undefined);
  const episode = readEpisode(payload.value);
  if (missing.length > 0 || episode === undefined) return lacking(`${missing.join(', ')} (an integer)`);
  return parsed(episode);
}

/** One element of a season's `episodes`; undefined without an integer `episode_number`. */
export function readEpisode(item: JsonObject): TmdbEpisode | undefined {
  const episodeNumber = integer(item['episode_number']);
  if (episodeNumber === undefined || episodeNumber < 0) return undefined;
  return defined({
    id: field(item, 'id', integer),
    seasonNumber: field(item, 'season_number', integer),
    episodeNumber,
    name: field(item, 'name', text),
    overview: field(item, 'overview', text),
    airDate: field(item, 'air_date', date),
    runtimeMinutes: field(item, 'runtime', integer),
    stillPath: field(item, 'still_path', text),
    productionCode: field(item, 'production_code', text),
    episodeType: field(item, 'episode_type', text),
    voteAverage: field(item, 'vote_average', decimal),
    voteCount: field(item, 'vote_count', integer),
    guestStars: readCast(item['guest_stars']),
    crew: readCrew(item['crew']),
    externalIds: readExternalIds(item['external_ids']),
  });
}
