import { statement } from '../../platform/db/statement.ts';
import { isVisible, showMembers } from '../shows/answer.ts';
import { jsonObject, licensed } from '../sql.ts';

/** Nobody pages further; what is this unlike a query is noise. */
export const MAX_RESULTS = 1000;

/**
 * Values: limit, offset, licences, query, then the filters in the order below. `core.search_shows` ranks: the same name first, then names
 * in which every word of the query begins a word, then names that are like it (one or two letters wrong).
 */
function searchStatement(name: string, conditions: readonly string[]) {
  const where = [isVisible('$3'), ...conditions].join(' and ');
  return statement(
    `catalogue.search.${name}`,
    `/* listShows */
with found as (
  select f.show_id, f.ordinality from core.search_shows($4::text, ${MAX_RESULTS}) with ordinality f
), page as (
  select s.*, f.ordinality from found f join core.shows s on s.id = f.show_id
  where ${where}
  order by f.ordinality limit $1::int + 1 offset $2::int
), numbered as (
  select p.*, row_number() over (order by p.ordinality) as n from page p
)
select coalesce(json_agg(${jsonObject(showMembers('$3'))} order by s.n) filter (where s.n <= $1::int), '[]'::json)::text as body,
  count(*) > $1::int as more
from numbered s`,
    { body: 'text', more: 'bool' },
  );
}

const network = (n: number) => `s.networks @> array[$${n}::text] and ${licensed('s', 'networks', '$3')}`;
const genre = (n: number) => `s.genres @> array[$${n}::text] and ${licensed('s', 'genres', '$3')}`;

export const SEARCH = {
  plain: searchStatement('shows', []),
  network: searchStatement('showsByNetwork', [network(5)]),
  genre: searchStatement('showsByGenre', [genre(5)]),
  both: searchStatement('showsByNetworkAndGenre', [network(5), genre(6)]),
} as const;
