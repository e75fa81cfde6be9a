import { statement } from '../../platform/db/statement.ts';
import { MOST_INCLUDED } from '../params.ts';
import { isVisible } from '../shows/answer.ts';
import { hostedUrl, jsonObject, licensed, SHOW_ID } from '../sql.ts';
import { copyMembers, copyOnce, pictureOf, tmdbRights } from './picture.ts';

const HOSTED = hostedUrl('i', '$5');
const members = {
  id: 'i.id',
  show_id: 'i.show_id',
  show_name: 's.name',
  source: 'i.source',
  kind: 'i.kind',
  iso_639_1: 'i.iso_639_1',
  file_path: 'i.file_path',
  url_original: 'i.url_original',
  width: 'i.width',
  height: 'i.height',
  aspect_ratio: 'i.aspect_ratio::float8',
  fetched_at: 'i.fetched_at',
  hosted_url: HOSTED,
  ...copyMembers('k.picture'),
};
/** Our copy of each image `i`, looked up once. */
const COPY = `cross join lateral ${copyOnce(pictureOf('i', '$5'))}`;
const image = jsonObject({
  ...members,
  tmdb_id: 'i.tmdb_id',
  url: `coalesce(${HOSTED}, i.url_original, i.url)`,
  ...tmdbRights('i', 'url', "'https://www.themoviedb.org/tv/' || i.tmdb_id || '/images/' || i.kind || 's'"),
});
const seasonImage = jsonObject({
  ...members,
  tmdb_id: 'i.tmdb_series_id',
  season_number: 'i.season_number',
  url: `coalesce(${HOSTED}, i.url_original)`,
  ...tmdbRights(
    'i',
    'file_path',
    "'https://www.themoviedb.org/tv/' || i.tmdb_series_id || '/season/' || i.season_number || '/images/posters'",
  ),
});

/** Ours first, then by kind as TMDb orders them. */
const IMAGE_ORDER = `${HOSTED} is null, i.kind, i.position nulls last, i.source_image_id collate "C", i.id`;

/** TMDb's images with the show's TMDb id (S10): an image says more about its series than about the row it was stored under. */
const OF_SHOW = `core.show_images i
    where i.tmdb_id = s.tmdb_id and i.source = 'tmdb' and i.kind = any($4::text[]) and i.retired_at is null and i.archived_at is null
      and ${licensed('i', 'url', '$3')}`;

/** A page of images: `$6` of them behind the place `$7`. One more is looked for, to know whether there are more. */
function pageOf(images: string, order: string, table: string, members: string): string {
  return `lateral (
  select coalesce(json_agg(${members} order by g.place) filter (where g.place <= $7::int + $6::int), '[]'::json)::text as body,
    count(*) > $6::int as more
  from (select i.id, row_number() over (order by ${order}) as place from ${images} order by place limit $6::int + 1 offset $7::int) g
  join ${table} i on i.id = g.id ${COPY}) p`;
}

/** Values: uuid or null, slug or null, licences, kinds, base of hosted images or null, limit, place. No row: the show is unknown. */
export const LIST_IMAGES = statement(
  'catalogue.images.list',
  `/* listImages */ select p.body, p.more
from core.shows s cross join ${pageOf(OF_SHOW, IMAGE_ORDER, 'core.show_images', image)}
where s.id = ${SHOW_ID} and ${isVisible('$3')}`,
  { body: 'text', more: 'bool' },
);

/** The first of them, for `?include=images`. Values: uuid or null, slug or null, licences, kinds, base of hosted images or null. */
export const INCLUDED_IMAGES = statement(
  'catalogue.images.included',
  `/* listImages */ select coalesce((select json_agg(${image} order by ${IMAGE_ORDER}) from core.show_images i ${COPY}
    where i.id in (select i.id from ${OF_SHOW} order by ${IMAGE_ORDER} limit ${MOST_INCLUDED})), '[]'::json)::text as body
from core.shows s where s.id = ${SHOW_ID} and ${isVisible('$3')}`,
  { body: 'text' },
);

const OF_SEASON = `core.season_images i
    where i.season_id = t.id and i.retired_at is null and i.archived_at is null and ${licensed('i', 'file_path', '$3')}
      and coalesce(${HOSTED}, i.url_original) is not null`;
const SEASON_ORDER = `${HOSTED} is null, i.kind, i.iso_639_1 nulls first, i.file_path collate "C", i.id`;

/**
 * Values: uuid or null, slug or null, licences, season number, base of hosted images or null, limit, place. Ours first. No row: the season is
 * unknown.
 */
export const LIST_SEASON_IMAGES = statement(
  'catalogue.images.season',
  `/* listSeasonImages */ select p.body, p.more
from core.seasons t join core.shows s on s.id = t.show_id
cross join ${pageOf(OF_SEASON, SEASON_ORDER, 'core.season_images', seasonImage)}
where t.show_id = ${SHOW_ID} and t.season_number = $4::int and t.retired_at is null and ${isVisible('$3')}`,
  { body: 'text', more: 'bool' },
);

/** Values: kind, image, archived, reason or null. Null: there is no such image. */
export const SET_ARCHIVED = statement(
  'catalogue.images.setArchived',
  '/* setImageArchived */ select core.set_image_archived($1, $2::uuid, $3, $4) as changed',
  { changed: 'bool?' },
);

/** Values: photo, person, reason or null. Null: there is no such photo. */
export const REASSIGN_PHOTO = statement(
  'catalogue.images.reassign',
  '/* reassignPhoto */ select core.reassign_cast_photo($1::uuid, $2::uuid, $3) as id',
  { id: 'uuid?' },
);
