import { statement } from '../../platform/db/statement.ts';
import { ATTRIBUTION_VALUES } from '../attributions.ts';
import { copyMembers } from '../images/picture.ts';
import { isVisible } from '../shows/answer.ts';
import {
  attributionsOf,
  externalIds,
  jsonArray,
  jsonObject,
  licensed,
  PEOPLE_ORDER,
  published,
  publishedArray,
  shownProvenance,
} from '../sql.ts';

/** Members of `Person`, for a row `p` of core.people. */
export function personMembers(licences: string): Record<string, string> {
  return {
    id: 'p.id',
    full_name: 'p.full_name',
    known_for: published('p', 'known_for', licences),
    external_ids: externalIds('p', 'person_id', {}, licences, 'p.external_ids'),
  };
}

export function personObject(licences: string): string {
  return jsonObject(personMembers(licences));
}

/** A person without a name that may be shown is not shown at all. */
export function isVisiblePerson(licences: string): string {
  return licensed('p', 'full_name', licences);
}

/** Values: person id, licences. */
export const GET_PERSON = statement(
  'catalogue.people.get',
  `/* getPerson */ select ${personObject('$2')}::text as body from core.people p
where p.id = $1::uuid and ${isVisiblePerson('$2')}`,
  { body: 'text' },
);

/** A row `o` of core.published_photos, as to our copy and the rights. */
const photoMembers = {
  url: 'o.url',
  hosted_url: 'o.hosted_url',
  ...copyMembers('o.picture'),
  licence: 'o.licence',
  attribution: `(select n.text from (values ${ATTRIBUTION_VALUES}) n(source, text, url)
      where n.source = case when o.source = 'imdb' then 'imdb-web' when o.source like 'fandom%' then 'fandom' else o.source end)`,
  source_page_url: 'o.source_page_url',
};

const FIRST_PHOTO =
  'left join lateral (select f.* from core.published_photos(p.id, $2::text[], $3) f limit 1) o on true';

const PERSON_DETAIL = {
  ...personMembers('$2'),
  show_count:
    '(select count(distinct c.show_id) from core.show_cast c where c.person_id = p.id and c.retired_at is null)',
  photo_url: 'o.url',
  photo: `case when o.id is not null then ${jsonObject(photoMembers)} end`,
  updated_at: 'p.updated_at',
};

/** Values: person id, licences, base of hosted images or null. */
export const PERSON_BY_ID = statement(
  'catalogue.people.detail',
  `/* getPersonDetail */ select ${jsonObject(PERSON_DETAIL)}::text as body from core.people p ${FIRST_PHOTO}
where p.id = $1::uuid and ${isVisiblePerson('$2')}`,
  { body: 'text' },
);

/** As `PERSON_BY_ID`, with where each value comes from. */
export const PERSON_WITH_PROVENANCE = statement(
  'catalogue.people.detailWithProvenance',
  `/* getPersonDetail */ select ${jsonObject({
    ...PERSON_DETAIL,
    provenance: shownProvenance('p', '$2'),
    attributions: attributionsOf('p', '$2', ATTRIBUTION_VALUES),
  })}::text as body from core.people p ${FIRST_PHOTO} where p.id = $1::uuid and ${isVisiblePerson('$2')}`,
  { body: 'text' },
);

function peoplePage(name: string, after: string) {
  return statement(
    `catalogue.people.${name}`,
    `/* listPeople */
with page as (
  select p.* from core.people p where ${isVisiblePerson('$3')}${after}
  order by p.full_name ${PEOPLE_ORDER}, p.id limit $1::int + 1 offset $2::int
), p as (
  select g.*, row_number() over (order by g.full_name ${PEOPLE_ORDER}, g.id) as n from page g
)
select coalesce(json_agg(${personObject('$3')} order by p.n) filter (where p.n <= $1::int), '[]'::json)::text as body,
  count(*) > $1::int as more, max(p.full_name) filter (where p.n = $1::int) as last_name,
  (max(p.id::text) filter (where p.n = $1::int))::uuid as last_id
from p`,
    { body: 'text', more: 'bool', last_name: 'text?', last_id: 'uuid?' },
  );
}

/** Values: limit, offset, licences; then name and id of the last row. By the index on (name, id). */
export const PEOPLE = {
  first: peoplePage('list', ''),
  after: peoplePage('listAfter', ` and (p.full_name ${PEOPLE_ORDER}, p.id) > ($4::text ${PEOPLE_ORDER}, $5::uuid)`),
};

/** Nobody pages further; what is this unlike a query is noise. */
export const MAX_PEOPLE = 1000;

/** Values: limit, offset, licences, query. Best first: beginnings, then names that are like it (`core.search_people`). */
export const SEARCH_PEOPLE = statement(
  'catalogue.people.search',
  `/* listPeople */
with page as (
  select p.*, row_number() over (order by f.score desc, p.full_name ${PEOPLE_ORDER}, p.id) as place
  from core.search_people($4::text, ${MAX_PEOPLE}) f join core.people p on p.id = f.person_id
  where ${isVisiblePerson('$3')}
  order by place limit $1::int + 1 offset $2::int
), p as (
  select g.*, g.place - $2::int as n from page g
)
select coalesce(json_agg(${personObject('$3')} order by p.n) filter (where p.n <= $1::int), '[]'::json)::text as body,
  count(*) > $1::int as more
from p`,
  { body: 'text', more: 'bool' },
);

const SHOW = {
  show_id: 's.id',
  show_name: 's.name',
  show_slug: '(select g.slug from core.show_slugs g where g.show_id = s.id and g.is_current)',
};

/** Seasons are judged one by one by who states them; which episodes, by who states those. */
const SEASONS = publishedArray('a', 'seasons', '$2');
const EPISODES_SHOWN = `coalesce(coalesce(a.provenance -> 'imdb_episode_title_ids', a.provenance -> 'seasons') ->> 'licence' = any($2::text[]), true)`;

/** Sources list episodes by their own ids; whichever lists more. */
const EPISODE_COUNT = `case when ${EPISODES_SHOWN} then nullif(greatest(a.total_episodes, cardinality(a.tmdb_episode_ids)), 0) end`;

/** Values: person id, licences. Shows by premiere, the newest first. `[]` for an unknown person: `known` tells. */
export const CREDITS = statement(
  'catalogue.people.credits',
  `/* listCredits */ select coalesce((select json_agg(${jsonObject({
    id: 'c.id',
    ...SHOW,
    premiere_date: published('s', 'premiere_date', '$2'),
    credit_category: 'c.credit_category',
    role: published('c', 'role', '$2'),
    billing_order: published('c', 'billing_order', '$2'),
    episode_count: EPISODE_COUNT,
    seasons: jsonArray(SEASONS),
  })} order by s.premiere_date desc nulls last, s.name ${PEOPLE_ORDER}, c.credit_category, c.id)
    from (select * from core.show_cast where person_id = p.id and retired_at is null limit 1000) c
    join core.shows s on s.id = c.show_id
    left join core.episode_appearances a on a.show_id = c.show_id and a.person_id = c.person_id
    where ${licensed('c', 'credit_category', '$2')} and ${isVisible('$2')}), '[]'::json)::text as body
from core.people p where p.id = $1::uuid and ${isVisiblePerson('$2')}`,
  { body: 'text' },
);

/** Values: person id, licences. */
export const APPEARANCES = statement(
  'catalogue.people.appearances',
  `/* listAppearances */ select coalesce((select json_agg(${jsonObject({
    ...SHOW,
    seasons: jsonArray(SEASONS),
    total_episodes: EPISODE_COUNT,
    episodes: `coalesce((select json_agg(${jsonObject({
      id: 'e.id',
      season_number: 'e.season_number',
      episode_number: 'e.episode_number',
      title: published('e', 'title', '$2'),
      air_date: published('e', 'air_date', '$2'),
    })} order by e.season_number, e.episode_number)
        from core.episodes e where e.show_id = a.show_id and e.retired_at is null and ${EPISODES_SHOWN}
          and (e.imdb_episode_id = any (a.imdb_episode_title_ids) or e.tmdb_episode_id = any (a.tmdb_episode_ids))), '[]'::json)`,
  })} order by s.name ${PEOPLE_ORDER}, s.id)
    from (select * from core.episode_appearances where person_id = p.id limit 1000) a
    join core.shows s on s.id = a.show_id
    where (${EPISODES_SHOWN} or cardinality(${SEASONS}) > 0) and ${isVisible('$2')}), '[]'::json)::text as body
from core.people p where p.id = $1::uuid and ${isVisiblePerson('$2')}`,
  { body: 'text' },
);

/** Values: person id, licences, base of hosted images or null. Ours first. */
export const PHOTOS = statement(
  'catalogue.people.photos',
  `/* listPhotos */ select coalesce((select json_agg(${jsonObject({
    id: 'o.id',
    source: 'o.source',
    ...photoMembers,
    thumb_url: 'o.thumb_url',
    width: 'o.width',
    height: 'o.height',
    caption: 'o.caption',
    context_type: 'o.context_type',
    season: 'o.season',
    lookalike_of: 'o.lookalike_of',
  })} order by o.place)
    from core.published_photos(p.id, $2::text[], $3) with ordinality as
      o (id, source, url, thumb_url, hosted_url, width, height, caption, context_type, season, source_page_url, licence, fetched_at, picture, lookalike_of, place)
    ), '[]'::json)::text as body
from core.people p where p.id = $1::uuid and ${isVisiblePerson('$2')}`,
  { body: 'text' },
);
