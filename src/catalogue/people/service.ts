import type { Database } from '../../platform/db/types.ts';
import { decodeCursor, encodeCursor } from '../../platform/http/cursor.ts';
import type { PublicAnswer } from '../../platform/http/public-answer.ts';
import { MAX_PEOPLE, PEOPLE, SEARCH_PEOPLE } from './queries.ts';
import type { PeopleQuery } from './schema.ts';

const CURSOR = 'people';
const SEARCH_CURSOR = 'people-search';

/** A page of people by name, or by likeness when `q` is given. */
export async function listPeople(db: Database, licences: readonly string[], query: PeopleQuery): Promise<PublicAnswer> {
  const q = query.q?.trim() ?? '';
  if (q !== '') return searchPeople(db, licences, { ...query, q });
  const { limit, offset, cursor } = query;
  const key = cursor === undefined ? [] : decodeCursor(CURSOR, cursor, isNameAndId);
  const row = await db.public.one(cursor === undefined ? PEOPLE.first : PEOPLE.after, [
    limit,
    offset,
    licences,
    ...key,
  ]);
  if (row === undefined) throw new Error('an aggregate without group by gave no row');
  const { body, more, last_name: name, last_id: id } = row;
  return { body, next: more && name !== null && id !== null ? encodeCursor(CURSOR, [name, id]) : undefined };
}

/** Likeness is no key one could continue after, so the cursor holds a place in the ranking. */
async function searchPeople(
  db: Database,
  licences: readonly string[],
  query: PeopleQuery & { readonly q: string },
): Promise<PublicAnswer> {
  const start = query.cursor === undefined ? 0 : Number(decodeCursor(SEARCH_CURSOR, query.cursor, isPlace)[0]);
  const offset = start + query.offset;
  const limit = Math.min(query.limit, MAX_PEOPLE - offset);
  if (limit < 0) return { body: '[]' };
  const row = await db.public.one(SEARCH_PEOPLE, [limit, offset, licences, query.q]);
  if (row === undefined) throw new Error('an aggregate without group by gave no row');
  const next = row.more && limit > 0 && offset + limit < MAX_PEOPLE;
  return { body: row.body, next: next ? encodeCursor(SEARCH_CURSOR, [offset + limit]) : undefined };
}

function isNameAndId(key: readonly unknown[]): boolean {
  const [name, id] = key;
  return key.length === 2 && typeof name === 'string' && typeof id === 'string' && /^[0-9a-f-]{36}$/.test(id);
}

function isPlace(key: readonly unknown[]): boolean {
  const [place] = key;
  return key.length === 1 && Number.isInteger(place) && Number(place) >= 0 && Number(place) <= MAX_PEOPLE;
}
