import type { PersonFacts } from '../../platform/facts.ts';
import type { RowRules, RowValues } from '../provenance/merge-row.ts';

/** A person's name and trade: IMDb's, the predecessor's or a human's text wins over TMDb's. */
export const PERSON_RULES: RowRules = { full_name: 'curated', known_for: 'curated' };

export function personValues(facts: PersonFacts): RowValues {
  // A name is never cleared: the column must not be null.
  return { full_name: facts.name.trim() === '' ? undefined : facts.name.trim(), known_for: facts.knownFor };
}

/** `external_ids` with the source's ids filled in where none is stored; stored ones stay. */
export function personIds(stored: unknown, facts: PersonFacts): RowValues {
  const ids: Record<string, unknown> =
    typeof stored === 'object' && stored !== null && !Array.isArray(stored) ? { ...stored } : {};
  if (facts.imdbId !== undefined) ids['imdb'] ??= facts.imdbId;
  if (facts.tmdbId !== undefined) ids['tmdb'] ??= String(facts.tmdbId);
  return ids;
}

export interface PersonRow {
  readonly id: string;
  readonly external_ids: unknown;
}

export interface PersonMatch<R extends PersonRow> {
  readonly facts: PersonFacts;
  readonly stored: R | null;
}

/**
 * Finds each person by TMDb id, else by IMDb id, never by name: two people may share one (`spec/pipeline.md` 14.2 L11).
 * People without any id are left out. One match per person, in id order, so that all writers insert in one order.
 */
export function matchPeople<R extends PersonRow>(
  people: readonly PersonFacts[],
  stored: readonly R[],
): { matches: PersonMatch<R>[]; warnings: string[] } {
  const warnings: string[] = [];
  const byTmdb = new Map(stored.flatMap((row) => idEntry(row, 'tmdb')));
  const byImdb = new Map(stored.flatMap((row) => idEntry(row, 'imdb')));
  const distinct = new Map<string, PersonFacts>();
  for (const person of people) {
    const key = personKey(person);
    if (key !== null && !distinct.has(key)) distinct.set(key, person);
  }
  const used = new Set<R>();
  const matches = [...distinct.values()].sort(comparePeople).flatMap((facts): PersonMatch<R>[] => {
    const tmdb = facts.tmdbId === undefined ? undefined : byTmdb.get(String(facts.tmdbId));
    const imdb = facts.imdbId === undefined ? undefined : byImdb.get(facts.imdbId);
    if (tmdb !== undefined && imdb !== undefined && tmdb !== imdb) {
      warnings.push(
        `TMDb person ${facts.tmdbId} and ${facts.imdbId} are two stored people (${tmdb.id}, ${imdb.id}); merge them`,
      );
    }
    const row = tmdb ?? imdb ?? null;
    if (row !== null && used.has(row)) return [];
    if (row !== null) used.add(row);
    return [{ facts, stored: row }];
  });
  return { matches, warnings };
}

/** The stored person of a credit, by the same rule. */
export function findPerson<R extends PersonRow>(facts: PersonFacts, stored: readonly R[]): R | undefined {
  const tmdb =
    facts.tmdbId === undefined ? undefined : stored.find((row) => idOf(row, 'tmdb') === String(facts.tmdbId));
  return tmdb ?? (facts.imdbId === undefined ? undefined : stored.find((row) => idOf(row, 'imdb') === facts.imdbId));
}

function personKey(person: PersonFacts): string | null {
  if (person.tmdbId !== undefined) return `tmdb/${person.tmdbId}`;
  return person.imdbId === undefined ? null : `imdb/${person.imdbId}`;
}

function comparePeople(a: PersonFacts, b: PersonFacts): number {
  const byTmdb = (a.tmdbId ?? Number.MAX_SAFE_INTEGER) - (b.tmdbId ?? Number.MAX_SAFE_INTEGER);
  if (byTmdb !== 0) return byTmdb;
  const [left, right] = [a.imdbId ?? '', b.imdbId ?? ''];
  return left === right ? 0 : left < right ? -1 : 1;
}

function idEntry<R extends PersonRow>(row: R, key: 'tmdb' | 'imdb'): [string, R][] {
  const id = idOf(row, key);
  return id === null ? [] : [[id, row]];
}

function idOf(row: PersonRow, key: 'tmdb' | 'imdb'): string | null {
  const ids = row.external_ids;
  if (typeof ids !== 'object' || ids === null) return null;
  const value = (ids as Readonly<Record<string, unknown>>)[key];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
}
