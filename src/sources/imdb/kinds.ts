import type { ImdbConfig } from '../../platform/config/imdb-pages.ts';
import { notOk } from '../../platform/outcome.ts';
import type { SourceKind } from '../kinds.ts';
import type { Parsed } from '../read.ts';
import { createAsk } from './ask.ts';
import { CAST_GROUP, listId, nameId, titleId, viewerId } from './ids.ts';
import { parseApiCredits } from './parse/api-credits.ts';
import { parseCredits } from './parse/credits.ts';
import { parseEpisodeCredits } from './parse/episode-credits.ts';
import { parseEpisodes } from './parse/episodes.ts';
import { parseGallery } from './parse/gallery.ts';
import { parseList } from './parse/list.ts';
import { parseListAnswer } from './parse/list-graphql.ts';
import { parseName } from './parse/name.ts';
import { readPage } from './parse/page.ts';
import { parsePersonGallery } from './parse/person-gallery.ts';
import { parseSearch, parseSearchAnswer } from './parse/search.ts';
import { parseSectionImages } from './parse/section-images.ts';
import { parseTitle } from './parse/title.ts';
import { parseTitleTotals } from './parse/title-totals.ts';
import { parseViewer } from './parse/viewer.ts';
import {
  askedSeason,
  creditsRequest,
  episodeCreditsRequest,
  episodesRequest,
  galleryRequest,
  type ImdbRequest,
  listAnswerRequest,
  listRequest,
  nameRequest,
  personGalleryRequest,
  referenceRequest,
  seriesSearchRequest,
  titleRequest,
  viewerRequest,
} from './requests.ts';

type Parse = (body: Uint8Array) => Parsed<unknown>;
type MakeRequest = (id: string, config: ImdbConfig) => ImdbRequest<unknown> | null;

/** What `trr source parse|fetch|check` can do for IMDb (design 13). */
export const IMDB_KINDS: Readonly<Record<string, SourceKind>> = {
  'imdb:title': page('title id, for example tt0239195', parseTitle, ofTitle(titleRequest), /^\/title\/tt\d+$/),
  'imdb:title-totals': page('title id', parseTitleTotals, null),
  'imdb:episodes': page(
    'title id, or title id/season, for example tt0239195/1',
    parseEpisodes,
    ofSeason,
    /^\/title\/tt\d+\/episodes$/,
  ),
  'imdb:fullcredits': page(
    'title id',
    parseCredits,
    ofTitle(creditsRequest),
    /^\/title\/tt\d+\/fullcredits(?:\/cast)?$/,
  ),
  'imdb:reference': page('title id', parseCredits, ofTitle(referenceRequest), /^\/title\/tt\d+\/reference$/),
  'imdb:list': page('list id or link, for example ls055592025', parseList, ofList(listRequest), /^\/list\/ls\d+$/),
  'imdb:mediaindex': page(
    'title id',
    parseGallery,
    ofTitle((id) => galleryRequest(id)),
    /^(?:\/_next\/data\/[^/]+)?\/title\/tt\d+\/mediaindex(?:\.json)?$/,
  ),
  'imdb:section-images': page('title id', parseSectionImages, null),
  'imdb:name': page('person id, for example nm0000126', parseName, ofName(nameRequest), /^\/name\/nm\d+$/),
  'imdb:person-gallery': page(
    'person id',
    parsePersonGallery,
    ofName(personGalleryRequest),
    /^\/name\/nm\d+\/mediaindex$/,
  ),
  'imdb:viewer': page(
    'person id/picture id, for example nm0000126/rm1760327425',
    parseViewer,
    ofViewer,
    /\/mediaviewer\/rm\d+$/,
  ),
  'imdb:search': page('title id of a series', parseSearch, ofTitle(seriesSearchRequest), /^\/search\/title$/),
  'imdb:list-graphql': answer(
    'list id or link',
    parseListAnswer,
    (id, { queryHashes }) => ofList((list) => listAnswerRequest(list, 1, queryHashes))(id),
    /^TitleListMainPage$/,
  ),
  'imdb:episode-credits-graphql': answer(
    'title id/person id, for example tt0239195/nm0698251; /season may follow',
    parseEpisodeCredits,
    ofCredit,
    /^TitleEpisodeBottomSheetCredits$/,
  ),
  'imdb:gallery-graphql': answer('title id', parseGallery, null, /Image|Gallery|Media/),
  'imdb:search-graphql': answer('text', parseSearchAnswer, null, /Search/),
  'imdb:api-credits': { id: 'nothing: read from files only', accepts: () => false, parse: parseApiCredits },
};

function page(id: string, parse: Parse, request: MakeRequest | null, path?: RegExp): SourceKind {
  const payload = (body: Uint8Array) => {
    const result = readPage(body);
    return result.ok && result.value.data !== null ? result.value.data.props : null;
  };
  const answers = path === undefined ? {} : { answers: (url: URL) => isPage(url, path) };
  return { ...fetching(request), id, parse: (body) => parse(body), payload, ...answers };
}

function isPage(url: URL, path: RegExp): boolean {
  const onSite = url.hostname === 'www.imdb.com' || url.hostname === 'm.imdb.com';
  return onSite && path.test(url.pathname.replace(/\/+$/, ''));
}

function answer(id: string, parse: Parse, request: MakeRequest | null, operation: RegExp): SourceKind {
  const answers = (url: URL) => {
    return url.hostname.endsWith('.graphql.imdb.com') && operation.test(url.searchParams.get('operationName') ?? '');
  };
  return { ...fetching(request), id, parse: (body) => parse(body), answers };
}

/** A blank configuration: whether an id is one does not depend on it. */
const ANY: ImdbConfig = { baseUrl: null, extraHeaders: {}, listUrl: null, queryHashes: {} };

function fetching(request: MakeRequest | null): Pick<SourceKind, 'accepts' | 'fetch'> {
  if (request === null) return { accepts: () => false };
  return {
    accepts: (id) => request(id, ANY) !== null,
    fetch: async (id, fetcher, { imdb }, signal) => {
      const made = request(id, imdb);
      if (made === null) return notOk('not_found', `imdb-web: "${id.slice(0, 60)}" names nothing`);
      return createAsk(fetcher, imdb)(made, signal === undefined ? {} : { signal });
    },
  };
}

function ofTitle(make: (id: string) => ImdbRequest<unknown>): MakeRequest {
  return (text) => made(titleId(text), make);
}

function ofName(make: (id: string) => ImdbRequest<unknown>): MakeRequest {
  return (text) => made(nameId(text), make);
}

function ofList(make: (id: string) => ImdbRequest<unknown>): (text: string) => ImdbRequest<unknown> | null {
  return (text) => made(listId(text), make);
}

function made(id: string | null, make: (id: string) => ImdbRequest<unknown>): ImdbRequest<unknown> | null {
  return id === null ? null : make(id);
}

function ofSeason(text: string): ImdbRequest<unknown> | null {
  const [title = '', label, ...rest] = text.split('/');
  const [id, season] = [titleId(title), label === undefined ? undefined : askedSeason(label)];
  return id === null || season === null || rest.length > 0 ? null : episodesRequest(id, season);
}

function ofViewer(text: string): ImdbRequest<unknown> | null {
  const [person = '', picture = '', ...rest] = text.split('/');
  const [id, viewer] = [nameId(person), viewerId(picture)];
  return id === null || viewer === null || rest.length > 0 ? null : viewerRequest(id, viewer);
}

function ofCredit(text: string, { queryHashes }: ImdbConfig): ImdbRequest<unknown> | null {
  const [title = '', person = '', label = '1', ...rest] = text.split('/');
  const [seriesId, personId, season] = [titleId(title), nameId(person), askedSeason(label)];
  if (seriesId === null || personId === null || season === null || rest.length > 0) return null;
  const query = { seriesId, personId, categoryId: CAST_GROUP, season: season.label, after: '' };
  return episodeCreditsRequest(query, queryHashes);
}
