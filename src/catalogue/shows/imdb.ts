import type { ShowFacts } from '../../platform/facts.ts';
import type { RowRules, RowValues } from '../provenance/merge-row.ts';

/** IMDb's columns of `core.shows`, and those it shares with others (`spec/sources-imdb.md` 4.1, 4.4). */
export const SHOW_IMDB_RULES: RowRules = {
  description: 'fill',
  premiere_date: 'fill',
  genres: 'union',
  keywords: 'union',
  tags: 'union',
  networks: 'union',
  imdb_title: 'curated',
  imdb_content_rating: 'curated',
  imdb_rating_value: 'latest',
  imdb_rating_count: 'latest',
  imdb_date_published: 'curated',
  imdb_end_year: 'curated',
  imdb_meta: 'curated',
};

/** `meta`: as completed with what is stored (`completeImdbMeta`). */
export function showImdbValues(facts: ShowFacts, meta: RowValues): RowValues {
  return {
    description: facts.overview,
    premiere_date: facts.firstAirDate,
    genres: facts.genres,
    keywords: facts.keywords,
    tags: facts.tags,
    networks: facts.networkNames,
    imdb_title: facts.name,
    imdb_content_rating: facts.certificate,
    imdb_rating_value: facts.voteAverage,
    imdb_rating_count: facts.voteCount,
    imdb_date_published: facts.firstAirDate,
    imdb_end_year: facts.endYear,
    imdb_meta: meta,
  };
}

/**
 * One schema for `imdb_meta` whatever the way IMDb told us (`spec/sources-imdb.md` 6.2, 20, 29). Ratings live in their columns, which a
 * later answer may renew without touching the rest.
 */
export function imdbMeta(imdbId: string, facts: ShowFacts): RowValues {
  return {
    title: facts.name,
    original_title: facts.originalName,
    imdb_url: `https://www.imdb.com/title/${imdbId}/`,
    title_type: facts.titleType,
    description: facts.overview,
    start_year: facts.startYear,
    end_year: facts.endYear,
    date_published: facts.firstAired === undefined ? facts.firstAirDate : facts.firstAired,
    content_rating: facts.certificate,
    runtime_minutes: facts.runtimeMinutes,
    total_seasons: facts.seasonCount,
    total_episodes: facts.episodeCount,
    genres: facts.genres,
    keywords: facts.keywords,
    tags: facts.tags,
    companies: facts.companyNames,
    countries: facts.countries,
    languages: facts.languages,
    poster_image_url: facts.primaryImage?.url,
    poster_image_caption: facts.primaryImage?.caption,
    trailer: facts.trailer,
    unknown_season_episodes: facts.unknownSeasonEpisodes,
  };
}

/** What the source says, and for the rest what is stored; keys nobody has a value for are left out. */
export function completeImdbMeta(said: RowValues, stored: unknown): RowValues {
  const before = typeof stored === 'object' && stored !== null && !Array.isArray(stored) ? (stored as RowValues) : {};
  return { ...before, ...withValues(said) };
}

/** The stored values, and for the rest what a list says (`spec/pipeline.md` 6.3: lists fill gaps). */
export function filledImdbMeta(said: RowValues, stored: unknown): RowValues {
  const before = typeof stored === 'object' && stored !== null && !Array.isArray(stored) ? (stored as RowValues) : {};
  return { ...withValues(said), ...withValues(before) };
}

function withValues(values: RowValues): RowValues {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value != null && !(Array.isArray(value) && value.length === 0)),
  );
}
