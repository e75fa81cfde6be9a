import { CAST_RULES, castValues, categoryKey, mergeCredits, type PersonCredit } from '../../catalogue/cast/merge.ts';
import { findPerson } from '../../catalogue/people/merge.ts';
import type { Row } from '../../platform/db/statement.ts';
import type { Plan } from '../plan.ts';
import type { Stage } from '../stage.ts';
import { loadOverrides, type OverridesByRow } from './overrides.ts';
import { type CreditsFacts, fetchCredits, loadPeople } from './people.ts';
import { CAST, type PEOPLE } from './queries.ts';
import { insertColumns, planMissing, planRow, type TableRules, tableChanges } from './rows.ts';
import { needsTmdbId } from './season-facts.ts';
import { ownedBy } from './sets.ts';

const CAST_TABLE: TableRules = { table: 'core.show_cast', rules: CAST_RULES, fetchedAt: null, retires: true };

export interface StoredCast {
  readonly people: readonly Row<typeof PEOPLE>[];
  readonly rows: readonly Row<typeof CAST>[];
  readonly overrides: OverridesByRow;
}

/**
 * Who is in a show: one row per person and credit category. A credit that TMDb alone stated and no longer states is retired
 * after two complete fetches; IMDb's and the predecessor's rows stay (`spec/pipeline.md` 8.4, 14.2 L8).
 */
export const castStage: Stage<CreditsFacts, StoredCast> = {
  name: 'cast',
  needs: ['people'],
  applies: needsTmdbId,
  fetch: fetchCredits,
  async load(tx, show, facts) {
    const people = await loadPeople(tx, facts);
    const rows = await tx.query(CAST, [show.id]);
    return {
      people,
      rows,
      overrides: await loadOverrides(
        tx,
        'show_cast',
        rows.map((row) => row.id),
      ),
    };
  },
  plan(facts, stored, show, context): Plan {
    if (facts.credits === undefined) return { changes: [], partial: [], warnings: [] };
    const known: PersonCredit[] = [];
    let unknown = 0;
    for (const credit of facts.credits) {
      const person = findPerson(credit.person, stored.people);
      if (person === undefined) unknown += 1;
      else known.push({ personId: person.id, credit });
    }
    const { credits, warnings } = mergeCredits(known);
    const keyOf = (personId: string, category: string): string => JSON.stringify([personId, categoryKey(category)]);
    const byKey = new Map(stored.rows.toReversed().map((row) => [keyOf(row.person_id, row.credit_category), row]));
    const rows = credits.map(({ personId, credit }) => {
      const row = byKey.get(keyOf(personId, credit.category)) ?? null;
      const fixed = { id: row?.id ?? context.newId(), show_id: show.id, person_id: personId };
      const overrides = row === null ? [] : stored.overrides.get(row.id);
      return planRow(CAST_TABLE, { stored: row, fixed, incoming: castValues(credit), overrides }, context);
    });
    const partial =
      unknown === 0 ? [] : [`people: ${unknown} of ${facts.credits.length} credits have no stored person`];
    const listed = new Set(credits.map(({ personId, credit }) => keyOf(personId, credit.category)));
    const gone = stored.rows.filter(
      (row) =>
        !listed.has(keyOf(row.person_id, row.credit_category)) && ownedBy(row, 'credit_category', context.source.name),
    );
    const missing = partial.length > 0 ? [] : gone.map((row) => planMissing(row, context));
    const identity = ['id', 'show_id', 'person_id'];
    const changes = tableChanges('core.show_cast', ['id'], insertColumns(CAST_TABLE, identity), [...rows, ...missing]);
    return { changes, partial, warnings };
  },
};
