import Type from 'typebox';
import { Uuid } from '../platform/http/schemas.ts';

/** A show in a path: its uuid, or a slug it has or had (S4). */
export const ShowParams = Type.Object({
  id: Type.String({ format: 'uuid-or-slug', description: 'UUID of the show, or its slug' }),
});

export const PersonParams = Type.Object({ person_id: Uuid() });

/** `$1`, `$2` of `SHOW_ID`: exactly one is set. */
export function showReference(id: string): readonly [uuid: string | null, slug: string | null] {
  return /^[0-9a-f-]{32,36}$/i.test(id) && id.replaceAll('-', '').length === 32 ? [id, null] : [null, id];
}

/** What every service of this room needs besides the database. */
export interface CatalogueOptions {
  /** Licence tags that may be shown (`TRR_PUBLISH_LICENCES`). */
  readonly licences: readonly string[];
  /** Where hosted images are served from (`AWS_CDN_BASE_URL`), without a slash at its end; null: as it was stored with each image. */
  readonly mediaBaseUrl: string | null;
}

/** At most so many rows of a list come along with `?include=`; the list's own route has them all. */
export const MOST_INCLUDED = 100;
