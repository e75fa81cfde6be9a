import {
  date,
  decimal,
  defined,
  distinctBy,
  field,
  integer,
  intLike,
  isObject,
  type JsonObject,
  lacking,
  objects,
  type Parsed,
  parsed,
  readObject,
  text,
  texts,
} from '../../read.ts';
import { readAggregateCredits, type TmdbCredits } from './credits.ts';
import { readEpisode, type TmdbEpisode } from './episode.ts';
import { readExternalIds, type TmdbExternalIds } from './external-ids.ts';
import { readImages, type TmdbImages } from './images.ts';
import { readOffers, type TmdbOffer } from './providers.ts';

export interface TmdbTv {
  readonly id: number;
  readonly name: string;
  readonly originalName?: string | null;
  readonly overview?: string | null;
  readonly status?: string | null;
  readonly type?: string | null;
  readonly firstAirDate?: string | null;
  readonly lastAirDate?: string | null;
  readonly voteAverage?: number | null;
  readonly voteCount?: number | null;
  readonly popularity?: number | null;
  readonly numberOfSeasons?: number | null;
  readonly numberOfEpisodes?: number | null;
  readonly originalLanguage?: string | null;
  readonly originCountries?: readonly string[];
  readonly genres?: readonly string[];
  readonly networks?: readonly TmdbEntity[];
  readonly companies?: readonly TmdbEntity[];
  readonly seasons?: readonly TmdbSeasonStub[];
  readonly lastEpisode?: TmdbEpisode | null;
  readonly aggregateCredits?: TmdbCredits;
  readonly alternativeTitles?: readonly TmdbAlternativeTitle[];
  readonly contentRatings?: readonly TmdbContentRating[];
  readonly externalIds?: TmdbExternalIds;
  readonly images?: TmdbImages;
  readonly keywords?: readonly string[];
  readonly offers?: readonly TmdbOffer[];
  /** The payload as received. */
  readonly raw: JsonObject;
}

/** A network or a production company. */
export interface TmdbEntity {
  readonly id: number;
  readonly name: string;
  readonly originCountry: string | null;
  readonly logoPath: string | null;
  readonly raw: JsonObject;
}

export interface TmdbSeasonStub {
  readonly seasonNumber: number;
  readonly id: number | null;
  readonly name: string | null;
  readonly overview: string | null;
  readonly airDate: string | null;
  readonly posterPath: string | null;
  readonly episodeCount: number | null;
}

export interface TmdbAlternativeTitle {
  readonly title: string;
  readonly country: string | null;
  readonly type: string | null;
}

export interface TmdbContentRating {
  readonly country: string;
  readonly rating: string;
}

/** Blocks appended to every details request: one request a show carries everything (weaknesses 4 and 18). */
export const TV_BLOCKS = [
  'aggregate_credits',
  'alternative_titles',
  'content_ratings',
  'external_ids',
  'images',
  'keywords',
  'watch/providers',
] as const;

/** Keys of a show's details that neither a season nor a person has. */
const SHOW_KEYS = ['original_name', 'first_air_date', 'number_of_seasons', 'seasons', 'networks'];

/** `/tv/{id}`. Must find `id`, a name and one of `SHOW_KEYS`. Absent blocks are named in `missing`. */
export function parseTv(body: Uint8Array): Parsed<TmdbTv> {
  const payload = readObject(body);
  if (!payload.ok) return payload;
  const raw = payload.value;
  const id = integer(raw['id']);
  const name = text(raw['name']) ?? text(raw['original_name']);
  const isShow = SHOW_KEYS.some((key) => Object.hasOwn(raw, key));
  if (id === undefined || name === undefined || !isShow) {
    const lacks = [
      id === undefined ? 'id (an integer)' : '',
      name === undefined ? 'name (text)' : '',
      isShow ? '' : `one of ${SHOW_KEYS.join(', ')}`,
    ];
    return lacking(...lacks);
  }
  const blocks = readBlocks(raw);
  const tv: TmdbTv = { ...readDetails(raw, id, name), ...defined(blocks), raw };
  const has: Record<(typeof TV_BLOCKS)[number], unknown> = {
    aggregate_credits: blocks.aggregateCredits,
    alternative_titles: blocks.alternativeTitles,
    content_ratings: blocks.contentRatings,
    external_ids: blocks.externalIds,
    images: blocks.images,
    keywords: blocks.keywords,
    'watch/providers': blocks.offers,
  };
  return parsed(
    tv,
    TV_BLOCKS.filter((block) => has[block] === undefined),
  );
}

function readDetails(raw: JsonObject, id: number, name: string): Omit<TmdbTv, 'raw'> {
  return defined({
    id,
    name,
    originalName: field(raw, 'original_name', text),
    overview: field(raw, 'overview', text),
    status: field(raw, 'status', text),
    type: field(raw, 'type', text),
    firstAirDate: field(raw, 'first_air_date', date),
    lastAirDate: field(raw, 'last_air_date', date),
    voteAverage: field(raw, 'vote_average', decimal),
    voteCount: field(raw, 'vote_count', intLike),
    popularity: field(raw, 'popularity', decimal),
    numberOfSeasons: field(raw, 'number_of_seasons', integer),
    numberOfEpisodes: field(raw, 'number_of_episodes', integer),
    originalLanguage: field(raw, 'original_language', text),
    originCountries: texts(raw['origin_country']),
    genres: names(raw['genres']),
    networks: readEntities(raw['networks']),
    companies: readEntities(raw['production_companies']),
    seasons: readSeasonStubs(raw['seasons']),
    lastEpisode: field(raw, 'last_episode_to_air', (value) => (isObject(value) ? readEpisode(value) : undefined)),
  });
}

function readBlocks(raw: JsonObject) {
  return {
    aggregateCredits: readAggregateCredits(raw['aggregate_credits']),
    alternativeTitles: readAlternativeTitles(raw['alternative_titles']),
    contentRatings: readContentRatings(raw['content_ratings']),
    externalIds: readExternalIds(raw['external_ids']),
    images: readImages(raw['images']),
    keywords: names(isObject(raw['keywords']) ? raw['keywords']['results'] : undefined),
    offers: readOffers(raw['watch/providers']),
  };
}

function names(list: unknown): readonly string[] | undefined {
  const found = objects(list)?.flatMap((item) => text(item['name']) ?? []);
  return found === undefined ? undefined : [...new Set(found)];
}

/** Elements with an int-like id and a name; distinct by id, in the source's order. */
function readEntities(list: unknown): readonly TmdbEntity[] | undefined {
  const found = objects(list)?.flatMap((item) => {
    const id = intLike(item['id']);
    const name = text(item['name']);
    if (id === undefined || name === undefined) return [];
    const originCountry = text(item['origin_country']) ?? null;
    return [{ id, name, originCountry, logoPath: text(item['logo_path']) ?? null, raw: item }];
  });
  return found === undefined ? undefined : distinctBy(found, ({ id }) => id);
}

function readSeasonStubs(list: unknown): readonly TmdbSeasonStub[] | undefined {
  const found = objects(list)?.flatMap((item) => {
    const seasonNumber = intLike(item['season_number']);
    if (seasonNumber === undefined || seasonNumber < 0) return [];
    return [
      {
        seasonNumber,
        id: integer(item['id']) ?? null,
        name: text(item['name']) ?? null,
        overview: text(item['overview']) ?? null,
        airDate: date(item['air_date']) ?? null,
        posterPath: text(item['poster_path']) ?? null,
        episodeCount: integer(item['episode_count']) ?? null,
      },
    ];
  });
  return found === undefined ? undefined : distinctBy(found, ({ seasonNumber }) => seasonNumber);
}

/** An `alternative_titles` block or payload. */
function readAlternativeTitles(block: unknown): readonly TmdbAlternativeTitle[] | undefined {
  const list = isObject(block) ? objects(block['results']) : undefined;
  return list?.flatMap((item) => {
    const title = text(item['title']);
    if (title === undefined) return [];
    return [{ title, country: text(item['iso_3166_1']) ?? null, type: text(item['type']) ?? null }];
  });
}

/** `/tv/{id}/alternative_titles`. Must find the list `results`. */
export function parseAlternativeTitles(
  body: Uint8Array,
): Parsed<{ readonly id: number | null; readonly titles: readonly TmdbAlternativeTitle[] }> {
  const payload = readObject(body);
  if (!payload.ok) return payload;
  const titles = readAlternativeTitles(payload.value);
  if (titles === undefined) return lacking('results (a list)');
  return parsed({ id: integer(payload.value['id']) ?? null, titles });
}

function readContentRatings(block: unknown): readonly TmdbContentRating[] | undefined {
  const list = isObject(block) ? objects(block['results']) : undefined;
  return list?.flatMap((item) => {
    const country = text(item['iso_3166_1']);
    const rating = text(item['rating']);
    return country === undefined || rating === undefined ? [] : [{ country, rating }];
  });
}
