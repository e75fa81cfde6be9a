import { defined, field, intLike, isObject, type JsonObject, text } from '../../read.ts';

/** Every id TMDb knows of a show, season or person; absent when the payload does not speak about it. */
export interface TmdbExternalIds {
  readonly imdb?: string | null;
  readonly tvdb?: number | null;
  readonly tvrage?: number | null;
  readonly wikidata?: string | null;
  readonly facebook?: string | null;
  readonly instagram?: string | null;
  readonly twitter?: string | null;
  readonly tiktok?: string | null;
  readonly youtube?: string | null;
  readonly freebase?: string | null;
  readonly freebaseMid?: string | null;
}

/** An `external_ids` block or payload; undefined when it is not an object. */
export function readExternalIds(block: unknown): TmdbExternalIds | undefined {
  if (!isObject(block)) return undefined;
  return defined({
    imdb: field(block, 'imdb_id', text),
    tvdb: positive(block, 'tvdb_id'),
    tvrage: positive(block, 'tvrage_id'),
    wikidata: field(block, 'wikidata_id', text),
    facebook: field(block, 'facebook_id', text),
    instagram: field(block, 'instagram_id', text),
    twitter: field(block, 'twitter_id', text),
    tiktok: field(block, 'tiktok_id', text),
    youtube: field(block, 'youtube_id', text),
    freebase: field(block, 'freebase_id', text),
    freebaseMid: field(block, 'freebase_mid', text),
  });
}

/** TMDb writes 0 where it means none. */
function positive(block: JsonObject, key: string): number | null | undefined {
  const value = field(block, key, intLike);
  return typeof value === 'number' && value <= 0 ? null : value;
}
