import type { ImdbConfig } from '../../platform/config/imdb-pages.ts';
import type { Parsed } from '../read.ts';
import { OTHER_HOSTS } from '../registry.ts';
import { type ImdbCredits, type ImdbCreditsPage, parseCredits, readCreditsPage } from './parse/credits.ts';
import { type ImdbEpisodeCredits, parseEpisodeCredits } from './parse/episode-credits.ts';
import { type ImdbEpisodes, type ImdbEpisodesPage, parseEpisodes, readEpisodesPage } from './parse/episodes.ts';
import { type ImdbGallery, parseGallery } from './parse/gallery.ts';
import { readGraphqlTitle } from './parse/graphql.ts';
import { parseList } from './parse/list.ts';
import type { ImdbListPage } from './parse/list-entry.ts';
import { parseListAnswer } from './parse/list-graphql.ts';
import { type ImdbName, parseName } from './parse/name.ts';
import { type ImdbPersonPhoto, parsePersonGallery } from './parse/person-gallery.ts';
import { type ImdbSearch, parseSearch } from './parse/search.ts';
import { type ImdbSeasonOption, seasonOption } from './parse/season-totals.ts';
import { type ImdbTitle, parseTitle } from './parse/title.ts';
import { type ImdbViewer, parseViewer } from './parse/viewer.ts';

export type ImdbHost = 'www.imdb.com' | 'm.imdb.com' | 'api.graphql.imdb.com' | 'caching.graphql.imdb.com';

/** One request to the site and how to read its answer. */
export interface ImdbRequest<T> {
  readonly host: ImdbHost;
  /** With leading slash; checked ids and encoded values only. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly profile: keyof typeof PROFILES;
  /** The id asked for; after a redirect to another one of its kind, that one. */
  readonly subject: string;
  readonly parse: (body: Uint8Array, subject: string) => Parsed<T>;
}

const LANGUAGE = 'en-US,en;q=0.9';

/**
 * Headers and patience by kind of answer (`spec/sources-imdb.md` 2). The predecessor's three browser identities are gone: the user agent
 * is our own, with a contact address (6.1, 5).
 */
export const PROFILES = {
  page: {
    headers: { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'accept-language': LANGUAGE },
    timeoutMs: 30_000,
  },
  data: { headers: { accept: 'application/json', 'accept-language': LANGUAGE }, timeoutMs: 30_000 },
  graphql: {
    headers: { accept: 'application/graphql+json, application/json', 'content-type': 'application/json' },
    timeoutMs: 30_000,
  },
} as const;

/** Where a request is sent: the host itself, or below the configured base. */
export function addressOf(request: ImdbRequest<unknown>, config: Pick<ImdbConfig, 'baseUrl'>): URL {
  const other = request.host === 'www.imdb.com' ? '' : `${OTHER_HOSTS}/${request.host}`;
  const base = config.baseUrl === null ? `https://${request.host}` : `${config.baseUrl}${other}`;
  const url = new URL(`${base}${request.path}`);
  for (const [name, value] of Object.entries(request.query ?? {})) url.searchParams.set(name, value);
  return url;
}

export function titleRequest(id: string): ImdbRequest<ImdbTitle> {
  return { host: 'www.imdb.com', path: `/title/${id}/`, profile: 'page', subject: id, parse: parseTitle };
}

export function referenceRequest(id: string): ImdbRequest<ImdbCredits> {
  return { host: 'www.imdb.com', path: `/title/${id}/reference/`, profile: 'page', subject: id, parse: parseCredits };
}

export function creditsRequest(id: string): ImdbRequest<ImdbCredits> {
  return { host: 'www.imdb.com', path: `/title/${id}/fullcredits/`, profile: 'page', subject: id, parse: parseCredits };
}

/** Without a season: which there are, and the first. */
export function episodesRequest(id: string, season?: ImdbSeasonOption): ImdbRequest<ImdbEpisodes> {
  return {
    host: 'www.imdb.com',
    path: `/title/${id}/episodes/`,
    ...(season === undefined ? {} : { query: { season: season.label } }),
    profile: 'page',
    subject: id,
    parse: (body, subject) => {
      return parseEpisodes(body, { id: subject, ...(season === undefined ? {} : { season: season.number }) });
    },
  };
}

export function nameRequest(id: string): ImdbRequest<ImdbName> {
  return { host: 'www.imdb.com', path: `/name/${id}/`, profile: 'page', subject: id, parse: parseName };
}

export function personGalleryRequest(id: string): ImdbRequest<readonly ImdbPersonPhoto[]> {
  return {
    host: 'm.imdb.com',
    path: `/name/${id}/mediaindex/`,
    profile: 'page',
    subject: id,
    parse: parsePersonGallery,
  };
}

export function viewerRequest(id: string, viewer: string): ImdbRequest<ImdbViewer> {
  return {
    host: 'm.imdb.com',
    path: `/name/${id}/mediaviewer/${viewer}/`,
    profile: 'page',
    subject: id,
    parse: (body) => parseViewer(body, viewer),
  };
}

/** The first page of a title's pictures; a further one by its cursor, from the page's own data where the build is known. */
export function galleryRequest(
  id: string,
  next?: { cursor: string; buildId: string | null },
): ImdbRequest<ImdbGallery> {
  const common = { host: 'www.imdb.com', subject: id, parse: parseGallery } as const;
  if (next === undefined)
    return { ...common, profile: 'page', path: `/title/${id}/mediaindex/`, query: { ref_: 'ttmi_mi' } };
  const query = { after: next.cursor };
  if (next.buildId === null) return { ...common, profile: 'page', path: `/title/${id}/mediaindex/`, query };
  const path = `/_next/data/${encodeURIComponent(next.buildId)}/title/${id}/mediaindex.json`;
  return { ...common, profile: 'data', path, query };
}

export function listRequest(id: string, path = `/list/${id}/`): ImdbRequest<ImdbListPage> {
  const [pathname = path, search = ''] = path.split('?');
  const query = Object.fromEntries(new URLSearchParams(search));
  return { host: 'www.imdb.com', path: pathname, query, profile: 'page', subject: id, parse: parseList };
}

export const SEARCH_COUNT = 250;

export function seriesSearchRequest(id: string): ImdbRequest<ImdbSearch> {
  return {
    host: 'www.imdb.com',
    path: '/search/title/',
    query: { series: id, count: String(SEARCH_COUNT) },
    profile: 'page',
    subject: id,
    parse: parseSearch,
  };
}

/**
 * Queries the site's server knows by a hash (6.1, 4). Newer hashes come from `IMDB_GRAPHQL_HASHES_JSON`; a stale one is reported as
 * `PersistedQueryNotFound`.
 */
const OPERATIONS = {
  TitleListMainPage: ['api.graphql.imdb.com', 'b7caad2eba40a8fe984b8e07672098a09101b43dd532512f18768b012ee11a63'],
  TitleEpisodeBottomSheetCredits: [
    'caching.graphql.imdb.com',
    '8af4e7a49ccd298796aec3d0aa5699c05a6b9efb23721f7eae98bb19b72eafa3',
  ],
  TitleEpisodesSubPagePagination: [
    'caching.graphql.imdb.com',
    'e5b755e1254e3bc3a36b34aff729b1d107a63263dec628a8f59935c9e778c70e',
  ],
  TitleCreditPaginationV2: [
    'caching.graphql.imdb.com',
    'b43859db4bdda748eaa0970903fedbd706c766f0d7e6ee9162e2b517cbe27a20',
  ],
} as const satisfies Readonly<Record<string, readonly [ImdbHost, string]>>;

const LOCALE = 'en-US';

function stored<T>(
  operation: keyof typeof OPERATIONS,
  variables: Readonly<Record<string, unknown>>,
  subject: string,
  parse: ImdbRequest<T>['parse'],
  hashes: ImdbConfig['queryHashes'],
): ImdbRequest<T> {
  const [host, hash] = OPERATIONS[operation];
  const persistedQuery = { sha256Hash: hashes[operation] ?? hash, version: 1 };
  const query = {
    operationName: operation,
    variables: JSON.stringify(variables),
    extensions: JSON.stringify({ persistedQuery }),
  };
  return { host, path: '/', query, profile: 'graphql', subject, parse };
}

export const LIST_PAGE = 250;

/** Entries of a list from a position on, 1 first (3.3). */
export function listAnswerRequest(
  id: string,
  position: number,
  hashes: ImdbConfig['queryHashes'],
): ImdbRequest<ImdbListPage> {
  const sort = { by: 'LIST_ORDER', order: 'ASC' };
  const variables = { lsConst: id, first: LIST_PAGE, jumpToPosition: position, locale: LOCALE, sort, isInPace: false };
  return stored('TitleListMainPage', variables, id, parseListAnswer, hashes);
}

export interface EpisodeCreditsQuery {
  readonly seriesId: string;
  readonly personId: string;
  readonly categoryId: string;
  /** Label of a season. */
  readonly season: string;
  /** Empty for the first page. */
  readonly after: string;
}

/** A person's episodes in one season of a series (3.2). */
export function episodeCreditsRequest(
  { seriesId, personId, categoryId, season, after }: EpisodeCreditsQuery,
  hashes: ImdbConfig['queryHashes'],
): ImdbRequest<ImdbEpisodeCredits> {
  const variables = {
    after,
    episodeCreditsFilter: { episodes: { includeSeasons: [season] } },
    jobCategoryId: categoryId,
    locale: LOCALE,
    nameId: personId,
    projectStatus: [],
    titleId: seriesId,
    useEntitlement: false,
  };
  const parse = (body: Uint8Array) => parseEpisodeCredits(body, { seriesId, personId });
  return stored('TitleEpisodeBottomSheetCredits', variables, seriesId, parse, hashes);
}

/** The rest of a season with more than 50 episodes. */
export function moreEpisodesRequest(
  id: string,
  season: ImdbSeasonOption,
  after: string,
  hashes: ImdbConfig['queryHashes'],
): ImdbRequest<ImdbEpisodesPage> {
  const variables = {
    after,
    const: id,
    filter: { includeSeasons: [season.label] },
    first: 50,
    locale: LOCALE,
    originalTitleText: false,
    sort: { by: 'EPISODE_THEN_RELEASE', order: 'ASC' },
  };
  const parse = (body: Uint8Array): Parsed<ImdbEpisodesPage> => {
    const title = readGraphqlTitle(body);
    return title.ok ? readEpisodesPage(title.value, season.number) : title;
  };
  return stored('TitleEpisodesSubPagePagination', variables, id, parse, hashes);
}

/** The rest of a long category of credits. */
export function moreCreditsRequest(
  id: string,
  category: string,
  after: string,
  hashes: ImdbConfig['queryHashes'],
): ImdbRequest<ImdbCreditsPage> {
  const variables = { after, category, const: id, first: 250, locale: LOCALE, originalTitleText: false, tconst: id };
  const parse = (body: Uint8Array): Parsed<ImdbCreditsPage> => {
    const title = readGraphqlTitle(body);
    return title.ok ? readCreditsPage(title.value) : title;
  };
  return stored('TitleCreditPaginationV2', variables, id, parse, hashes);
}

/** A season as it is asked for: a label of the page, or a number. */
export function askedSeason(label: string | number): ImdbSeasonOption | null {
  return seasonOption(label) ?? null;
}
