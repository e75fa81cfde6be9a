import { isOnScreen } from '../../catalogue/cast/merge.ts';
import { findPerson } from '../../catalogue/people/merge.ts';
import { asProvenance } from '../../catalogue/provenance/types.ts';
import type { CreditFacts } from '../../platform/facts.ts';
import type { Plan } from '../plan.ts';
import type { Stage } from '../stage.ts';
import { appearanceChanges, loadAppearances, type StoredAppearances } from './appearance-rows.ts';
import { fetchSeasonSet, needsTmdbId, type SeasonSetFacts } from './season-facts.ts';

/**
 * Seasons people appear in, from TMDb's credits of each season. Which episodes they are in TMDb does not say for people who are there all
 * season; that is IMDb's part.
 */
export const tmdbAppearances: Stage<SeasonSetFacts, StoredAppearances> = {
  name: 'appearances',
  needs: ['people'],
  applies: needsTmdbId,
  fetch: (show, sources) => fetchSeasonSet('appearances', show, sources, ['aggregate_credits']),
  load: (tx, show, facts) => loadAppearances(tx, show, creditsOf(facts)),
  plan(facts, stored, show, context): Plan {
    const seasons = new Map<string, Set<number>>();
    for (const season of facts.seasons) {
      for (const credit of season.credits?.filter(isOnScreen) ?? []) {
        const person = findPerson(credit.person, stored.people);
        if (person === undefined) continue;
        const known = seasons.get(person.id) ?? new Set();
        seasons.set(person.id, known.add(season.seasonNumber));
      }
    }
    const complete = facts.complete && facts.seasons.every(({ credits }) => credits !== undefined);
    const claims = new Map(
      stored.rows.map((row) => [
        row.person_id,
        asProvenance(row.provenance)['seasons']?.values?.[context.source.name] ?? [],
      ]),
    );
    // Whoever is in no season any more loses them; what an incomplete answer does not name stays.
    const people = new Set([
      ...seasons.keys(),
      ...(complete ? [...claims].flatMap(([id, own]) => (own.length > 0 ? [id] : [])) : []),
    ]);
    const said = new Map(
      [...people].map((id) => {
        const before = complete ? [] : (claims.get(id) ?? []);
        return [id, { seasons: [...(seasons.get(id) ?? []), ...before] }];
      }),
    );
    return { changes: appearanceChanges(said, stored, show, context), partial: [], warnings: [] };
  },
};

function creditsOf(facts: SeasonSetFacts): CreditFacts[] {
  return facts.seasons.flatMap(({ credits }) => credits?.filter(isOnScreen) ?? []);
}
