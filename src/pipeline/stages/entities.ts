import { distinctEntities, ENTITY_RULES, entityValues } from '../../catalogue/shows/entities.ts';
import type { Row } from '../../platform/db/statement.ts';
import { together } from '../../platform/db/together.ts';
import type { EntityFacts } from '../../platform/facts.ts';
import type { Plan, TableChange } from '../plan.ts';
import type { PlanContext, Stage } from '../stage.ts';
import { fetchBundle } from './blocks.ts';
import { COMPANIES, NETWORKS } from './organisation-queries.ts';
import { loadOverrides, type OverridesByRow } from './overrides.ts';
import { LOCK_SHARED } from './queries.ts';
import { insertColumns, planRow, type TableRules, tableChanges } from './rows.ts';
import { needsTmdbId } from './season-facts.ts';

/** Absent lists were not part of the answer. */
export interface EntitiesFacts {
  readonly networks: readonly EntityFacts[] | undefined;
  readonly companies: readonly EntityFacts[] | undefined;
}

interface StoredEntities {
  readonly rows: readonly Row<typeof NETWORKS>[];
  readonly overrides: OverridesByRow;
}

export interface StoredDimensions {
  readonly networks: StoredEntities;
  readonly companies: StoredEntities;
}

/** Rows of the networks and production companies a show names; shared by all shows, never deleted (`spec/pipeline.md` 8.7). */
export const entitiesStage: Stage<EntitiesFacts, StoredDimensions> = {
  name: 'entities',
  needs: ['details'],
  applies: needsTmdbId,
  fetch: (show, sources) =>
    fetchBundle(show, sources, [], ({ show: { networks, companies } }) => ({ networks, companies })),
  async load(tx, _show, facts) {
    const [networks, companies] = [idsOf(facts.networks), idsOf(facts.companies)];
    const [, stored] = await Promise.all([
      tx.query(LOCK_SHARED, ['core.networks']),
      together({
        networks: together({
          rows: tx.query(NETWORKS, [networks]),
          overrides: loadOverrides(tx, 'networks', networks),
        }),
        companies: together({
          rows: tx.query(COMPANIES, [companies]),
          overrides: loadOverrides(tx, 'production_companies', companies),
        }),
      }),
    ]);
    return stored;
  },
  plan(facts, stored, _show, context): Plan {
    const changes = [
      ...entityChanges('core.networks', facts.networks, stored.networks, context),
      ...entityChanges('core.production_companies', facts.companies, stored.companies, context),
    ];
    return { changes, partial: [], warnings: [] };
  },
};

function idsOf(entities: readonly EntityFacts[] | undefined): number[] {
  return distinctEntities(entities ?? []).map((entity) => entity.id);
}

function entityChanges(
  table: string,
  entities: readonly EntityFacts[] | undefined,
  stored: StoredEntities,
  context: PlanContext,
): TableChange[] {
  const rules: TableRules = { table, rules: ENTITY_RULES, fetchedAt: 'tmdb_fetched_at', retires: false };
  const byId = new Map(stored.rows.map((row) => [row.id, row]));
  const rows = distinctEntities(entities ?? []).map((entity) =>
    planRow(
      rules,
      {
        stored: byId.get(entity.id) ?? null,
        fixed: { id: entity.id },
        incoming: entityValues(entity),
        overrides: stored.overrides.get(String(entity.id)),
      },
      context,
    ),
  );
  return tableChanges(table, ['id'], insertColumns(rules, ['id']), rows);
}
