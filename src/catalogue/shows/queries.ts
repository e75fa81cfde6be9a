import { statement } from '../../platform/db/statement.ts';
import { jsonObject, PEOPLE_ORDER, SHOW_ID } from '../sql.ts';
import { detailMembers, hasValue, isVisible, provenanceMembers, showMembers } from './answer.ts';

/**
 * One statement per kind of page, because a condition that is sometimes absent (`$5 is null or ...`) costs the index once
 * PostgreSQL settles on a generic plan. Values: limit, offset, licences, then those of the filters in the order below.
 */
function listStatement(name: string, conditions: readonly string[]) {
  const where = [isVisible('$3'), ...conditions].join(' and ');
  return statement(
    `catalogue.shows.${name}`,
    `/* listShows */
with page as (
  select s.* from core.shows s
  where ${where}
  order by s.name ${PEOPLE_ORDER}, s.id
  limit $1::int + 1 offset $2::int
), numbered as (
  select p.*, row_number() over () as n from page p
)
select coalesce(json_agg(${jsonObject(showMembers('$3'))} order by s.n) filter (where s.n <= $1::int), '[]'::json)::text as body,
  count(*) > $1::int as more,
  max(s.name) filter (where s.n = $1::int) as last_name,
  (max(s.id::text) filter (where s.n = $1::int))::uuid as last_id
from numbered s`,
    { body: 'text', more: 'bool', last_name: 'text?', last_id: 'uuid?' },
  );
}

const after = `(s.name ${PEOPLE_ORDER}, s.id) > ($4::text ${PEOPLE_ORDER}, $5::uuid)`;
const network = (n: number) => hasValue('networks', n);
const genre = (n: number) => hasValue('genres', n);

/**
 * By which filters are present: first pages and pages after a cursor (`$4`, `$5`). 20,000 shows, 50 rows: 1.4 ms, read from the index
 * on (name, id); planning adds 0.7 ms, since a plan made for any limit looks dearer to PostgreSQL than one made for this one.
 */
export const LIST = {
  plain: { first: listStatement('list', []), after: listStatement('listAfter', [after]) },
  network: {
    first: listStatement('listByNetwork', [network(4)]),
    after: listStatement('listByNetworkAfter', [after, network(6)]),
  },
  genre: {
    first: listStatement('listByGenre', [genre(4)]),
    after: listStatement('listByGenreAfter', [after, genre(6)]),
  },
  both: {
    first: listStatement('listByNetworkAndGenre', [network(4), genre(5)]),
    after: listStatement('listByNetworkAndGenreAfter', [after, network(6), genre(7)]),
  },
} as const;

/**
 * Values: uuid or null, slug or null, licences, base of hosted images or null. No row: unknown or retired. 20,000 shows: 0.5 ms, index lookups only, one plan kept
 * (3.5 ms before the entity lists were lateral lookups: the estimate of a generic plan then was too dear, so each call planned anew).
 */
export const DETAIL = statement(
  'catalogue.shows.detail',
  `/* getShow */ select ${jsonObject(detailMembers('$3', '$4'))}::text as body
from core.shows s where s.id = ${SHOW_ID} and ${isVisible('$3')}`,
  { body: 'text' },
);

/** As `DETAIL`, with where each value comes from and the notices that its sources require. */
export const DETAIL_WITH_PROVENANCE = statement(
  'catalogue.shows.detailWithProvenance',
  `/* getShow */ select ${jsonObject({ ...detailMembers('$3', '$4'), ...provenanceMembers('$3') })}::text as body
from core.shows s where s.id = ${SHOW_ID} and ${isVisible('$3')}`,
  { body: 'text' },
);
