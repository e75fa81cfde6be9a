import type { RowValues } from '../provenance/merge-row.ts';

export interface CountedSeason {
  readonly season_number: number;
  readonly retired: boolean;
}

/** An episode that is not retired. */
export interface CountedEpisode {
  readonly season_number: number;
  readonly episode_number: number;
  readonly title: string | null;
  /** `YYYY-MM-DD`. */
  readonly air_date: string | null;
  readonly imdb_episode_id: string | null;
}

export interface StoredLatest {
  readonly most_recent_episode_season: number | null;
  readonly most_recent_episode_number: number | null;
  readonly most_recent_episode_imdb_id: string | null;
}

/**
 * The one definition of a show's totals and latest episode.
 *
 * `show_total_seasons` = distinct living seasons above 0: specials are no season (`spec/pipeline.md` 5.3, whose three writers
 * disagreed only there). `show_total_episodes` = living episode rows, specials included: 8.2 counts episode rows, and marks
 * as a defect only the season count. Without any season (or episode) row nothing is known, so nothing is written.
 */
export function totalsOf(seasons: readonly CountedSeason[], episodes: readonly CountedEpisode[]): RowValues {
  const numbers = new Set(
    seasons.filter((season) => !season.retired && season.season_number > 0).map((season) => season.season_number),
  );
  return {
    ...(seasons.length === 0 ? {} : { show_total_seasons: numbers.size }),
    ...(episodes.length === 0 ? {} : { show_total_episodes: episodes.length }),
  };
}

/**
 * The latest episode: of those aired until today the last by (air date, season, episode); when none has aired, the last undated by
 * (season, episode); when all are announced, the last of these (`spec/pipeline.md` 8.2, 14.2 L13).
 * @param today `YYYY-MM-DD`
 */
export function latestEpisode<E extends CountedEpisode>(episodes: readonly E[], today: string): E | undefined {
  const aired = episodes.filter((episode) => episode.air_date !== null && episode.air_date <= today);
  const undated = episodes.filter((episode) => episode.air_date === null);
  const candidates = aired.length > 0 ? aired : undated.length > 0 ? undated : episodes;
  return candidates.toSorted(compareEpisodes).at(-1);
}

function compareEpisodes(a: CountedEpisode, b: CountedEpisode): number {
  const [left, right] = [a.air_date ?? '', b.air_date ?? ''];
  if (left !== right) return left < right ? -1 : 1;
  return a.season_number - b.season_number || a.episode_number - b.episode_number;
}

/**
 * The `most_recent_episode*` columns; empty without an episode. The IMDb id stays when the row lacks it but the show already
 * knows it for this very episode (`spec/pipeline.md` 14.2 L5).
 */
export function latestEpisodeValues(latest: CountedEpisode | undefined, stored: StoredLatest): RowValues {
  if (latest === undefined) return {};
  const same =
    stored.most_recent_episode_season === latest.season_number &&
    stored.most_recent_episode_number === latest.episode_number;
  const imdbId = latest.imdb_episode_id ?? (same ? stored.most_recent_episode_imdb_id : null);
  const { season_number: season, episode_number: episode, title, air_date: airDate } = latest;
  return {
    most_recent_episode: formatEpisodeMarker({ season, episode, title, airDate, imdbId }),
    most_recent_episode_season: season,
    most_recent_episode_number: episode,
    most_recent_episode_title: title,
    most_recent_episode_air_date: airDate,
    most_recent_episode_imdb_id: imdbId,
  };
}

export interface EpisodeMarkerParts {
  readonly season: number | null;
  readonly episode: number | null;
  readonly title: string | null;
  readonly airDate: string | null;
  readonly imdbId: string | null;
}

/**
 * The display text of an episode: `S1.E2 - Title (2020-01-08) [imdbEpisodeId=tt1]`, each part only when known; a title alone
 * has no dash, an id alone gives null (`spec/pipeline.md` 7).
 */
export function formatEpisodeMarker(parts: EpisodeMarkerParts): string | null {
  const numbers = parts.season === null || parts.episode === null ? '' : `S${parts.season}.E${parts.episode}`;
  const title = parts.title?.trim() ?? '';
  const head = [numbers, title].filter((text) => text !== '').join(' - ');
  const known = [head, parts.airDate === null ? '' : `(${parts.airDate})`].filter((text) => text !== '');
  if (known.length === 0) return null;
  return [...known, ...(parts.imdbId === null ? [] : [`[imdbEpisodeId=${parts.imdbId}]`])].join(' ');
}
