import type { Parsed } from '../read.ts';
import { parseEpisode, type TmdbEpisode } from './parse/episode.ts';
import type { TmdbExternalIds } from './parse/external-ids.ts';
import { parseFind } from './parse/find.ts';
import { parseImages, type TmdbImages } from './parse/images.ts';
import {
  parseChanges,
  parseList,
  parseShowChanges,
  type TmdbChangesPage,
  type TmdbFieldChange,
  type TmdbListPage,
} from './parse/list.ts';
import { PERSON_BLOCKS, parseExternalIds, parsePerson, type TmdbPerson } from './parse/person.ts';
import { parseProviderCatalogue, parseWatchProviders, type TmdbOffer, type TmdbProvider } from './parse/providers.ts';
import { parseSeason, SEASON_BLOCKS, type TmdbSeason } from './parse/season.ts';
import { parseAlternativeTitles, parseTv, type TmdbAlternativeTitle, type TmdbTv, TV_BLOCKS } from './parse/tv.ts';
import type { FindCandidate } from './source.ts';

/** One TMDb request and how to read its answer. */
export interface TmdbRequest<T> {
  /** Below the base URL, with leading slash; numbers and checked ids only. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Blocks to append. */
  readonly append?: readonly string[];
  readonly parse: (body: Uint8Array) => Parsed<T>;
  /** What the payload must say it is about; an `actual` of undefined or null (the payload does not say) is not checked. */
  readonly identity?: { readonly expected: number; readonly actual: (value: T) => number | null | undefined };
}

/** The language of all texts, and of images (English or without text). */
export const LANGUAGE = 'en-US';
const language = LANGUAGE;
const include_image_language = 'en,null';

function about(expected: number): {
  expected: number;
  actual: (value: { readonly id: number | null }) => number | null;
} {
  return { expected, actual: ({ id }) => id };
}

export function tvRequest(id: number): TmdbRequest<TmdbTv> {
  const query = { language, include_image_language };
  return { path: `/tv/${id}`, query, append: TV_BLOCKS, parse: parseTv, identity: about(id) };
}

export function seasonRequest(id: number, seasonNumber: number): TmdbRequest<TmdbSeason> {
  return {
    path: `/tv/${id}/season/${seasonNumber}`,
    query: { language, include_image_language },
    append: SEASON_BLOCKS,
    parse: parseSeason,
    identity: { expected: seasonNumber, actual: (season) => season.seasonNumber },
  };
}

export function episodeRequest(id: number, seasonNumber: number, episodeNumber: number): TmdbRequest<TmdbEpisode> {
  return {
    path: `/tv/${id}/season/${seasonNumber}/episode/${episodeNumber}`,
    query: { language },
    append: ['external_ids'],
    parse: parseEpisode,
    identity: { expected: episodeNumber, actual: (episode) => episode.episodeNumber },
  };
}

export function imagesRequest(id: number): TmdbRequest<{ readonly id: number | null; readonly images: TmdbImages }> {
  const query = { language, include_image_language };
  return { path: `/tv/${id}/images`, query, parse: parseImages, identity: about(id) };
}

export function watchProvidersRequest(
  id: number,
): TmdbRequest<{ readonly id: number | null; readonly offers: readonly TmdbOffer[] }> {
  return { path: `/tv/${id}/watch/providers`, parse: parseWatchProviders, identity: about(id) };
}

export function alternativeTitlesRequest(
  id: number,
): TmdbRequest<{ readonly id: number | null; readonly titles: readonly TmdbAlternativeTitle[] }> {
  return { path: `/tv/${id}/alternative_titles`, parse: parseAlternativeTitles, identity: about(id) };
}

export function externalIdsRequest(
  of: 'tv' | 'person',
  id: number,
): TmdbRequest<{ readonly id: number; readonly ids: TmdbExternalIds }> {
  return { path: `/${of}/${id}/external_ids`, parse: parseExternalIds, identity: about(id) };
}

export function showChangesRequest(id: number, start: string, end: string): TmdbRequest<readonly TmdbFieldChange[]> {
  return { path: `/tv/${id}/changes`, query: { start_date: start, end_date: end }, parse: parseShowChanges };
}

/** `start` and `end` (`YYYY-MM-DD`) at most 14 days apart. */
export function changesRequest(
  of: 'tv' | 'person',
  start: string,
  end: string,
  page: number,
): TmdbRequest<TmdbChangesPage> {
  const query = { start_date: start, end_date: end, page: String(page) };
  return { path: `/${of}/changes`, query, parse: parseChanges };
}

export function providerCatalogueRequest(): TmdbRequest<readonly TmdbProvider[]> {
  return { path: '/watch/providers/tv', query: { language }, parse: parseProviderCatalogue };
}

/** `imdbId` must have been checked: it becomes part of the path. */
export function findRequest(imdbId: string): TmdbRequest<readonly FindCandidate[]> {
  return { path: `/find/${imdbId}`, query: { external_source: 'imdb_id', language }, parse: parseFind };
}

export function listRequest(id: number, page: number): TmdbRequest<TmdbListPage> {
  return { path: `/list/${id}`, query: { language, page: String(page) }, parse: parseList };
}

export function personRequest(id: number): TmdbRequest<TmdbPerson> {
  const query = { language };
  return { path: `/person/${id}`, query, append: PERSON_BLOCKS, parse: parsePerson, identity: about(id) };
}

export function personImagesRequest(
  id: number,
): TmdbRequest<{ readonly id: number | null; readonly images: TmdbImages }> {
  return { path: `/person/${id}/images`, parse: parseImages, identity: about(id) };
}
