import { TMDB_IDS } from '../../catalogue/episodes/match.ts';
import { EPISODE_RULES, episodeValues, isOnlyTmdbEpisode } from '../../catalogue/episodes/merge.ts';
import type { EpisodeFacts } from '../../platform/facts.ts';
import type { Plan } from '../plan.ts';
import type { Stage } from '../stage.ts';
import { idConflict } from './conflict.ts';
import { planEpisodes, type StoredEpisode } from './episode-plan.ts';
import { type OverridesByRow, overridesIn } from './overrides.ts';
import { EPISODES, EPISODES_CONTEXT } from './queries.ts';
import type { TableRules } from './rows.ts';
import { fetchSeasonSet, needsTmdbId, type SeasonSetFacts } from './season-facts.ts';

const EPISODES_TABLE: TableRules = {
  table: 'core.episodes',
  rules: EPISODE_RULES,
  fetchedAt: 'fetched_at',
  retires: true,
};
export interface StoredEpisodes {
  readonly rows: readonly StoredEpisode[];
  /** Season ids by number. */
  readonly seasonIds: ReadonlyMap<number, string>;
  readonly overrides: OverridesByRow;
  readonly elsewhere:
    | { readonly id: string; readonly name: string; readonly tmdb_episode_id: number | null }
    | undefined;
}

/**
 * Episode rows from TMDb. IMDb's and the predecessor's title, overview and date win; a renumbered episode keeps its row; an episode
 * TMDb no longer lists is retired after two complete fetches (`spec/pipeline.md` 6.8, 9, 14.2).
 */
export const episodesStage: Stage<SeasonSetFacts, StoredEpisodes> = {
  name: 'episodes',
  needs: ['seasons'],
  applies: needsTmdbId,
  fetch: (show, sources) => fetchSeasonSet('episodes', show, sources, ['episodes']),
  async load(tx, show, facts) {
    const ids = itemsOf(facts)
      .map((item) => item.tmdbEpisodeId)
      .filter((id) => id != null);
    const [rows, around] = await Promise.all([tx.query(EPISODES, [show.id]), tx.one(EPISODES_CONTEXT, [show.id, ids])]);
    const seasonIds = Object.entries((around?.season_ids ?? {}) as Record<string, string>);
    return {
      rows,
      seasonIds: new Map(seasonIds.map(([number, id]) => [Number(number), id])),
      overrides: overridesIn(rows),
      elsewhere: (around?.elsewhere ?? undefined) as StoredEpisodes['elsewhere'],
    };
  },
  plan(facts, stored, show, context): Plan {
    const { elsewhere } = stored;
    if (elsewhere !== undefined) return idConflict(`TMDb episode ${elsewhere.tmdb_episode_id}`, show, elsewhere);
    const partial = facts.seasons
      .filter((season) => season.episodes === undefined)
      .map((season) => `season ${season.seasonNumber}: episodes`);
    const homeless = new Set(
      itemsOf(facts)
        .map((item) => item.seasonNumber)
        .filter((number) => !stored.seasonIds.has(number)),
    );
    for (const number of homeless) partial.push(`seasons: season ${number} is not stored`);
    return planEpisodes(
      {
        showId: show.id,
        items: itemsOf(facts).filter((item) => !homeless.has(item.seasonNumber)),
        ...stored,
        complete: facts.complete && partial.length === 0,
        partial,
      },
      {
        rules: EPISODES_TABLE,
        ids: TMDB_IDS,
        values: (item) => episodeValues(item, facts.tmdbId),
        vouchesAlone: isOnlyTmdbEpisode,
      },
      context,
    );
  },
};

function itemsOf(facts: SeasonSetFacts): EpisodeFacts[] {
  return facts.seasons.flatMap((season) => season.episodes ?? []);
}
