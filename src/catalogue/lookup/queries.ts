import { statement } from '../../platform/db/statement.ts';
import { isVisiblePerson } from '../people/queries.ts';
import { isVisible } from '../shows/answer.ts';
import { licensed } from '../sql.ts';

const SLUG = '(select g.slug from core.show_slugs g where g.show_id = s.id and g.is_current)';
const shows = (condition: string) =>
  `select 1 as rank, 'show' as type, s.id, s.name, s.id as show_id, ${SLUG} as slug from core.shows s where ${condition} and ${isVisible('$3')}`;
const seasons = (condition: string) =>
  `select 2, 'season', t.id, coalesce(t.name, 'Season ' || t.season_number), s.id, ${SLUG}
  from core.seasons t join core.shows s on s.id = t.show_id where ${condition} and t.retired_at is null and ${isVisible('$3')}`;
const episodes = (condition: string) =>
  `select 3, 'episode', e.id, case when ${licensed('e', 'title', '$3')} then e.title end, s.id, ${SLUG}
  from core.episodes e join core.shows s on s.id = e.show_id where ${condition} and e.retired_at is null and ${isVisible('$3')}`;
const people = (condition: string) =>
  `select 4, 'person', p.id, p.full_name, null::uuid, null from core.people p where ${condition} and ${isVisiblePerson('$3')}`;
/** `core.external_ids` holds what has no column, and the ids of what was merged into something. */
const others = (entity: 'show' | 'season' | 'episode' | 'person', alias: string) =>
  `${alias}.id = (select x.${entity}_id from core.external_ids x
    where x.scheme = $1::text and x.value = $2::text and x.${entity}_id is not null and ${licensed('x', 'value', '$3')} limit 1)`;
const OTHERS = [
  shows(others('show', 's')),
  seasons(others('season', 't')),
  episodes(others('episode', 'e')),
  people(others('person', 'p')),
];

function lookup(scheme: string, columns: readonly string[]) {
  return statement(
    `catalogue.lookup.${scheme}`,
    `/* lookup */ select json_build_object('type', f.type, 'id', f.id, 'name', f.name, 'show_id', f.show_id, 'show_slug', f.slug)::text as body
from (
${[...columns, ...OTHERS].join('\nunion all\n')}
) f where $4::text is null or f.type = $4 order by f.rank limit 1`,
    { body: 'text' },
  );
}

/** By scheme. Values: scheme, id, licences, type or null. Typed columns first; each part is an index lookup. */
export const LOOKUP = {
  imdb: lookup('imdb', [
    shows('s.imdb_id = $2::text'),
    episodes('e.imdb_episode_id = $2::text'),
    people(`p.external_ids ->> 'imdb' = $2::text`),
  ]),
  tmdb: lookup('tmdb', [
    shows('s.tmdb_id = $2::text::int'),
    seasons('t.tmdb_season_id = $2::text::int'),
    episodes('e.tmdb_episode_id = $2::text::int'),
    people(`p.external_ids ->> 'tmdb' = $2::text`),
  ]),
  tvdb: lookup('tvdb', [shows('s.tvdb_id = $2::text::int'), seasons('t.external_tvdb_id = $2::text::int')]),
  wikidata: lookup('wikidata', [shows('s.wikidata_id = $2::text'), seasons('t.external_wikidata_id = $2::text')]),
} as const;
