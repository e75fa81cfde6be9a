import Type from 'typebox';
import { Cursor, Nullable, Timestamp, Uuid } from '../../platform/http/schemas.ts';
import { copySchema, rightsSchema } from './picture.ts';

export const IMAGE_KINDS = ['poster', 'backdrop', 'logo'];

/** The predecessor sent all images at once: a page holds what any but the largest shows have. */
export const ImagesPageQuery = Type.Object({
  limit: Type.Integer({ minimum: 1, maximum: 500, default: 500, description: 'At most this many images' }),
  cursor: Cursor,
});

export const ImagesQuery = Type.Object({
  ...ImagesPageQuery.properties,
  kind: Type.Optional(Type.Enum(['poster', 'backdrop', 'logo'], { description: 'Only images of this kind' })),
});

const members = {
  id: Uuid(),
  show_id: Uuid(),
  tmdb_id: Nullable(Type.Integer()),
  show_name: Type.String(),
  source: Type.String(),
  kind: Type.String(),
  iso_639_1: Nullable(Type.String()),
  file_path: Nullable(Type.String()),
  url_original: Nullable(Type.String()),
  width: Nullable(Type.Integer()),
  height: Nullable(Type.Integer()),
  aspect_ratio: Nullable(Type.Number()),
  fetched_at: Timestamp(),
  url: Type.String({ description: 'Our copy when there is one, else the source' }),
  hosted_url: Nullable(Type.String()),
  ...copySchema,
  ...rightsSchema,
};
export const Image = Type.Object(members, { additionalProperties: false });
export const SeasonImage = Type.Object({ ...members, season_number: Type.Integer() }, { additionalProperties: false });
