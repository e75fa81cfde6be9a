import type { EpisodeFacts } from '../../platform/facts.ts';
import type { RowRules, RowValues } from '../provenance/merge-row.ts';
import { isBlank } from '../provenance/same-value.ts';

/**
 * Title, overview and air date are curated: what IMDb or the predecessor stored wins, TMDb fills gaps and follows only its
 * own values. The rest are TMDb's columns (`spec/pipeline.md` 6.8).
 */
export const EPISODE_RULES: RowRules = {
  title: 'curated',
  overview: 'curated',
  air_date: 'curated',
  tmdb_series_id: 'mirror',
  tmdb_episode_id: 'mirror',
  episode_type: 'mirror',
  production_code: 'mirror',
  runtime: 'mirror',
  still_path: 'mirror',
  tmdb_vote_average: 'mirror',
  tmdb_vote_count: 'mirror',
};

/** Columns of `core.episodes` from TMDb. Runtime in minutes. */
export function episodeValues(facts: EpisodeFacts, tmdbSeriesId: number): RowValues {
  return {
    title: facts.title,
    overview: facts.overview,
    air_date: facts.airDate,
    tmdb_series_id: tmdbSeriesId,
    tmdb_episode_id: facts.tmdbEpisodeId,
    episode_type: facts.episodeType,
    production_code: facts.productionCode,
    runtime: facts.runtimeMinutes,
    still_path: facts.stillPath,
    tmdb_vote_average: facts.voteAverage,
    tmdb_vote_count: facts.voteCount,
  };
}

/** The stored overview, or the stored synopsis in its place: both columns hold the same text (`spec/pipeline.md` 6.8). */
export function withChosenOverview<R extends { overview: unknown; synopsis: unknown }>(stored: R): R {
  return isBlank(stored.overview) && !isBlank(stored.synopsis) ? { ...stored, overview: stored.synopsis } : stored;
}

/** Whether TMDb alone vouches for a stored episode, so that its absence there may retire it; one that IMDb knows stays. */
export function isOnlyTmdbEpisode(row: {
  tmdb_episode_id: number | null;
  tmdb_series_id: number | null;
  imdb_episode_id: string | null;
}): boolean {
  return row.imdb_episode_id === null && (row.tmdb_episode_id !== null || row.tmdb_series_id !== null);
}
