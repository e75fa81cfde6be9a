import { statement } from '../../platform/db/statement.ts';
import { isVisible } from '../shows/answer.ts';
import { jsonArray, jsonObject, licensed, PEOPLE_ORDER, published, publishedArray } from '../sql.ts';

/** Values: limit, offset, licences, first and last day. By the partial index on air_date. */
export const CALENDAR = statement(
  'catalogue.calendar.list',
  `/* getCalendar */
with e as (
  select p.*, row_number() over (order by p.air_date, p.show_sort ${PEOPLE_ORDER}, p.season_number, p.episode_number, p.id) as n from (
    select e.id, e.air_date, e.season_number, e.episode_number, e.title, e.show_id, e.provenance, s.name as show_sort
    from core.episodes e join core.shows s on s.id = e.show_id
    where e.air_date between $4::date and $5::date and e.retired_at is null and ${licensed('e', 'air_date', '$3')} and ${isVisible('$3')}
    order by e.air_date, s.name ${PEOPLE_ORDER}, e.season_number, e.episode_number, e.id
    limit $1::int + 1 offset $2::int
  ) p
)
select coalesce(json_agg(${jsonObject({
    air_date: 'e.air_date',
    episode_id: 'e.id',
    season_number: 'e.season_number',
    episode_number: 'e.episode_number',
    title: published('e', 'title', '$3'),
    show_id: 's.id',
    show_name: 's.name',
    show_slug: '(select g.slug from core.show_slugs g where g.show_id = s.id and g.is_current)',
    networks: jsonArray(publishedArray('s', 'networks', '$3')),
  })} order by e.n) filter (where e.n <= $1::int), '[]'::json)::text as body, count(*) > $1::int as more
from e join core.shows s on s.id = e.show_id`,
  { body: 'text', more: 'bool' },
);
