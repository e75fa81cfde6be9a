import type { EntityFacts } from '../../platform/facts.ts';
import type { RowRules, RowValues } from '../provenance/merge-row.ts';

/** Networks and production companies mirror TMDb, nulls included (`spec/pipeline.md` 8.7, 9). */
export const ENTITY_RULES: RowRules = {
  name: 'mirror',
  origin_country: 'mirror',
  tmdb_logo_path: 'mirror',
  tmdb_meta: 'mirror',
};

export function entityValues(facts: EntityFacts): RowValues {
  return {
    name: facts.name.trim(),
    origin_country: facts.originCountry,
    tmdb_logo_path: facts.logoPath,
    tmdb_meta: facts.raw ?? undefined,
  };
}

/** One row per id in id order; the first named one wins, nameless ones fall away. */
export function distinctEntities(entities: readonly EntityFacts[]): EntityFacts[] {
  const byId = new Map<number, EntityFacts>();
  for (const entity of entities) if (entity.name.trim() !== '' && !byId.has(entity.id)) byId.set(entity.id, entity);
  return [...byId.values()].sort((a, b) => a.id - b.id);
}
