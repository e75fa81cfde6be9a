import { statement } from '../../platform/db/statement.ts';
import { hasValue, isVisible, showMembers } from '../shows/answer.ts';
import { jsonObject, PEOPLE_ORDER } from '../sql.ts';

/** Nobody pages further; what is this unlike a query is noise. */
export const MAX_RESULTS = 1000;

/** With so many shows beginning like the query, nobody needs guesses at what else was meant. */
const ENOUGH = 20;

/**
 * Values: limit, offset, licences, query, then the filters in the order below. Best first: a name (or alternative name) equal to the
 * query, then names in which every word of the query begins a word, shorter ones first, then, when those are few, names that are like it.
 *
 * 20,000 shows with as many other names, all made of the same twenty words: 'surv isl' 30 ms (2,000 beginnings), 't' 49 ms
 * (10,000), 'housewifes' (none, thousands alike) 260 ms, on a machine with four busy processes on two cores. Likeness of everything at
 * once, as `core.search_shows` alone would do, took 270 ms for the first.
 */
function searchStatement(name: string, conditions: readonly string[]) {
  const where = [isVisible('$3'), ...conditions].join(' and ');
  const begins = (alias: string) =>
    `${alias}.name_trigrams @> (select prefixes from q) and (select prefixes from q) <> '{}'`;
  const rank = (alias: string) =>
    `(${alias}.name_trigrams <> (select pieces from q))::int as rank, length(${alias}.name) as size`;
  return statement(
    `catalogue.search.${name}`,
    `/* listShows */
with q as materialized (
  select core.trigrams($4::text) as pieces, core.prefix_trigrams($4::text) as prefixes
), beginning as materialized (
  select n.id, min(n.rank) as rank, min(n.size) as size from (
    select b.id, ${rank('b')} from core.shows b where ${begins('b')}
    union all
    select a.show_id, ${rank('a')} from core.alternative_names a where ${begins('a')}
  ) n group by n.id
), found as (
  select b.id, b.rank, b.size, 0 as unlike from beginning b
  union all
  select f.show_id, 2, 0, -f.score from core.search_shows($4::text, ${MAX_RESULTS}) f
  where (select count(*) from beginning) < ${ENOUGH} and not exists (select from beginning b where b.id = f.show_id)
), page as (
  select s.*, row_number() over (order by f.rank, f.unlike, f.size, s.name ${PEOPLE_ORDER}, s.id) as place
  from found f join core.shows s on s.id = f.id
  where ${where}
  order by place limit $1::int + 1 offset $2::int
), numbered as (
  select p.*, p.place - $2::int as n from page p
)
select coalesce(json_agg(${jsonObject(showMembers('$3'))} order by s.n) filter (where s.n <= $1::int), '[]'::json)::text as body,
  count(*) > $1::int as more
from numbered s`,
    { body: 'text', more: 'bool' },
  );
}

const network = (n: number) => hasValue('networks', n);
const genre = (n: number) => hasValue('genres', n);

export const SEARCH = {
  plain: searchStatement('shows', []),
  network: searchStatement('showsByNetwork', [network(5)]),
  genre: searchStatement('showsByGenre', [genre(5)]),
  both: searchStatement('showsByNetworkAndGenre', [network(5), genre(6)]),
} as const;
