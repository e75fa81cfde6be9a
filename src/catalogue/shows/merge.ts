import type { EntityFacts, ShowExternalIds, ShowFacts } from '../../platform/facts.ts';
import type { RowRules, RowValues } from '../provenance/merge-row.ts';

/** The `details` stage's columns of `core.shows` (`spec/sources-tmdb.md` 5, decision on curated columns). */
export const SHOW_DETAIL_RULES: RowRules = {
  name: 'fill',
  description: 'fill',
  premiere_date: 'fill',
  imdb_id: 'fill',
  tvdb_id: 'fill',
  tvrage_id: 'fill',
  wikidata_id: 'fill',
  facebook_id: 'fill',
  instagram_id: 'fill',
  twitter_id: 'fill',
  genres: 'union',
  keywords: 'union',
  networks: 'union',
  tmdb_network_ids: 'union',
  tmdb_production_company_ids: 'union',
  tmdb_name: 'mirror',
  tmdb_status: 'mirror',
  tmdb_type: 'mirror',
  tmdb_first_air_date: 'mirror',
  tmdb_last_air_date: 'mirror',
  tmdb_vote_average: 'mirror',
  tmdb_vote_count: 'mirror',
  tmdb_popularity: 'mirror',
  tmdb_meta: 'mirror',
};

/**
 * Columns of `core.shows` from TMDb's details.
 * @param meta the payload to keep, already completed with stored blocks (`completeMeta`)
 */
export function showDetailValues(facts: ShowFacts, meta: unknown): RowValues {
  const ids = facts.externalIds;
  return {
    name: facts.name ?? undefined,
    description: facts.overview,
    premiere_date: facts.firstAirDate,
    imdb_id: ids?.imdb,
    tvdb_id: ids?.tvdb,
    tvrage_id: ids?.tvrage,
    wikidata_id: ids?.wikidata,
    facebook_id: ids?.facebook,
    instagram_id: ids?.instagram,
    twitter_id: ids?.twitter,
    genres: facts.genres,
    keywords: facts.keywords,
    networks: names(facts.networks),
    tmdb_network_ids: idsOf(facts.networks),
    tmdb_production_company_ids: idsOf(facts.companies),
    tmdb_name: facts.name,
    tmdb_status: facts.status,
    tmdb_type: facts.type,
    tmdb_first_air_date: facts.firstAirDate,
    tmdb_last_air_date: facts.lastAirDate,
    tmdb_vote_average: facts.voteAverage,
    tmdb_vote_count: facts.voteCount,
    tmdb_popularity: facts.popularity,
    tmdb_meta: meta,
  };
}

function names(entities: readonly EntityFacts[] | undefined): string[] | undefined {
  return entities?.map((entity) => entity.name);
}

function idsOf(entities: readonly EntityFacts[] | undefined): number[] | undefined {
  return entities?.map((entity) => entity.id);
}

/**
 * The payload to keep as `tmdb_meta`: as received, with the stored copy of every block that the answer lacked, so that a poorer
 * answer (a snapshot with fewer appended blocks) loses nothing (`spec/sources-tmdb.md` 11, weakness 4).
 */
export function completeMeta(raw: unknown, stored: unknown, missing: readonly string[]): unknown {
  if (!isObject(raw) || !isObject(stored)) return raw;
  const kept = missing.filter((block) => !Object.hasOwn(raw, block) && Object.hasOwn(stored, block));
  return kept.length === 0 ? raw : { ...raw, ...Object.fromEntries(kept.map((block) => [block, stored[block]])) };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Which source's id a show lacks while it has the other's (`spec/pipeline.md` 6.4, step 3, on the merged identity). */
export function resolutionFlags(ids: { imdbId: string | null; tmdbId: number | null }): {
  needs_imdb_resolution: boolean;
  needs_tmdb_resolution: boolean;
} {
  const hasImdb = ids.imdbId !== null && ids.imdbId.trim() !== '';
  return {
    needs_imdb_resolution: ids.tmdbId !== null && !hasImdb,
    needs_tmdb_resolution: hasImdb && ids.tmdbId === null,
  };
}

export interface OutsideId {
  readonly scheme: string;
  readonly value: string;
}

/** A show's ids at other places as rows of `core.external_ids`, by scheme. Null ids give no row. */
export function outsideIds(tmdbId: number, ids: ShowExternalIds | undefined): OutsideId[] {
  const all = {
    facebook: ids?.facebook,
    imdb: ids?.imdb,
    instagram: ids?.instagram,
    tmdb: tmdbId,
    tvdb: ids?.tvdb,
    tvrage: ids?.tvrage,
    twitter: ids?.twitter,
    wikidata: ids?.wikidata,
  };
  return Object.entries(all).flatMap(([scheme, value]) => {
    const text = value == null ? '' : String(value).trim();
    return text === '' || text.length > 200 ? [] : [{ scheme, value: text }];
  });
}
