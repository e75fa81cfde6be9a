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

/**
 * Values: uuid or null, slug or null, licences, kinds, base of hosted images or null. TMDb's images with the show's TMDb id (S10): an image
 * says more about its series than about the row it was stored under. No row: the show is unknown.
 */
function imagesStatement(name: string, most?: number) {
  const images = `core.show_images i ${most === undefined ? COPY : ''}
    where i.tmdb_id = s.tmdb_id and i.source = 'tmdb' and i.kind = any($4::text[]) and i.retired_at is null and i.archived_at is null
      and ${licensed('i', 'url', '$3')}`;
  const from =
    most === undefined
      ? images
      : `core.show_images i ${COPY} where i.id in (select i.id from ${images} order by ${IMAGE_ORDER} limit ${most})`;
  return statement(
    `catalogue.images.${name}`,
    `/* listImages */ select coalesce((select json_agg(${image} order by ${IMAGE_ORDER}) from ${from}), '[]'::json)::text as body
from core.shows s where s.id = ${SHOW_ID} and ${isVisible('$3')}`,
    { body: 'text' },
  );
}

export const LIST_IMAGES = imagesStatement('list');
/** As `LIST_IMAGES`, for `?include=images`. */
export const INCLUDED_IMAGES = imagesStatement('included', MOST_INCLUDED);

/** Values: uuid or null, slug or null, licences, season number, base of hosted images or null. Ours first. No row: the season is unknown. */
export const LIST_SEASON_IMAGES = statement(
  'catalogue.images.season',
  `/* listSeasonImages */ select coalesce((select json_agg(${seasonImage}
      order by ${HOSTED} is null, i.kind, i.iso_639_1 nulls first, i.file_path collate "C", i.id)
    from core.season_images i ${COPY}
    where i.season_id = t.id and i.retired_at is null and i.archived_at is null and ${licensed('i', 'file_path', '$3')}
      and coalesce(${HOSTED}, i.url_original) is not null), '[]'::json)::text as body
from core.seasons t join core.shows s on s.id = t.show_id
where t.show_id = ${SHOW_ID} and t.season_number = $4::int and t.retired_at is null and ${isVisible('$3')}`,
  { body: 'text' },
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
