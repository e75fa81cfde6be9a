import type { Row } from '../../platform/db/statement.ts';
import type { Database } from '../../platform/db/types.ts';
import { notFound } from '../../platform/errors/problem.ts';
import { decodeCursor, encodeCursor } from '../../platform/http/cursor.ts';
import type { PublicAnswer } from '../../platform/http/public-answer.ts';
import { INCLUDED_CAST } from '../cast/queries.ts';
import { INCLUDED_IMAGES } from '../images/queries.ts';
import { IMAGE_KINDS } from '../images/schema.ts';
import { type CatalogueOptions, showReference } from '../params.ts';
import { searchShows } from '../search/service.ts';
import { INCLUDED_SEASONS } from '../seasons/queries.ts';
import { DETAIL, DETAIL_WITH_PROVENANCE, LIST } from './queries.ts';
import type { ListShowsQuery } from './schema.ts';

const CURSOR = 'shows';

/** A page of shows by name, or by likeness when `q` is given. */
export async function listShows(db: Database, options: CatalogueOptions, query: ListShowsQuery): Promise<PublicAnswer> {
  const q = query.q?.trim() ?? '';
  if (q !== '') return searchShows(db, options, { ...query, q });
  const { limit, offset, cursor, network, genre } = query;
  const filters = [network, genre].filter((value) => value !== undefined);
  const variant =
    LIST[network === undefined ? (genre === undefined ? 'plain' : 'genre') : genre === undefined ? 'network' : 'both'];
  const key = cursor === undefined ? undefined : decodeCursor(CURSOR, cursor, isNameAndId);
  const statement = key === undefined ? variant.first : variant.after;
  const values = [limit, offset, options.licences, ...(key ?? []), ...filters];
  // A filter's value decides between two very different plans (1.4 ms or 80 ms for a genre most shows have), so filtered pages are
  // planned for their values; the others are prepared once.
  const [row] =
    filters.length === 0
      ? await db.public.query(statement, values)
      : await db.public.raw<Row<typeof statement>>(statement.text, values);
  if (row === undefined) throw new Error('an aggregate without group by gave no row');
  const { body, more, last_name: name, last_id: id } = row;
  return { body, next: more && name !== null && id !== null ? encodeCursor(CURSOR, [name, id]) : undefined };
}

/** The detail of one show. @throws Problem 404 */
export async function getShow(
  db: Database,
  { licences, mediaBaseUrl }: CatalogueOptions,
  id: string,
  include: readonly string[],
): Promise<PublicAnswer> {
  const statement = include.includes('provenance') ? DETAIL_WITH_PROVENANCE : DETAIL;
  const reference = showReference(id);
  const more = (name: string) =>
    name === 'images' ? [IMAGE_KINDS, mediaBaseUrl] : name === 'seasons' ? [mediaBaseUrl] : [];
  const row = await db.public.one(statement, [...reference, licences, mediaBaseUrl]);
  if (row === undefined) throw notFound('Show');
  const parts = await Promise.all(
    Object.entries(INCLUDED)
      .filter(([name]) => include.includes(name))
      .map(
        async ([name, part]) =>
          `,"${name}":${(await db.public.one(part, [...reference, licences, ...more(name)]))?.body ?? '[]'}`,
      ),
  );
  // The answer is JSON text from PostgreSQL: further members go before its last brace.
  return parts.length === 0 ? row : { body: `${row.body.slice(0, -1)}${parts.join('')}}` };
}

/** Lists a detail may bring along, as their own routes have them, but bounded. Offers are part of every detail. */
const INCLUDED = { seasons: INCLUDED_SEASONS, cast: INCLUDED_CAST, images: INCLUDED_IMAGES };

function isNameAndId(key: readonly unknown[]): boolean {
  const [name, id] = key;
  return key.length === 2 && typeof name === 'string' && typeof id === 'string' && /^[0-9a-f-]{36}$/.test(id);
}
