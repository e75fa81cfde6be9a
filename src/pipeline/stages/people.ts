import { isOnScreen } from '../../catalogue/cast/merge.ts';
import { matchPeople, PERSON_RULES, personIds, personValues } from '../../catalogue/people/merge.ts';
import { PROFILE_RULES, profileValues } from '../../catalogue/people/profile.ts';
import type { Row } from '../../platform/db/statement.ts';
import type { Scope } from '../../platform/db/types.ts';
import type { CreditFacts, PersonFacts, ProfileFacts } from '../../platform/facts.ts';
import type { Outcome } from '../../platform/outcome.ts';
import type { TmdbPeople } from '../../sources/tmdb/source.ts';
import type { Plan, TableChange } from '../plan.ts';
import { mapBounded, type ShowSources } from '../show-sources.ts';
import type { PlanContext, ShowIdentity, Stage, StageFetch } from '../stage.ts';
import { fetchBundle } from './blocks.ts';
import { KNOWN_PROFILES, PROFILES } from './imdb/queries.ts';
import { loadOverrides, type OverridesByRow } from './overrides.ts';
import { LOCK_SHARED, PEOPLE } from './queries.ts';
import { insertColumns, type PlannedRow, planRow, type TableRules, tableChanges } from './rows.ts';
import { needsTmdbId } from './season-facts.ts';

export const PEOPLE_TABLE: TableRules = { table: 'core.people', rules: PERSON_RULES, fetchedAt: null, retires: false };

const PROFILES_TABLE: TableRules = {
  table: 'core.cast_tmdb',
  rules: PROFILE_RULES,
  fetchedAt: 'fetched_at',
  retires: false,
};

/** Absent when the answer had no credits block. */
export interface CreditsFacts {
  readonly credits: readonly CreditFacts[] | undefined;
}

export interface PeopleFacts extends CreditsFacts {
  /** Pages of those people whose ids elsewhere had to be asked for. */
  readonly profiles: readonly ProfileFacts[];
}

export interface StoredPeople {
  readonly rows: readonly Row<typeof PEOPLE>[];
  readonly profiles: readonly Row<typeof PROFILES>[];
  readonly overrides: OverridesByRow;
}

/** On-screen credits of the show's one details answer; shared by `people` and `cast`. */
export function fetchCredits(show: ShowIdentity, sources: ShowSources): Promise<StageFetch<CreditsFacts>> {
  return fetchBundle(show, sources, ['aggregate_credits'], ({ credits }) => ({ credits: credits?.filter(isOnScreen) }));
}

/** Stored people behind some credits, found by id. */
export function loadPeople(tx: Scope, credits: readonly CreditFacts[] | undefined): Promise<Row<typeof PEOPLE>[]> {
  const people = (credits ?? []).map((credit) => credit.person);
  const tmdb = people.flatMap((person) => (person.tmdbId === undefined ? [] : [String(person.tmdbId)]));
  const imdb = people.flatMap((person) => (person.imdbId === undefined ? [] : [person.imdbId]));
  return tx.query(PEOPLE, [[...new Set(tmdb)], [...new Set(imdb)]]);
}

/** Pages of people asked for at once for one show. */
const WIDTH = 8;

/**
 * The people of a show's TMDb credits; shared by all shows, never deleted, never matched by name. Where another source knows people too, TMDb's
 * pages about them are asked for once, because they tell the id by which both mean the same person.
 * @param tmdb absent: no other source is on, and the credits are enough
 */
export function tmdbPeople(tmdb: TmdbPeople | undefined): Stage<PeopleFacts, StoredPeople, ReadonlySet<number>> {
  return {
    name: 'people',
    needs: ['details'],
    applies: needsTmdbId,
    ...(tmdb === undefined ? {} : { before: knownProfiles }),
    async fetch(show, sources, known) {
      const fetched = await fetchCredits(show, sources);
      if (fetched.kind !== 'facts') return fetched;
      const { credits } = fetched.facts;
      if (tmdb === undefined || credits === undefined) return { ...fetched, facts: { credits, profiles: [] } };
      const ids = [...new Set(credits.flatMap(({ person }) => person.tmdbId ?? []))].filter((id) => !known?.has(id));
      const answers = await mapBounded(ids, WIDTH, (id) => profileOf(tmdb, id, sources));
      const profiles = answers.flatMap((answer) => (answer.kind === 'ok' ? [answer.value] : []));
      const failed = answers.filter(({ kind }) => kind !== 'ok' && kind !== 'not_recorded' && kind !== 'not_found');
      const byId = new Map(profiles.map((profile) => [profile.tmdbId, profile]));
      const identified = credits.map((credit) => {
        const imdbId = byId.get(credit.person.tmdbId)?.imdbId;
        return imdbId === undefined ? credit : { ...credit, person: { ...credit.person, imdbId } };
      });
      const missing = failed.length === 0 ? [] : [`profiles: ${failed.length} of ${ids.length} failed`];
      return {
        ...fetched,
        facts: { credits: identified, profiles },
        missing: [...fetched.missing, ...missing],
      };
    },
    async load(tx, _show, facts) {
      const [, rows] = await Promise.all([tx.query(LOCK_SHARED, ['core.people']), loadPeople(tx, facts.credits)]);
      const ids = rows.map((row) => row.id);
      const profiles = facts.profiles.flatMap(({ tmdbId }) => tmdbId ?? []);
      const [known, overrides] = await Promise.all([
        profiles.length === 0 ? [] : tx.query(PROFILES, [ids, profiles]),
        loadOverrides(tx, 'people', ids),
      ]);
      return { rows, profiles: known, overrides };
    },
    plan(facts, stored, _show, context): Plan {
      const { rows, warnings } = planPeople(
        (facts.credits ?? []).map(({ person }) => person),
        stored,
        context,
      );
      const changes = tableChanges('core.people', ['id'], insertColumns(PEOPLE_TABLE, ['id', 'external_ids']), rows);
      changes.push(...profileChanges(facts.profiles, rows, stored, context));
      return { changes, partial: [], warnings };
    },
  };
}

/** TMDb's pages about a person, asked for once per job. */
export function profileOf(tmdb: TmdbPeople, id: number, sources: ShowSources): Promise<Outcome<ProfileFacts>> {
  return sources.shared(`tmdb person ${id}`, (signal) =>
    tmdb.personProfile(id, signal === undefined ? {} : { signal }),
  );
}

async function knownProfiles(tx: Scope, show: ShowIdentity): Promise<ReadonlySet<number>> {
  const rows = await tx.query(KNOWN_PROFILES, [show.id]);
  return new Set(rows.flatMap(({ tmdb_id: id }) => id ?? []));
}

/** People as rows: found by id, named by whoever comes first, with the ids each source knows. */
export function planPeople(
  people: readonly PersonFacts[],
  stored: Pick<StoredPeople, 'rows' | 'overrides'>,
  context: PlanContext,
): { rows: PlannedRow[]; warnings: string[] } {
  const { matches, warnings } = matchPeople(people, stored.rows);
  const rows = matches
    .filter(({ facts, stored: row }) => row !== null || facts.name.trim() !== '')
    .map(({ facts, stored: row }) =>
      planRow(
        PEOPLE_TABLE,
        {
          stored: row,
          fixed: { id: row?.id ?? context.newId(), external_ids: personIds(row?.external_ids, facts) },
          incoming: personValues(facts),
          overrides: row === null ? [] : stored.overrides.get(row.id),
        },
        context,
      ),
    );
  return { rows, warnings };
}

function profileChanges(
  profiles: readonly ProfileFacts[],
  people: readonly PlannedRow[],
  stored: StoredPeople,
  context: PlanContext,
): TableChange[] {
  const personOf = new Map(
    people.map(({ values }) => [(values['external_ids'] as { tmdb?: string }).tmdb, String(values['id'])]),
  );
  const rows = profiles.flatMap((profile) => {
    const personId = personOf.get(String(profile.tmdbId));
    const row = stored.profiles.find((one) => one.tmdb_id === profile.tmdbId) ?? null;
    // A person has one page; another id for them is told by the match already.
    const other = stored.profiles.some((one) => one.person_id === personId && one.tmdb_id !== profile.tmdbId);
    if (personId === undefined || other || (row !== null && row.person_id !== personId)) return [];
    const fixed = { id: row?.id ?? context.newId(), person_id: personId, tmdb_id: profile.tmdbId };
    return [planRow(PROFILES_TABLE, { stored: row, fixed, incoming: profileValues(profile) }, context)];
  });
  return tableChanges(
    PROFILES_TABLE.table,
    ['id'],
    insertColumns(PROFILES_TABLE, ['id', 'person_id', 'tmdb_id']),
    rows,
  );
}
