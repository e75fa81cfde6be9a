import { statement } from '../../platform/db/statement.ts';
import type { Database } from '../../platform/db/types.ts';
import type { PublicAnswer } from '../../platform/http/public-answer.ts';
import { copyMembers, copyOnce, pictureOf, tmdbRights } from '../images/picture.ts';
import type { CatalogueOptions } from '../params.ts';
import { hostedUrl, jsonObject, licensed } from '../sql.ts';

const HOSTED = hostedUrl('i', '$3');

/** Values: shows, licences, base of hosted images or null. One poster of each show that has one: the primary, else one of ours. */
const POSTERS = statement(
  'catalogue.shows.posters',
  `/* listShows */ select coalesce(json_object_agg(s.id, ${jsonObject({
    url: `coalesce(${HOSTED}, i.url_original, i.url)`,
    hosted_url: HOSTED,
    ...copyMembers('k.picture'),
    ...tmdbRights('i', 'url', "'https://www.themoviedb.org/tv/' || i.tmdb_id || '/images/posters'"),
  })}), '{}'::json)::text as body
from core.shows s
cross join lateral (
  select i.* from core.show_images i
  where i.show_id = s.id and i.kind = 'poster' and i.source = 'tmdb' and i.retired_at is null and i.archived_at is null
    and ${licensed('i', 'url', '$2')}
  order by i.id = s.primary_poster_image_id desc nulls last, i.hosted_key is null, i.source_image_id collate "C", i.id limit 1
) i
cross join lateral ${copyOnce(pictureOf('i', '$3'))}
where s.id = any($1::uuid[])`,
  { body: 'text' },
);

/** A page of shows with each one's poster, for `?include=images`. */
export async function withPosters(
  db: Database,
  { licences, mediaBaseUrl }: CatalogueOptions,
  page: PublicAnswer,
): Promise<PublicAnswer> {
  const shows = JSON.parse(page.body) as { readonly id: string }[];
  const ids = shows.map(({ id }) => id);
  const row = await db.public.one(POSTERS, [ids, licences, mediaBaseUrl]);
  const posters = JSON.parse(row?.body ?? '{}') as Readonly<Record<string, unknown>>;
  return { ...page, body: JSON.stringify(shows.map((show) => ({ ...show, poster: posters[show.id] ?? null }))) };
}
