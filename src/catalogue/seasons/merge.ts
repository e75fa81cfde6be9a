import type { SeasonFacts } from '../../platform/facts.ts';
import type { RowRules, RowValues } from '../provenance/merge-row.ts';

/** TMDb is the only source of these columns, so they follow it, null included (`spec/sources-tmdb.md` 6.3, weakness 8). */
export const SEASON_RULES: RowRules = {
  name: 'mirror',
  title: 'mirror',
  overview: 'mirror',
  air_date: 'mirror',
  premiere_date: 'mirror',
  tmdb_series_id: 'mirror',
  tmdb_season_id: 'mirror',
  tmdb_season_object_id: 'mirror',
  poster_path: 'mirror',
  external_tvdb_id: 'mirror',
  external_wikidata_id: 'mirror',
  language: 'mirror',
};

/** Of a season the source only lists: enough for its episodes to hang on. */
export function seasonStub(tmdbSeriesId: number): RowValues {
  return { tmdb_series_id: tmdbSeriesId, language: 'en-US' };
}

/**
 * Columns of `core.seasons` from a season answer. `title` and `premiere_date` copy `name` and `air_date` only when those are
 * not blank; they keep their text when the source clears it.
 */
export function seasonValues(facts: SeasonFacts, tmdbSeriesId: number): RowValues {
  return {
    ...seasonStub(tmdbSeriesId),
    name: facts.name,
    title: facts.name ?? undefined,
    overview: facts.overview,
    air_date: facts.airDate,
    premiere_date: facts.airDate ?? undefined,
    tmdb_season_id: facts.tmdbSeasonId,
    tmdb_season_object_id: facts.tmdbSeasonObjectId,
    poster_path: facts.posterPath,
    external_tvdb_id: facts.tvdbId,
    external_wikidata_id: facts.wikidataId,
    language: facts.language ?? 'en-US',
  };
}

/**
 * Whether TMDb alone vouches for a stored season, so that its absence there may retire it. A season IMDb knows stays
 * (`imdb_series_id`), and so does one nobody ever saw at TMDb.
 */
export function isOnlyTmdbSeason(row: {
  tmdb_season_id: number | null;
  tmdb_series_id: number | null;
  imdb_series_id: string | null;
}): boolean {
  return row.imdb_series_id === null && (row.tmdb_season_id !== null || row.tmdb_series_id !== null);
}
