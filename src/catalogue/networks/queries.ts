import { statement } from '../../platform/db/statement.ts';
import { isVisible, logoCopy, organisationMembers, showMembers } from '../shows/answer.ts';
import { jsonObject, licensed, PEOPLE_ORDER, publishedArray } from '../sql.ts';

/** The show `s` has network `id` among those that may be shown; the first half is what the index finds. */
const hasNetwork = (id: string) =>
  `s.tmdb_network_ids @> array[${id}] and ${id} = any(${publishedArray('s', 'tmdb_network_ids', '$3')})`;

const NETWORK = jsonObject({
  ...organisationMembers('$3', '$4', 'network'),
  show_count: `(select count(*) from core.shows s where ${hasNetwork('n.id')} and ${isVisible('$3')})`,
});

/** Values: limit, offset, licences, base of hosted images or null. By name; a few hundred rows, so that a place is a good enough cursor. */
export const NETWORKS = statement(
  'catalogue.networks.list',
  `/* listNetworks */
with n as (
  select p.*, row_number() over (order by p.name ${PEOPLE_ORDER}, p.id) as place from (
    select * from core.networks n where ${licensed('n', 'name', '$3')}
    order by n.name ${PEOPLE_ORDER}, n.id limit $1::int + 1 offset $2::int
  ) p
)
select coalesce(json_agg(${NETWORK} order by n.place) filter (where n.place <= $1::int), '[]'::json)::text as body,
  count(*) > $1::int as more from n ${logoCopy('n', '$3', '$4')}`,
  { body: 'text', more: 'bool' },
);

/** Values: limit, offset, licences, network. `known`: whether there is such a network. */
export const SHOWS_OF_NETWORK = statement(
  'catalogue.networks.shows',
  `/* listNetworkShows */
with s as (
  select p.*, row_number() over (order by p.name ${PEOPLE_ORDER}, p.id) as place from (
    select s.* from core.shows s where ${hasNetwork('$4::int')} and ${isVisible('$3')}
    order by s.name ${PEOPLE_ORDER}, s.id limit $1::int + 1 offset $2::int
  ) p
)
select coalesce(json_agg(${jsonObject(showMembers('$3'))} order by s.place) filter (where s.place <= $1::int), '[]'::json)::text as body,
  count(*) > $1::int as more,
  exists (select from core.networks n where n.id = $4::int and ${licensed('n', 'name', '$3')}) as known
from s`,
  { body: 'text', more: 'bool', known: 'bool' },
);
