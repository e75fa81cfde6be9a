import type { TmdbConfig } from '../../platform/config/types.ts';
import { mapOutcome, type Outcome } from '../../platform/outcome.ts';
import type { SourceKind } from '../kinds.ts';
import type { Parsed } from '../read.ts';
import { TMDB_API_BASE_URL } from '../registry.ts';
import type { Fetcher } from '../types.ts';
import { createAsk } from './ask.ts';
import { createTmdbSource } from './client.ts';
import { LIST_ID_HELP, parseListId } from './list-id.ts';
import { parseEpisode } from './parse/episode.ts';
import { parseFind } from './parse/find.ts';
import { parseImages } from './parse/images.ts';
import { parseList } from './parse/list.ts';
import { parsePerson } from './parse/person.ts';
import { parseProviderCatalogue, parseWatchProviders } from './parse/providers.ts';
import { parseSeason } from './parse/season.ts';
import { parseTv } from './parse/tv.ts';
import {
  episodeRequest,
  imagesRequest,
  personRequest,
  seasonRequest,
  type TmdbRequest,
  tvRequest,
  watchProvidersRequest,
} from './requests.ts';

/** What `trr source parse|fetch` can do for TMDb (design 13). */
export const TMDB_KINDS: Readonly<Record<string, SourceKind>> = {
  'tmdb:tv': numbered('show id, for example 14658', 1, parseTv, ([id = 0]) => tvRequest(id), /^tv\/\d+$/),
  'tmdb:season': numbered(
    'show id/season, for example 14658/1',
    2,
    parseSeason,
    ([id = 0, season = 0]) => seasonRequest(id, season),
    /^tv\/\d+\/season\/\d+$/,
  ),
  'tmdb:episode': numbered(
    'show id/season/episode, for example 14658/1/2',
    3,
    parseEpisode,
    ([id = 0, season = 0, episode = 0]) => episodeRequest(id, season, episode),
    /^tv\/\d+\/season\/\d+\/episode\/\d+$/,
  ),
  'tmdb:images': numbered(
    'show id',
    1,
    parseImages,
    ([id = 0]) => imagesRequest(id),
    /^(?:tv|person)\/[\d/a-z]+\/images$/,
  ),
  'tmdb:person': numbered('person id', 1, parsePerson, ([id = 0]) => personRequest(id), /^person\/\d+$/),
  'tmdb:providers': numbered(
    'show id',
    1,
    parseProviders,
    ([id = 0]) => watchProvidersRequest(id),
    /^(?:tv\/\d+\/watch\/providers|watch\/providers\/tv)$/,
  ),
  'tmdb:find': {
    id: 'IMDb title id, for example tt0239195',
    parse: parseFind,
    accepts: (id) => /^tt\d+$/.test(id),
    answers: below(/^find\/tt\d+$/),
    fetch: (id, fetcher, { tmdb }, signal) => createTmdbSource(fetcher, tmdb).find(id, optionsOf(signal)),
  },
  'tmdb:list': {
    id: `list number or link; anything else ${LIST_ID_HELP}`,
    parse: parseList,
    accepts: (id) => parseListId(id) !== null,
    answers: below(/^list\/\d+$/),
    fetch: (id, fetcher, { tmdb }, signal) => createTmdbSource(fetcher, tmdb).list(id, optionsOf(signal)),
  },
};

/** A kind whose id is one or more numbers with slashes between them. */
function numbered<T>(
  id: string,
  count: number,
  parse: (body: Uint8Array) => Parsed<unknown>,
  request: (ids: readonly number[]) => TmdbRequest<T>,
  path: RegExp,
): SourceKind {
  const numbers = (text: string) =>
    text.split('/').map((part) => (/^\d{1,10}$/.test(part) ? Number(part) : Number.NaN));
  return {
    id,
    parse,
    answers: below(path),
    accepts: (text) => numbers(text).length === count && numbers(text).every(Number.isSafeInteger),
    fetch: (text, fetcher, { tmdb }, signal) => fetchRecord(fetcher, tmdb, request(numbers(text)), signal),
  };
}

/** Addresses of the API, the path without its version. */
function below(path: RegExp): (url: URL) => boolean {
  const { hostname, pathname } = new URL(TMDB_API_BASE_URL);
  return (url) =>
    url.hostname === hostname &&
    url.pathname.startsWith(pathname) &&
    path.test(url.pathname.slice(pathname.length + 1));
}

async function fetchRecord<T>(
  fetcher: Fetcher,
  config: TmdbConfig,
  request: TmdbRequest<T>,
  signal: AbortSignal | undefined,
): Promise<Outcome<T>> {
  return mapOutcome(await createAsk(fetcher, config)(request, optionsOf(signal)), ({ value }) => value);
}

function optionsOf(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

/** A title's offers (`results` by region), or the catalogue of all providers (`results` as a list). */
function parseProviders(body: Uint8Array): Parsed<unknown> {
  const offers = parseWatchProviders(body);
  if (offers.ok) return offers;
  const catalogue = parseProviderCatalogue(body);
  return catalogue.ok ? catalogue : offers;
}
