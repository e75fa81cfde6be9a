import type { EpisodeFacts } from '../../platform/facts.ts';

/** What matching needs to know of a stored episode. */
export interface EpisodeIdentity {
  readonly id: string;
  readonly season_number: number;
  readonly episode_number: number;
  readonly tmdb_episode_id: number | null;
  readonly imdb_episode_id: string | null;
  readonly retired_at: string | null;
}

/** A source's ids of episodes: the column that holds them, what an item has, and what to call them. */
export interface EpisodeIds {
  readonly column: 'tmdb_episode_id' | 'imdb_episode_id';
  readonly ofItem: (item: EpisodeFacts) => number | string | null | undefined;
  readonly label: string;
}

export const TMDB_IDS: EpisodeIds = {
  column: 'tmdb_episode_id',
  ofItem: (item) => item.tmdbEpisodeId,
  label: 'TMDb id',
};
export const IMDB_IDS: EpisodeIds = {
  column: 'imdb_episode_id',
  ofItem: (item) => item.imdbEpisodeId,
  label: 'IMDb id',
};

export interface EpisodeMatch<R extends EpisodeIdentity> {
  /** The stored row of each item, null for a new episode. Items keep their order. */
  readonly matches: readonly { readonly facts: EpisodeFacts; readonly stored: R | null }[];
  /** Stored rows no item belongs to. */
  readonly unmatched: readonly R[];
  /** Rows among `unmatched` whose number now belongs to another row; they have to give it up. */
  readonly displaced: readonly R[];
  /** Rows whose id at the source went to the row that already held the number; they have to let go of it first, even when they take another. */
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
  ids: EpisodeIds = TMDB_IDS,
): EpisodeMatch<R> {
  const warnings: string[] = [];
  const distinct = distinctItems(items, ids, warnings);
  const bySlot = new Map(stored.map((row) => [rowSlot(row), row]));
  const byId = new Map<number | string | null, R>(
    stored.filter((row) => row[ids.column] !== null).map((row) => [row[ids.column], row]),
  );
  const matched = new Map<EpisodeFacts, R>();
  const owner = new Map<R, EpisodeFacts>();
  const released = new Set<R>();

  for (const item of distinct) {
    const id = ids.ofItem(item);
    const row = id == null ? undefined : byId.get(id);
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
      if (holder[ids.column] !== null && !released.has(holder)) continue;
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
    if (holder.retired_at !== null && holder[ids.column] !== null && ids.ofItem(item) != null) continue;
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
function distinctItems(items: readonly EpisodeFacts[], ids: EpisodeIds, warnings: string[]): EpisodeFacts[] {
  const slots = new Set<string>();
  const seen = new Set<number | string>();
  return items.filter((item) => {
    const label = `season ${item.seasonNumber} episode ${item.episodeNumber}`;
    if (slots.has(itemSlot(item))) {
      warnings.push(`${label} is listed twice; the first was kept`);
      return false;
    }
    const id = ids.ofItem(item);
    if (id != null && seen.has(id)) {
      warnings.push(`${label} repeats the ${ids.label} ${id}; the first was kept`);
      return false;
    }
    slots.add(itemSlot(item));
    if (id != null) seen.add(id);
    return true;
  });
}
