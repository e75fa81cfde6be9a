import { isOnScreen } from '../../catalogue/cast/merge.ts';
import { matchPeople, PERSON_RULES, personIds, personValues } from '../../catalogue/people/merge.ts';
import type { Row } from '../../platform/db/statement.ts';
import type { Scope } from '../../platform/db/types.ts';
import type { CreditFacts } from '../../platform/facts.ts';
import type { Plan } from '../plan.ts';
import type { ShowSources } from '../show-sources.ts';
import type { ShowIdentity, Stage, StageFetch } from '../stage.ts';
import { fetchBundle } from './blocks.ts';
import { loadOverrides, type OverridesByRow } from './overrides.ts';
import { LOCK_SHARED, PEOPLE } from './queries.ts';
import { insertColumns, planRow, type TableRules, tableChanges } from './rows.ts';
import { needsTmdbId } from './season-facts.ts';

const PEOPLE_TABLE: TableRules = { table: 'core.people', rules: PERSON_RULES, fetchedAt: null, retires: false };

/** Absent when the answer had no credits block. */
export interface CreditsFacts {
  readonly credits: readonly CreditFacts[] | undefined;
}

export interface StoredPeople {
  readonly rows: readonly Row<typeof PEOPLE>[];
  readonly overrides: OverridesByRow;
}

/** On-screen credits of the show's one details answer; shared by `people` and `cast`. */
export function fetchCredits(show: ShowIdentity, sources: ShowSources): Promise<StageFetch<CreditsFacts>> {
  return fetchBundle(show, sources, ['aggregate_credits'], ({ credits }) => ({ credits: credits?.filter(isOnScreen) }));
}

/** Stored people behind some credits, found by id. */
export function loadPeople(tx: Scope, facts: CreditsFacts): Promise<Row<typeof PEOPLE>[]> {
  const people = (facts.credits ?? []).map((credit) => credit.person);
  const tmdb = people.flatMap((person) => (person.tmdbId === undefined ? [] : [String(person.tmdbId)]));
  const imdb = people.flatMap((person) => (person.imdbId === undefined ? [] : [person.imdbId]));
  return tx.query(PEOPLE, [[...new Set(tmdb)], [...new Set(imdb)]]);
}

/** The people of a show's credits; shared by all shows, never deleted, never matched by name. */
export const peopleStage: Stage<CreditsFacts, StoredPeople> = {
  name: 'people',
  needs: ['details'],
  applies: needsTmdbId,
  fetch: fetchCredits,
  async load(tx, _show, facts) {
    await tx.query(LOCK_SHARED, ['core.people']);
    const rows = await loadPeople(tx, facts);
    return {
      rows,
      overrides: await loadOverrides(
        tx,
        'people',
        rows.map((row) => row.id),
      ),
    };
  },
  plan(facts, stored, _show, context): Plan {
    const { matches, warnings } = matchPeople(
      (facts.credits ?? []).map((credit) => credit.person),
      stored.rows,
    );
    const rows = matches
      .filter(({ facts: person, stored: row }) => row !== null || person.name.trim() !== '')
      .map(({ facts: person, stored: row }) =>
        planRow(
          PEOPLE_TABLE,
          {
            stored: row,
            fixed: { id: row?.id ?? context.newId(), external_ids: personIds(row?.external_ids, person) },
            incoming: personValues(person),
            overrides: row === null ? [] : stored.overrides.get(row.id),
          },
          context,
        ),
      );
    const changes = tableChanges('core.people', ['id'], insertColumns(PEOPLE_TABLE, ['id', 'external_ids']), rows);
    return { changes, partial: [], warnings };
  },
};
