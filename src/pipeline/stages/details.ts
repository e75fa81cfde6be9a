import {
  completeMeta,
  type OutsideId,
  outsideIds,
  resolutionFlags,
  SHOW_DETAIL_RULES,
  showDetailValues,
} from '../../catalogue/shows/merge.ts';
import type { Row } from '../../platform/db/statement.ts';
import { together } from '../../platform/db/together.ts';
import type { ShowFacts } from '../../platform/facts.ts';
import type { Plan, TableChange } from '../plan.ts';
import type { PlanContext, Stage } from '../stage.ts';
import { fetchBundle } from './blocks.ts';
import { idConflict } from './conflict.ts';
import { loadOverrides, type OverridesByRow } from './overrides.ts';
import { ALTERNATIVE_NAMES, EXTERNAL_IDS, EXTERNAL_IDS_ELSEWHERE, SHOW_DETAILS, SHOW_HOLDER } from './queries.ts';
import { planRow, type TableRules, tableChanges } from './rows.ts';
import { needsTmdbId } from './season-facts.ts';
import { ownedBy, planSet } from './sets.ts';

const SHOWS_TABLE: TableRules = {
  table: 'core.shows',
  rules: SHOW_DETAIL_RULES,
  fetchedAt: 'tmdb_fetched_at',
  retires: false,
};

export interface DetailsFacts {
  readonly tmdbId: number;
  readonly show: ShowFacts;
  /** Every block the answer lacked, also those other stages read. */
  readonly missing: readonly string[];
}

export interface StoredDetails {
  readonly show: Row<typeof SHOW_DETAILS> | undefined;
  readonly externalIds: readonly Row<typeof EXTERNAL_IDS>[];
  readonly alternativeNames: readonly Row<typeof ALTERNATIVE_NAMES>[];
  readonly overrides: OverridesByRow;
  /** Another show with the IMDb id TMDb gives this one. */
  readonly holder: { readonly id: string; readonly name: string } | undefined;
  readonly idsElsewhere: readonly Row<typeof EXTERNAL_IDS_ELSEWHERE>[];
}

/**
 * A show's own facts from TMDb's details: `tmdb_*` columns and the payload mirror it, curated columns and ids are filled
 * where blank, arrays are united per source (`spec/sources-tmdb.md` 5, 6.2; `spec/pipeline.md` 6.4). Totals and the latest episode
 * belong to the `totals` stage alone.
 */
export const detailsStage: Stage<DetailsFacts, StoredDetails> = {
  name: 'details',
  needs: [],
  applies: needsTmdbId,
  fetch: (show, sources) =>
    fetchBundle(
      show,
      sources,
      ['alternative_titles', 'content_ratings', 'external_ids', 'keywords'],
      (bundle, missing) => ({
        tmdbId: show.tmdbId ?? 0,
        show: bundle.show,
        missing,
      }),
    ),
  async load(tx, show, facts) {
    const ids = outsideIds(facts.tmdbId, facts.show.externalIds);
    return together({
      show: tx.one(SHOW_DETAILS, [show.id]),
      externalIds: tx.query(EXTERNAL_IDS, [show.id]),
      alternativeNames: tx.query(ALTERNATIVE_NAMES, [show.id, 'tmdb']),
      overrides: loadOverrides(tx, 'shows', [show.id]),
      holder: tx.one(SHOW_HOLDER, [show.id, facts.show.externalIds?.imdb ?? null, null]),
      idsElsewhere: tx.query(EXTERNAL_IDS_ELSEWHERE, [show.id, ids.map((id) => id.scheme), ids.map((id) => id.value)]),
    });
  },
  plan(facts, stored, identity, context): Plan {
    const row = stored.show;
    if (row === undefined) return { changes: [], partial: [], warnings: ['the show was deleted meanwhile'] };
    const warnings: string[] = [];
    const imdb = facts.show.externalIds?.imdb ?? null;
    if (imdb !== null && stored.holder !== undefined) return idConflict(`IMDb id ${imdb}`, identity, stored.holder);
    if (imdb !== null && row.imdb_id !== null && row.imdb_id !== imdb) {
      warnings.push(`TMDb gives the IMDb id ${imdb}, stored is ${row.imdb_id}; the stored one was kept`);
    }
    const meta = facts.show.raw === undefined ? undefined : completeMeta(facts.show.raw, row.tmdb_meta, facts.missing);
    const planned = planRow(
      SHOWS_TABLE,
      {
        stored: row,
        fixed: { id: row.id },
        incoming: showDetailValues(facts.show, meta),
        overrides: stored.overrides.get(row.id),
        derived: (merged) => resolutionFlags({ imdbId: merged['imdb_id'] as string | null, tmdbId: row.tmdb_id }),
      },
      context,
    );
    const changes = tableChanges('core.shows', ['id'], [], [planned]);
    const ids = outsideIds(facts.tmdbId, facts.show.externalIds)
      .filter((id) => id.scheme !== 'imdb' || id.value === planned.values['imdb_id'])
      .filter((id) => !heldElsewhere(id, stored, warnings));
    changes.push(...externalIdChanges(ids, facts, stored, identity.id, context));
    changes.push(...alternativeNameChanges(facts, stored, identity.id, context));
    return { changes, partial: [], warnings };
  },
};

function heldElsewhere(id: OutsideId, stored: StoredDetails, warnings: string[]): boolean {
  const holder = stored.idsElsewhere.find((other) => other.scheme === id.scheme && other.value === id.value);
  if (holder !== undefined)
    warnings.push(`${id.scheme} id ${id.value} is held by "${holder.name}" (${holder.id}); not stored`);
  return holder !== undefined;
}

function externalIdChanges(
  ids: readonly OutsideId[],
  facts: DetailsFacts,
  stored: StoredDetails,
  showId: string,
  context: PlanContext,
): TableChange[] {
  return planSet({
    table: 'core.external_ids',
    identity: ['scheme', 'value'],
    marker: 'value',
    fixed: { show_id: showId },
    wanted: ids.map(({ scheme, value }) => ({ scheme, value })),
    stored: stored.externalIds,
    // Without the block nothing is known to be gone; the TMDb id itself is not part of the block.
    gone: (row) =>
      facts.show.externalIds !== undefined && row['scheme'] !== 'tmdb' && ownedBy(row, 'value', context.source.name),
    context,
  });
}

function alternativeNameChanges(
  facts: DetailsFacts,
  stored: StoredDetails,
  showId: string,
  context: PlanContext,
): TableChange[] {
  if (facts.show.alternativeNames === undefined) return [];
  return planSet({
    table: 'core.alternative_names',
    identity: ['name', 'country', 'type'],
    marker: 'name',
    fixed: { show_id: showId, source: 'tmdb' },
    wanted: facts.show.alternativeNames
      .filter(({ name }) => name.trim() !== '')
      .map(({ name, country, type }) => ({ name, country, type })),
    stored: stored.alternativeNames,
    gone: () => true,
    context,
  });
}
