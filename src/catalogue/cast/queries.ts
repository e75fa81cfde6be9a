import { statement } from '../../platform/db/statement.ts';
import { MOST_INCLUDED } from '../params.ts';
import { isVisiblePerson, personObject } from '../people/queries.ts';
import { isVisible } from '../shows/answer.ts';
import { jsonObject, licensed, PEOPLE_ORDER, published, publishedArray, SHOW_ID } from '../sql.ts';

const memberMembers = {
  id: 'c.id',
  show_id: 'c.show_id',
  season_id: 'null',
  person_id: 'c.person_id',
  role: published('c', 'role', '$3'),
  billing_order: published('c', 'billing_order', '$3'),
  notes: 'null',
  person: personObject('$3'),
  credit_category: 'c.credit_category',
};
const member = jsonObject(memberMembers);

const BILLING = `c.billing_order nulls last, p.full_name ${PEOPLE_ORDER}, c.id`;

/** Values: uuid or null, slug or null, licences. Always one row; `[]` for an unknown show (S9). */
function castStatement(name: string, most?: number) {
  const credits = `core.show_cast c join core.people p on p.id = c.person_id join core.shows s on s.id = c.show_id
where s.id = ${SHOW_ID} and c.show_id = ${SHOW_ID} and c.retired_at is null and ${licensed('c', 'credit_category', '$3')} and ${isVisible('$3')} and ${isVisiblePerson('$3')}`;
  const from =
    most === undefined
      ? credits
      : `core.show_cast c join core.people p on p.id = c.person_id where c.id in (select c.id from ${credits} order by ${BILLING} limit ${most})`;
  return statement(
    `catalogue.cast.${name}`,
    `/* listCast */ select coalesce(json_agg(${member} order by ${BILLING}), '[]'::json)::text as body from ${from}`,
    { body: 'text' },
  );
}

export const LIST_CAST = castStatement('list');
/** As `LIST_CAST`, for `?include=cast`. */
export const INCLUDED_CAST = castStatement('included', MOST_INCLUDED);

/**
 * Values: uuid or null, slug or null, licences, season number. Who appears in the season, with their credit in the show. No row: the
 * season is unknown.
 */
export const LIST_SEASON_CAST = statement(
  'catalogue.cast.season',
  `/* listSeasonCast */ select coalesce((select json_agg(${jsonObject({
    ...memberMembers,
    season_id: 't.id',
  })} order by ${BILLING})
    from core.show_cast c join core.people p on p.id = c.person_id
    where c.show_id = t.show_id and c.retired_at is null and ${licensed('c', 'credit_category', '$3')} and ${isVisiblePerson('$3')}
      and (exists (select from core.episode_appearances a
          where a.show_id = t.show_id and a.person_id = c.person_id and t.season_number = any (${publishedArray('a', 'seasons', '$3')}))
        or exists (select from core.cast_memberships m where m.season_id = t.id and m.person_id = c.person_id))), '[]'::json)::text as body
from core.seasons t join core.shows s on s.id = t.show_id
where t.show_id = ${SHOW_ID} and t.season_number = $4::int and t.retired_at is null and ${isVisible('$3')}`,
  { body: 'text' },
);
