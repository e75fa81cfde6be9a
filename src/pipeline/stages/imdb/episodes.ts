import {
  EPISODE_IMDB_LICENCES,
  EPISODE_IMDB_RULES,
  episodeImdbValues,
  isOnlyImdbEpisode,
  placeImdbEpisodes,
} from '../../../catalogue/episodes/imdb.ts';
import { IMDB_IDS } from '../../../catalogue/episodes/match.ts';
import type { Row } from '../../../platform/db/statement.ts';
import { together } from '../../../platform/db/together.ts';
import type { EpisodeFacts } from '../../../platform/facts.ts';
import type { Plan } from '../../plan.ts';
import type { PlanContext, Stage } from '../../stage.ts';
import { fetchedFrom } from '../blocks.ts';
import { idConflict } from '../conflict.ts';
import { type EpisodeVoice, planEpisodes, type StoredEpisode } from '../episode-plan.ts';
import { type OverridesByRow, overridesIn } from '../overrides.ts';
import { EPISODES } from '../queries.ts';
import { insertColumns, type PlannedRow, planRow, type TableRules, tableChanges } from '../rows.ts';
import { ownedBy } from '../sets.ts';
import { IMDB_EPISODE_ELSEWHERE, SEASON_STUBS } from './queries.ts';
import { type ImdbVoice, imdbIdOf, needsImdbId, type VoiceEpisodes } from './voices.ts';

const EPISODES_TABLE: TableRules = {
  table: 'core.episodes',
  rules: EPISODE_IMDB_RULES,
  fetchedAt: 'fetched_at',
  retires: true,
};
/** A season IMDb lists; everything else about it is TMDb's to say. */
const SEASONS_TABLE: TableRules = {
  table: 'core.seasons',
  rules: { imdb_series_id: 'fill' },
  fetchedAt: 'fetched_at',
  retires: true,
};
/** Daily formats have hundreds of seasons; more than this is nonsense (decision 6). */
const MAX_SEASON = 1000;

interface Stored {
  readonly rows: readonly StoredEpisode[];
  readonly seasons: readonly Row<typeof SEASON_STUBS>[];
  readonly overrides: OverridesByRow;
  readonly elsewhere: Row<typeof IMDB_EPISODE_ELSEWHERE> | undefined;
}

/**
 * IMDb's ids, ratings and stills of episodes, matched to TMDb's rows; episodes that only IMDb knows become rows of their own, with a stub of
 * their season (`spec/pipeline.md` 6.7).
 */
export function imdbEpisodes(voice: ImdbVoice): Stage<VoiceEpisodes, Stored> {
  return {
    name: 'episodes',
    source: voice.source,
    needs: [],
    applies: needsImdbId,
    fetch: async (show, sources) => fetchedFrom(await voice.episodes(imdbIdOf(show), sources)),
    async load(tx, show, facts) {
      const ids = facts.episodes.flatMap((episode) => episode.imdbEpisodeId ?? []);
      const stored = await together({
        rows: tx.query(EPISODES, [show.id]),
        seasons: tx.query(SEASON_STUBS, [show.id]),
        elsewhere: tx.one(IMDB_EPISODE_ELSEWHERE, [show.id, ids]),
      });
      return { ...stored, overrides: overridesIn(stored.rows) };
    },
    plan(facts, stored, show, context): Plan {
      const { elsewhere } = stored;
      if (elsewhere !== undefined) return idConflict(`IMDb episode ${elsewhere.imdb_episode_id}`, show, elsewhere);
      const possible = facts.episodes.filter(({ seasonNumber }) => seasonNumber >= 0 && seasonNumber <= MAX_SEASON);
      const { items, warnings } = placeImdbEpisodes(possible, stored.rows);
      const seasons = seasonRows(items, stored, imdbIdOf(show), show.id, context);
      const input = {
        showId: show.id,
        items,
        rows: stored.rows,
        seasonIds: new Map(seasons.map(({ values }) => [Number(values['season_number']), String(values['id'])])),
        overrides: stored.overrides,
        // An episode that has no place here was answered all the same; whose rows are missing cannot be told then.
        complete: facts.complete && warnings.length === 0,
        partial: [],
      };
      const plan = planEpisodes(input, episodeVoice(voice), context);
      if (facts.unplaced.length > 0)
        warnings.push(`episodes that IMDb gives no place in a season: ${facts.unplaced.length}`);
      const stubs = tableChanges(
        'core.seasons',
        ['id'],
        insertColumns(SEASONS_TABLE, ['id', 'show_id', 'season_number', 'language']),
        seasons,
      );
      return { ...plan, changes: [...stubs, ...plan.changes], warnings: [...warnings, ...plan.warnings] };
    },
  };
}

function episodeVoice(voice: ImdbVoice): EpisodeVoice {
  return {
    rules: EPISODES_TABLE,
    ids: IMDB_IDS,
    values: episodeImdbValues,
    licences: EPISODE_IMDB_LICENCES,
    // Of two voices only the one that brought an episode can tell that it is gone.
    vouchesAlone: (row) => isOnlyImdbEpisode(row) && ownedBy(row, 'imdb_episode_id', voice.source.name),
  };
}

/** The stored seasons, and stubs of those that IMDb's episodes need. */
function seasonRows(
  items: readonly EpisodeFacts[],
  stored: Stored,
  imdbId: string,
  showId: string,
  context: PlanContext,
): PlannedRow[] {
  const byNumber = new Map(stored.seasons.map((row) => [row.season_number, row]));
  const listed = new Set(items.map((item) => item.seasonNumber));
  const licences = { imdb_series_id: 'identifiers' };
  const known = stored.seasons.map((row) => {
    if (!listed.has(row.season_number)) return { stored: row, values: row, changed: [] };
    const fixed = { id: row.id, show_id: showId, season_number: row.season_number, language: row.language };
    return planRow(SEASONS_TABLE, { stored: row, fixed, incoming: { imdb_series_id: imdbId }, licences }, context);
  });
  const fresh = [...listed]
    .filter((number) => !byNumber.has(number))
    .sort((a, b) => a - b)
    .map((number) => {
      const fixed = { id: context.newId(), show_id: showId, season_number: number, language: 'en-US' };
      return planRow(SEASONS_TABLE, { stored: null, fixed, incoming: { imdb_series_id: imdbId }, licences }, context);
    });
  return [...known, ...fresh];
}
