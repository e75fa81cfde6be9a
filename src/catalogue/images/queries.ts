import { statement } from '../../platform/db/statement.ts';
import { ATTRIBUTIONS } from '../attributions.ts';
import { isVisible } from '../shows/answer.ts';
import { jsonObject, licensed, SHOW_ID } from '../sql.ts';

const image = jsonObject({
  id: 'i.id',
  show_id: 'i.show_id',
  tmdb_id: 'i.tmdb_id',
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
  url: 'coalesce(i.hosted_url, i.url_original, i.url)',
  hosted_url: 'i.hosted_url',
  attribution: `'${ATTRIBUTIONS['tmdb']?.text ?? ''}'`,
});

/**
 * Values: uuid or null, slug or null, licences, kinds. TMDb's images with the show's TMDb id (S10): an image says more about its
 * series than about the row it was stored under. No row: the show is unknown.
 */
export const LIST_IMAGES = statement(
  'catalogue.images.list',
  `/* listImages */ select coalesce((select json_agg(${image} order by i.kind, i.position nulls last, i.source_image_id collate "C", i.id)
    from core.show_images i
    where i.tmdb_id = s.tmdb_id and i.source = 'tmdb' and i.kind = any($4::text[]) and i.retired_at is null
      and ${licensed('i', 'url', '$3')}), '[]'::json)::text as body
from core.shows s where s.id = ${SHOW_ID} and ${isVisible('$3')}`,
  { body: 'text' },
);
