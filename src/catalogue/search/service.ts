import type { Database } from '../../platform/db/types.ts';
import { decodeCursor, encodeCursor } from '../../platform/http/cursor.ts';
import type { PublicAnswer } from '../../platform/http/public-answer.ts';
import type { CatalogueOptions } from '../params.ts';
import type { ListShowsQuery } from '../shows/schema.ts';
import { MAX_RESULTS, SEARCH } from './queries.ts';

const CURSOR = 'shows-search';

/**
 * A page of the shows most like `q`, best first, at most `MAX_RESULTS` over all pages. Likeness is no key one could continue
 * after, so the cursor holds a place in the ranking.
 */
export async function searchShows(
  db: Database,
  { licences }: CatalogueOptions,
  query: ListShowsQuery & { readonly q: string },
): Promise<PublicAnswer> {
  const { q, cursor, network, genre } = query;
  const variant =
    SEARCH[
      network === undefined ? (genre === undefined ? 'plain' : 'genre') : genre === undefined ? 'network' : 'both'
    ];
  const start = cursor === undefined ? 0 : Number(decodeCursor(CURSOR, cursor, isPlace)[0]);
  const offset = start + query.offset;
  const limit = Math.min(query.limit, MAX_RESULTS - offset);
  if (limit < 0) return { body: '[]' };
  const filters = [network, genre].filter((value) => value !== undefined);
  const row = await db.public.one(variant, [limit, offset, licences, q, ...filters]);
  if (row === undefined) throw new Error('an aggregate without group by gave no row');
  const next = row.more && limit > 0 && offset + limit < MAX_RESULTS;
  return { body: row.body, next: next ? encodeCursor(CURSOR, [offset + limit]) : undefined };
}

function isPlace(key: readonly unknown[]): boolean {
  const [place] = key;
  return key.length === 1 && Number.isInteger(place) && Number(place) >= 0 && Number(place) <= MAX_RESULTS;
}
