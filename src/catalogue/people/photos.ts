import type { PersonPhotoFacts, ProfileFacts } from '../../platform/facts.ts';
import type { WikiPhotoFacts } from '../../platform/wiki-facts.ts';
import { TMDB_IMAGE_BASE } from '../images/merge.ts';
import type { RowRules, RowValues } from '../provenance/merge-row.ts';
import { sameValue } from '../provenance/same-value.ts';

/** A picture of a person as a source has it; one row of `core.cast_photos`. */
export interface PhotoFacts {
  /** The table's word for the source: `tmdb`, `imdb`, `fandom`. */
  readonly source: string;
  /** The picture's identity at the source. */
  readonly sourceImageId: string;
  /** Its address without size and version; null where the source has no such address. */
  readonly canonicalUrl: string | null;
  readonly licence: string;
  readonly url: string;
  readonly width: number | null;
  readonly height: number | null;
  /** The other columns; absent ones are not spoken about. */
  readonly values: RowValues;
  readonly metadata: RowValues;
}

/** Sources that speak about the same picture again speak of their own row, so it follows them; sizes follow `photoValues`. */
export const PHOTO_RULES: RowRules = Object.fromEntries(
  [
    'imdb_person_id',
    'viewer_id',
    'mediaindex_url_path',
    'mediaviewer_url_path',
    'url',
    'url_path',
    'image_url',
    'image_url_canonical',
    'thumb_url',
    'file_name',
    'alt_text',
    'width',
    'height',
    'caption',
    'gallery_index',
    'gallery_total',
    'people_imdb_ids',
    'people_names',
    'title_imdb_ids',
    'title_names',
    'context_section',
    'context_type',
    'season',
    'position',
    'source_page_url',
    'metadata',
  ].map((column) => [column, 'mirror' as const]),
);

export interface StoredPhoto {
  readonly url: string;
  readonly image_url_canonical: string | null;
  readonly width: number | null;
  readonly height: number | null;
  readonly metadata: unknown;
}

/**
 * Columns of `core.cast_photos` (`spec/media.md` 10.6). Of two sizes of one picture the wider one keeps addresses, width and height together; an
 * unknown size takes nothing from a known one; metadata is united key by key, the newer word first. What a source leaves out stays.
 */
export function photoValues(facts: PhotoFacts, stored: StoredPhoto | null): RowValues {
  const known = stored !== null && stored.width !== null && stored.width > 0;
  const wider = !known || (facts.width ?? 0) >= (stored.width ?? 0);
  const path = pathOf(facts.url);
  const size = wider
    ? {
        url: facts.url,
        image_url: facts.url,
        url_path: path,
        width: facts.width ?? undefined,
        height: facts.height ?? undefined,
      }
    : {};
  const before = isRecord(stored?.metadata) ? stored.metadata : {};
  const metadata = { ...before, ...withoutNothing(facts.metadata) };
  return {
    ...withoutNothing(facts.values),
    image_url_canonical: wider
      ? (facts.canonicalUrl ?? undefined)
      : (stored.image_url_canonical ?? facts.canonicalUrl ?? undefined),
    ...size,
    metadata: sameValue(metadata, before) ? undefined : metadata,
  };
}

function pathOf(url: string): string {
  if (!URL.canParse(url)) return url;
  const { pathname, search } = new URL(url);
  return `${pathname}${search}`;
}

/** Nothing said leaves what is stored (`spec/media.md` 10.6). */
function withoutNothing(values: RowValues): RowValues {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value != null));
}

function isRecord(value: unknown): value is RowValues {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** TMDb's pictures of a person in its order (`spec/media.md` 10.5). */
export function tmdbPhotos(profile: ProfileFacts, limit: number): PhotoFacts[] {
  const pictures = (profile.pictures ?? []).slice(0, limit === 0 ? undefined : limit);
  return pictures.map((picture, index) => ({
    ...tmdbPhoto(picture.filePath, profile.tmdbId),
    width: picture.width,
    height: picture.height,
    values: { position: index + 1, gallery_index: index + 1, gallery_total: pictures.length },
    metadata: {
      tmdb_person_id: profile.tmdbId,
      aspect_ratio: picture.aspectRatio,
      vote_average: picture.voteAverage,
      vote_count: picture.voteCount,
      iso_639_1: picture.language,
    },
  }));
}

/** The one picture that a credit at TMDb names. */
export function tmdbPhoto(filePath: string, tmdbPersonId: number | undefined): PhotoFacts {
  const url = TMDB_IMAGE_BASE + filePath;
  return {
    source: 'tmdb',
    sourceImageId: filePath,
    canonicalUrl: url,
    licence: 'tmdb',
    url,
    width: null,
    height: null,
    values: { position: 1 },
    metadata: { tmdb_person_id: tmdbPersonId },
  };
}

/** A picture out of somebody's gallery at IMDb: described and linked, never copied without a licence. */
export function imdbPhoto(photo: PersonPhotoFacts): PhotoFacts {
  const { people, titles } = photo;
  return {
    source: 'imdb',
    sourceImageId: photo.sourceImageId,
    canonicalUrl: photo.url.split('?')[0] ?? photo.url,
    licence: 'imdb',
    url: photo.url,
    width: photo.width,
    height: photo.height,
    values: {
      imdb_person_id: photo.personId,
      viewer_id: photo.viewerId,
      mediaindex_url_path: photo.galleryPath,
      mediaviewer_url_path: photo.viewerPath,
      caption: photo.caption,
      gallery_index: photo.galleryIndex,
      gallery_total: photo.galleryTotal,
      position: photo.position,
      people_imdb_ids: people?.map(({ id }) => id),
      people_names: people?.map(({ name }) => name ?? ''),
      title_imdb_ids: titles?.map(({ id }) => id),
      title_names: titles?.map(({ name }) => name ?? ''),
      source_page_url: photo.pageUrl,
    },
    metadata: {
      type: photo.type,
      copyright: photo.copyright,
      created_by: photo.createdBy,
      attribution: photo.attribution?.text,
      attribution_url: photo.attribution?.url,
    },
  };
}

/** A picture on a wiki's page about the person, or in their gallery there. */
export function wikiPhoto(photo: WikiPhotoFacts): PhotoFacts {
  return {
    source: 'fandom',
    sourceImageId: photo.identity,
    canonicalUrl: photo.canonicalUrl,
    licence: photo.origin.licence,
    url: photo.imageUrl,
    width: photo.width,
    height: photo.height,
    values: {
      thumb_url: photo.thumbUrl,
      file_name: photo.fileName,
      alt_text: photo.altText,
      caption: photo.caption ?? photo.altText,
      context_section: photo.section,
      context_type: photo.type,
      season: photo.season,
      position: photo.position,
      source_page_url: photo.origin.pageUrl,
    },
    metadata: {
      revision_id: photo.origin.revisionId === null ? null : String(photo.origin.revisionId),
      permalink: photo.origin.permalink,
      attribution: photo.origin.attribution,
      version: photo.version,
      mime_type: photo.mimeType,
      sha1: photo.sha1,
      uploaded_at: photo.uploadedAt,
      uploader: photo.uploader,
    },
  };
}
