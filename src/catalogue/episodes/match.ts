import type { EpisodeFacts } from '../../platform/facts.ts';

/** What matching needs to know of a stored episode. */
export interface EpisodeIdentity {
  readonly id: string;
  readonly season_number: number;
  readonly episode_number: number;
  readonly tmdb_episode_id: number | null;
  readonly retired_at: string | null;
}

export interface EpisodeMatch<R extends EpisodeIdentity> {
  /** The stored row of each item, null for a new episode. Items keep their order. */
  readonly matches: readonly { readonly facts: EpisodeFacts; readonly stored: R | null }[];
  /** Stored rows no item belongs to. */
  readonly unmatched: readonly R[];
  /** Rows among `unmatched` whose number now belongs to another row; they have to give it up. */
  readonly displaced: readonly R[];
  /** Rows whose TMDb id went to the row that already held the number; they have to let go of it first, even when they take another. */
  readonly released: readonly R[];
  readonly warnings: readonly string[];
}

const slotOf = (season: number, episode: number): string => `${season}/${episode}`;
const rowSlot = (row: EpisodeIdentity): string => slotOf(row.season_number, row.episode_number);
const itemSlot = (item: EpisodeFacts): string => slotOf(item.seasonNumber, item.episodeNumber);

/**
 * Decides which stored row each of the source's episodes is.
 *
 * The source's id comes first, so an episode renumbered upstream keeps its row (and its discussions) and moves. When the number it
 * moves to is held by a row the source's ids do not know (IMDb's, the predecessor's), that row is the episode and takes over the id. Episodes
 * without a known id are found by their number.
 */
export function matchEpisodes<R extends EpisodeIdentity>(
  items: readonly EpisodeFacts[],
  stored: readonly R[],
): EpisodeMatch<R> {
  const warnings: string[] = [];
  const distinct = distinctItems(items, warnings);
  const bySlot = new Map(stored.map((row) => [rowSlot(row), row]));
  const byTmdbId = new Map(
    stored.filter((row) => row.tmdb_episode_id !== null).map((row) => [row.tmdb_episode_id, row]),
  );
  const matched = new Map<EpisodeFacts, R>();
  const owner = new Map<R, EpisodeFacts>();
  const released = new Set<R>();

  for (const item of distinct) {
    const row = item.tmdbEpisodeId == null ? undefined : byTmdbId.get(item.tmdbEpisodeId);
    if (row === undefined) continue;
    matched.set(item, row);
    owner.set(row, item);
  }
  // A mover gives way to a holder without an id of its own; that frees the mover's row, which may stop another mover.
  for (let again = true; again; ) {
    again = false;
    for (const item of distinct) {
      const row = matched.get(item);
      const holder = bySlot.get(itemSlot(item));
      if (row === undefined || holder === undefined || holder === row || owner.has(holder)) continue;
      if (holder.tmdb_episode_id !== null && !released.has(holder)) continue;
      matched.set(item, holder);
      owner.delete(row);
      owner.set(holder, item);
      released.add(row);
      again = true;
    }
  }
  for (const item of distinct) {
    const holder = bySlot.get(itemSlot(item));
    if (matched.has(item) || holder === undefined || owner.has(holder)) continue;
    // A retired row with another id is a different episode that once gave up its number; it does so again.
    if (holder.retired_at !== null && holder.tmdb_episode_id !== null && item.tmdbEpisodeId != null) continue;
    matched.set(item, holder);
    owner.set(holder, item);
  }
  const unmatched = stored.filter((row) => !owner.has(row));
  const taken = new Set(distinct.map(itemSlot));
  return {
    matches: distinct.map((facts) => ({ facts, stored: matched.get(facts) ?? null })),
    unmatched,
    displaced: unmatched.filter((row) => taken.has(rowSlot(row))),
    released: [...released],
    warnings,
  };
}

/** One item per number and per id; the first wins, the rest are reported. */
function distinctItems(items: readonly EpisodeFacts[], warnings: string[]): EpisodeFacts[] {
  const slots = new Set<string>();
  const ids = new Set<number>();
  return items.filter((item) => {
    const label = `season ${item.seasonNumber} episode ${item.episodeNumber}`;
    if (slots.has(itemSlot(item))) {
      warnings.push(`${label} is listed twice; the first was kept`);
      return false;
    }
    if (item.tmdbEpisodeId != null && ids.has(item.tmdbEpisodeId)) {
      warnings.push(`${label} repeats the TMDb id ${item.tmdbEpisodeId}; the first was kept`);
      return false;
    }
    slots.add(itemSlot(item));
    if (item.tmdbEpisodeId != null) ids.add(item.tmdbEpisodeId);
    return true;
  });
}
