import type { RowRules } from '../../catalogue/provenance/merge-row.ts';
import { asProvenance, type FieldOverride } from '../../catalogue/provenance/types.ts';
import { latestEpisode, latestEpisodeValues, totalsOf } from '../../catalogue/shows/totals.ts';
import type { Row } from '../../platform/db/statement.ts';
import { together } from '../../platform/db/together.ts';
import type { Plan } from '../plan.ts';
import type { Stage } from '../stage.ts';
import { loadOverrides, type OverridesByRow } from './overrides.ts';
import { COUNTED_EPISODES, COUNTED_SEASONS, SHOW_TOTALS } from './queries.ts';
import { planRow, type TableRules, tableChanges } from './rows.ts';

/** Counted here from our own rows. What repeats an episode's text carries that episode's provenance; counts carry none. */
const COLUMNS = [
  'show_total_seasons',
  'show_total_episodes',
  'most_recent_episode',
  'most_recent_episode_season',
  'most_recent_episode_number',
  'most_recent_episode_title',
  'most_recent_episode_air_date',
  'most_recent_episode_imdb_id',
] as const;
const SHOWS: TableRules = { table: 'core.shows', rules: {} satisfies RowRules, fetchedAt: null, retires: false };

export interface StoredTotals {
  readonly show: Row<typeof SHOW_TOTALS> | undefined;
  readonly seasons: readonly Row<typeof COUNTED_SEASONS>[];
  readonly episodes: readonly Row<typeof COUNTED_EPISODES>[];
  readonly overrides: OverridesByRow;
}

/** Counts a show's seasons and episodes and picks its latest episode, from stored rows alone; the only writer of these columns. */
export const totalsStage: Stage<null, StoredTotals> = {
  name: 'totals',
  // Nothing to count anew when these failed; where they do not apply, what is stored still counts.
  needs: ['seasons', 'episodes'],
  applies: () => true,
  async fetch(_show, sources) {
    return { kind: 'facts', facts: null, at: sources.now(), via: 'live', missing: [] };
  },
  async load(tx, show) {
    return together({
      show: tx.one(SHOW_TOTALS, [show.id]),
      seasons: tx.query(COUNTED_SEASONS, [show.id]),
      episodes: tx.query(COUNTED_EPISODES, [show.id]),
      overrides: loadOverrides(tx, 'shows', [show.id]),
    });
  },
  plan(_facts, stored, show, context): Plan {
    if (stored.show === undefined) return { changes: [], partial: [], warnings: ['the show was deleted meanwhile'] };
    const latest = latestEpisode(stored.episodes, context.today);
    const counted = { ...totalsOf(stored.seasons, stored.episodes), ...latestEpisodeValues(latest, stored.show) };
    const overrides = new Map((stored.overrides.get(show.id) ?? []).map((override) => [override.field, override]));
    const fixed = Object.fromEntries(
      COLUMNS.filter((column) => Object.hasOwn(counted, column) || overrides.has(column)).map((column) => [
        column,
        overrides.has(column) ? overrides.get(column)?.value : counted[column],
      ]),
    );
    const provenance = originsOf(stored.show.provenance, latest, overrides);
    const columns = { id: show.id, ...fixed, provenance };
    const row = planRow(SHOWS, { stored: stored.show, fixed: columns, incoming: {} }, context);
    return { changes: tableChanges('core.shows', ['id'], [], [row]), partial: [], warnings: [] };
  },
};

/** The show's provenance with that of the latest episode's texts: a title that may not be published must not show up in a copy. */
function originsOf(
  stored: unknown,
  latest: StoredTotals['episodes'][number] | undefined,
  overrides: ReadonlyMap<string, FieldOverride>,
): Record<string, unknown> {
  const provenance: Record<string, unknown> = { ...asProvenance(stored) };
  const { title_origin: title, air_date_origin: airDate } = latest ?? {};
  const copied = {
    most_recent_episode: title ?? airDate,
    most_recent_episode_title: title,
    most_recent_episode_air_date: airDate,
  };
  for (const [column, origin] of Object.entries(copied)) {
    const override = overrides.get(column);
    if (override !== undefined) {
      provenance[column] = { source: 'own', at: override.at, licence: 'own', via: 'override' };
    } else if (latest !== undefined) {
      if (origin == null) delete provenance[column];
      else provenance[column] = origin;
    }
  }
  return provenance;
}
