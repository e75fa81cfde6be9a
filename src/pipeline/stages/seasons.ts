import { isOnlyTmdbSeason, SEASON_RULES, seasonStub, seasonValues } from '../../catalogue/seasons/merge.ts';
import type { Row } from '../../platform/db/statement.ts';
import type { Plan } from '../plan.ts';
import type { Stage } from '../stage.ts';
import { idConflict } from './conflict.ts';
import { type OverridesByRow, overridesIn } from './overrides.ts';
import { SEASONS, SEASONS_ELSEWHERE } from './queries.ts';
import { insertColumns, planMissing, planRow, type TableRules, tableChanges } from './rows.ts';
import { fetchSeasonSet, needsTmdbId, type SeasonSetFacts } from './season-facts.ts';

const SEASONS_TABLE: TableRules = {
  table: 'core.seasons',
  rules: SEASON_RULES,
  fetchedAt: 'fetched_at',
  retires: true,
};

export interface StoredSeasons {
  readonly rows: readonly Row<typeof SEASONS>[];
  readonly overrides: OverridesByRow;
  /** Another show with seasons of the same TMDb series. */
  readonly elsewhere: { readonly id: string; readonly name: string } | undefined;
}

/**
 * Season rows from TMDb: details of every answered season, stubs for those only listed, so that episodes can hang on them.
 * A season TMDb stops listing is counted and retired, never deleted (`spec/pipeline.md` 6.8, 14.2 L8).
 */
export const seasonsStage: Stage<SeasonSetFacts, StoredSeasons> = {
  name: 'seasons',
  needs: ['details'],
  applies: needsTmdbId,
  fetch: (show, sources) => fetchSeasonSet('seasons', show, sources, ['external_ids'], true),
  async load(tx, show, facts) {
    const [rows, elsewhere] = await Promise.all([
      tx.query(SEASONS, [show.id]),
      tx.one(SEASONS_ELSEWHERE, [show.id, facts.tmdbId]),
    ]);
    return { rows, overrides: overridesIn(rows), elsewhere };
  },
  plan(facts, stored, show, context): Plan {
    const { elsewhere } = stored;
    if (elsewhere !== undefined) return idConflict(`TMDb series ${facts.tmdbId}`, show, elsewhere);
    const byNumber = new Map(stored.rows.map((row) => [row.season_number, row]));
    const known = [...(facts.stubs ?? []), ...facts.seasons];
    const answered = new Map(known.map((season) => [season.seasonNumber, season]));
    const listed = [...new Set(facts.listed)].sort((a, b) => a - b);
    const planned = listed.map((seasonNumber) => {
      const row = byNumber.get(seasonNumber) ?? null;
      const season = answered.get(seasonNumber);
      const fixed = { id: row?.id ?? context.newId(), show_id: show.id, season_number: seasonNumber };
      const incoming = season === undefined ? seasonStub(facts.tmdbId) : seasonValues(season, facts.tmdbId);
      const overrides = row === null ? [] : stored.overrides.get(row.id);
      return planRow(SEASONS_TABLE, { stored: row, fixed, incoming, overrides }, context);
    });
    const gone = facts.complete
      ? stored.rows.filter((row) => !listed.includes(row.season_number) && isOnlyTmdbSeason(row))
      : [];
    const rows = [...planned, ...gone.map((row) => planMissing(row, context))];
    const identity = ['id', 'show_id', 'season_number'];
    return {
      changes: tableChanges('core.seasons', ['id'], insertColumns(SEASONS_TABLE, identity), rows),
      partial: [],
      warnings: [],
    };
  },
};
