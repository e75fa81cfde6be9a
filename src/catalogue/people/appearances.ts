import type { AppearanceFacts } from '../../platform/facts.ts';
import type { RowRules } from '../provenance/merge-row.ts';

/** `core.episode_appearances`: seasons are everybody's to say, episodes only IMDb's. */
export const APPEARANCE_RULES: RowRules = {
  seasons: 'union',
  imdb_episode_title_ids: 'mirror',
  tmdb_episode_ids: 'mirror',
};

/** What a roll-up needs to know of the show's stored episodes. */
export interface KnownEpisode {
  readonly imdb_episode_id: string | null;
  readonly tmdb_episode_id: number | null;
  readonly season_number: number;
  readonly episode_number: number;
  readonly air_date: string | null;
}

export interface RollUp {
  readonly titleIds: readonly string[];
  /** Known ones only, each once, in the order of the title ids. */
  readonly tmdbEpisodeIds: readonly number[];
  /** Ascending, distinct. */
  readonly seasons: readonly number[];
}

interface Placed {
  readonly titleId: string;
  readonly season: number | null;
  readonly episode: number | null;
  readonly date: string;
  readonly tmdbId: number | null;
}

const NO_DATE = '9999-12-31';

/**
 * A person's episodes in a show (`spec/pipeline.md` 8.5): archive footage does not count, the first credit of an episode does, and what is
 * stored about an episode is believed before the credit. Null when no episode is left.
 */
export function rollUp(credits: readonly AppearanceFacts[], episodes: readonly KnownEpisode[]): RollUp | null {
  const known = new Map(episodes.map((episode) => [episode.imdb_episode_id, episode]));
  const first = new Map<string, Placed>();
  for (const credit of credits) {
    const titleId = credit.episodeId.trim().toLowerCase();
    if (credit.archiveFootage || titleId === '' || first.has(titleId)) continue;
    const stored = known.get(titleId);
    first.set(titleId, {
      titleId,
      season: stored?.season_number ?? credit.seasonNumber,
      episode: stored?.episode_number ?? credit.episodeNumber,
      date: stored?.air_date ?? credit.airDate ?? (credit.year === null ? NO_DATE : `${credit.year}-01-01`),
      tmdbId: stored?.tmdb_episode_id ?? null,
    });
  }
  const placed = [...first.values()].sort(compare);
  if (placed.length === 0) return null;
  return {
    titleIds: placed.map(({ titleId }) => titleId),
    tmdbEpisodeIds: [...new Set(placed.flatMap(({ tmdbId }) => tmdbId ?? []))],
    seasons: [...new Set(placed.flatMap(({ season }) => season ?? []))].sort((a, b) => a - b),
  };
}

/** Season, episode, date, id; what is not known comes last. */
function compare(a: Placed, b: Placed): number {
  return (
    (a.season ?? Number.MAX_SAFE_INTEGER) - (b.season ?? Number.MAX_SAFE_INTEGER) ||
    (a.episode ?? Number.MAX_SAFE_INTEGER) - (b.episode ?? Number.MAX_SAFE_INTEGER) ||
    compareText(a.date, b.date) ||
    compareText(a.titleId, b.titleId)
  );
}

function compareText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
