import { CAST_RULES, castValues, categoryKey, mergeCredits, type PersonCredit } from '../../catalogue/cast/merge.ts';
import { findPerson } from '../../catalogue/people/merge.ts';
import { withoutStatement } from '../../catalogue/provenance/merge-field.ts';
import { asProvenance } from '../../catalogue/provenance/types.ts';
import type { Row } from '../../platform/db/statement.ts';
import type { Scope } from '../../platform/db/types.ts';
import type { CreditFacts } from '../../platform/facts.ts';
import type { Plan } from '../plan.ts';
import type { PlanContext, ShowIdentity, Stage } from '../stage.ts';
import { NAMESAKES, namesakeQuestions } from './namesakes.ts';
import { loadOverrides, type OverridesByRow } from './overrides.ts';
import { type CreditsFacts, fetchCredits, loadPeople } from './people.ts';
import { CAST, type PEOPLE } from './queries.ts';
import { insertColumns, type PlannedRow, planMissing, planRow, type TableRules, tableChanges } from './rows.ts';
import { needsTmdbId } from './season-facts.ts';
import { statedBy } from './sets.ts';

const CAST_TABLE: TableRules = { table: 'core.show_cast', rules: CAST_RULES, fetchedAt: null, retires: true };

export interface StoredCast {
  readonly people: readonly Row<typeof PEOPLE>[];
  readonly rows: readonly Row<typeof CAST>[];
  readonly overrides: OverridesByRow;
  readonly namesakes: readonly Row<typeof NAMESAKES>[];
}

/** Stored people behind some credits and the show's stored cast. */
export async function loadCast(
  tx: Scope,
  show: ShowIdentity,
  credits: readonly CreditFacts[] | undefined,
): Promise<StoredCast> {
  const [people, rows] = await Promise.all([loadPeople(tx, credits), tx.query(CAST, [show.id])]);
  const ids = rows.map((row) => row.id);
  const [overrides, namesakes] = await Promise.all([
    loadOverrides(tx, 'show_cast', ids),
    tx.query(NAMESAKES, [show.id, people.map((person) => person.id)]),
  ]);
  return { people, rows, overrides, namesakes };
}

/**
 * Who is in a show: one row per person and credit category, whoever states it. A credit that nobody states any longer is retired
 * after two complete fetches; the predecessor's rows stay (`spec/pipeline.md` 8.4, 14.2 L8).
 */
export const castStage: Stage<CreditsFacts, StoredCast> = {
  name: 'cast',
  needs: ['people'],
  applies: needsTmdbId,
  fetch: fetchCredits,
  load: (tx, show, facts) => loadCast(tx, show, facts.credits),
  plan(facts, stored, show, context): Plan {
    if (facts.credits === undefined) return { changes: [], partial: [], warnings: [] };
    return planCast(facts.credits, true, stored, show, context);
  },
};

/** @param complete the source named everybody: only then does somebody's absence mean anything */
export function planCast(
  credits: readonly CreditFacts[],
  complete: boolean,
  stored: StoredCast,
  show: ShowIdentity,
  context: PlanContext,
): Plan {
  const known: PersonCredit[] = [];
  let unknown = 0;
  for (const credit of credits) {
    const person = findPerson(credit.person, stored.people);
    if (person === undefined) unknown += 1;
    else known.push({ personId: person.id, credit });
  }
  const merged = mergeCredits(known);
  const keyOf = (personId: string, category: string): string => JSON.stringify([personId, categoryKey(category)]);
  const byKey = new Map(stored.rows.toReversed().map((row) => [keyOf(row.person_id, row.credit_category), row]));
  const rows = merged.credits.map(({ personId, credit }) => {
    const row = byKey.get(keyOf(personId, credit.category)) ?? null;
    const fixed = { id: row?.id ?? context.newId(), show_id: show.id, person_id: personId };
    const overrides = row === null ? [] : stored.overrides.get(row.id);
    return planRow(CAST_TABLE, { stored: row, fixed, incoming: castValues(credit), overrides }, context);
  });
  const partial = unknown === 0 ? [] : [`people: ${unknown} of ${credits.length} credits have no stored person`];
  const listed = new Set(merged.credits.map(({ personId, credit }) => keyOf(personId, credit.category)));
  const gone =
    complete && unknown === 0
      ? stored.rows
          .filter((row) => !listed.has(keyOf(row.person_id, row.credit_category)))
          .flatMap((row) => unstated(row, context))
      : [];
  const identity = ['id', 'show_id', 'person_id'];
  const changes = tableChanges('core.show_cast', ['id'], insertColumns(CAST_TABLE, identity), [...rows, ...gone]);
  const reviews = namesakeQuestions(show.id, stored.namesakes);
  return { changes, partial, warnings: merged.warnings, ...(reviews.length === 0 ? {} : { reviews }) };
}

/** A stored row the source no longer names: it is missing when the source alone stated it, else it stays the others'. */
function unstated(row: Row<typeof CAST>, context: PlanContext): PlannedRow[] {
  const source = context.source.name;
  if (!statedBy(row, 'credit_category', source)) return [];
  const provenance = asProvenance(row.provenance);
  const state = { value: row.credit_category, entry: provenance['credit_category'] };
  const rest = withoutStatement(state, source, context.published);
  if (rest === undefined) return [planMissing(row, context)];
  const values = { ...row, provenance: { ...provenance, credit_category: rest.entry } };
  return [{ stored: row, values, changed: ['provenance'] }];
}
