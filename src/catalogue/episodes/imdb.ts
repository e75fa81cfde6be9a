import type { EpisodeFacts } from '../../platform/facts.ts';
import type { RowRules, RowValues } from '../provenance/merge-row.ts';
import type { EpisodeIdentity } from './match.ts';

/** IMDb's columns of `core.episodes`, and the texts it shares with TMDb (`spec/pipeline.md` 6.7, 6.8). */
export const EPISODE_IMDB_RULES: RowRules = {
  title: 'curated',
  overview: 'curated',
  air_date: 'curated',
  imdb_episode_id: 'curated',
  imdb_rating: 'latest',
  imdb_vote_count: 'latest',
  imdb_primary_image_url: 'curated',
  imdb_primary_image_caption: 'curated',
  imdb_primary_image_width: 'curated',
  imdb_primary_image_height: 'curated',
};

/** IMDb's identifiers may be shown by anybody (`spec/sources-imdb.md` 9). */
export const EPISODE_IMDB_LICENCES = { imdb_episode_id: 'identifiers' } as const;

/** Stills are described, never copied: address, size and caption (`spec/sources-imdb.md` 9). */
export function episodeImdbValues(facts: EpisodeFacts): RowValues {
  const image = facts.primaryImage;
  return {
    title: facts.title,
    overview: facts.overview,
    air_date: facts.airDate,
    imdb_episode_id: facts.imdbEpisodeId,
    imdb_rating: facts.voteAverage,
    imdb_vote_count: facts.voteCount,
    ...(image === undefined
      ? {}
      : {
          imdb_primary_image_url: image?.url ?? null,
          imdb_primary_image_caption: image?.caption ?? null,
          imdb_primary_image_width: image?.width ?? null,
          imdb_primary_image_height: image?.height ?? null,
        }),
  };
}

export interface PlacedRow extends EpisodeIdentity {
  readonly title: string | null;
}

/**
 * Gives IMDb's episodes the places that TMDb gave the same ones: where TMDb numbers an episode, its number stands. The same episode is the one
 * that has the IMDb id, or the only one of the season with the very title, else the one with the same number. Texts that many episodes share
 * ("Episode 5", "Reunion") say nothing. An episode whose place is taken by another is left out and told.
 */
export function placeImdbEpisodes(
  items: readonly EpisodeFacts[],
  stored: readonly PlacedRow[],
): { items: EpisodeFacts[]; warnings: string[] } {
  const byId = new Map(stored.flatMap((row) => (row.imdb_episode_id === null ? [] : [[row.imdb_episode_id, row]])));
  const numbered = stored.filter((row) => row.tmdb_episode_id !== null && row.retired_at === null);
  const storedTitles = unique(numbered, (row) => titleKey(row.season_number, row.title));
  const ownTitles = unique(items, (item) => titleKey(item.seasonNumber, item.title ?? null));
  const bySlot = new Map(stored.map((row) => [slot(row.season_number, row.episode_number), row]));
  const warnings: string[] = [];

  const homeOf = (item: EpisodeFacts): PlacedRow | undefined => {
    const known = item.imdbEpisodeId == null ? undefined : byId.get(item.imdbEpisodeId);
    if (known !== undefined) return known;
    const key = titleKey(item.seasonNumber, item.title ?? null);
    const named = key === null || ownTitles.get(key) === undefined ? undefined : storedTitles.get(key);
    return named !== undefined && named.imdb_episode_id === null ? named : undefined;
  };
  const homes = new Map(items.map((item) => [item, homeOf(item)]));
  // Rows TMDb numbers keep their number; they are spoken for before anybody is placed by number.
  const taken = new Map<PlacedRow, EpisodeFacts>();
  for (const [item, home] of homes) if (home !== undefined && home.tmdb_episode_id !== null) taken.set(home, item);
  const placed = items.flatMap((item): EpisodeFacts[] => {
    const home = homes.get(item);
    if (home !== undefined && home.tmdb_episode_id !== null) {
      if (taken.get(home) !== item) return [];
      return [{ ...item, seasonNumber: home.season_number, episodeNumber: home.episode_number }];
    }
    const holder = bySlot.get(slot(item.seasonNumber, item.episodeNumber));
    const owner = holder === undefined ? undefined : taken.get(holder);
    if (owner === undefined) return [item];
    warnings.push(
      `${item.imdbEpisodeId ?? 'an episode'} is season ${item.seasonNumber} episode ${item.episodeNumber} at IMDb; that place is ${owner.imdbEpisodeId ?? 'taken'} here, so it was left out`,
    );
    return [];
  });
  return { items: placed, warnings };
}

function slot(season: number, episode: number): string {
  return `${season}/${episode}`;
}

/** Titles that differ only in case, accents or punctuation are the same; those without a word of their own are none. */
function titleKey(season: number, title: string | null): string | null {
  const words = (title ?? '')
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
  const generic = /^(episode|folge|day|part|week|reunion|finale|season finale|premiere)?( ?(part )?[\d ]+)?$/.test(
    words,
  );
  return words === '' || generic ? null : `${season}/${words}`;
}

/** What stands under a key that only one has. */
function unique<T>(items: readonly T[], keyOf: (item: T) => string | null): Map<string, T | undefined> {
  const found = new Map<string, T | undefined>();
  for (const item of items) {
    const key = keyOf(item);
    if (key !== null) found.set(key, found.has(key) ? undefined : item);
  }
  return found;
}

/** Whether IMDb alone vouches for a stored episode, so that its absence there may retire it; one that TMDb knows stays. */
export function isOnlyImdbEpisode(row: { tmdb_episode_id: number | null; imdb_episode_id: string | null }): boolean {
  return row.tmdb_episode_id === null && row.imdb_episode_id !== null;
}
