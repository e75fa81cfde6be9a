import type { ImageFacts, ImageKind } from '../../platform/facts.ts';
import type { RowRules, RowValues } from '../provenance/merge-row.ts';

/** Where original-size TMDb images are; rows keep this address whatever host serves them here (`spec/sources-tmdb.md` 1). */
export const TMDB_IMAGE_BASE = 'https://image.tmdb.org/t/p/original';

export const SHOW_IMAGE_RULES: RowRules = {
  tmdb_id: 'mirror',
  image_type: 'mirror',
  iso_639_1: 'mirror',
  url: 'mirror',
  url_path: 'mirror',
  width: 'mirror',
  height: 'mirror',
  aspect_ratio: 'mirror',
  metadata: 'mirror',
  fetch_method: 'mirror',
};

export const SEASON_IMAGE_RULES: RowRules = {
  iso_639_1: 'mirror',
  width: 'mirror',
  height: 'mirror',
  aspect_ratio: 'mirror',
};

export interface StoredSize {
  readonly url: string;
  readonly width: number | null;
  readonly height: number | null;
}

/**
 * Columns of `core.show_images` from TMDb. Of two sizes of one picture the wider one keeps address, width and height
 * together; an unknown size never replaces a known one (`spec/media.md` 10.3).
 */
export function showImageValues(facts: ImageFacts, tmdbId: number, stored: StoredSize | null): RowValues {
  const wider = stored === null || stored.width === null || stored.width === 0 || (facts.width ?? 0) >= stored.width;
  const size = wider
    ? { url: TMDB_IMAGE_BASE + facts.filePath, width: facts.width ?? 0, height: facts.height ?? 0 }
    : {};
  return {
    tmdb_id: tmdbId,
    image_type: facts.kind,
    iso_639_1: facts.language,
    url_path: facts.filePath,
    ...size,
    aspect_ratio: aspectRatio(facts),
    metadata: facts.raw ?? undefined,
    fetch_method: 'tmdb_images_api',
  };
}

export function seasonImageValues(facts: ImageFacts): RowValues {
  return { iso_639_1: facts.language, width: facts.width, height: facts.height, aspect_ratio: aspectRatio(facts) };
}

/** As given, else width / height, else 0. */
export function aspectRatio(facts: Pick<ImageFacts, 'aspectRatio' | 'width' | 'height'>): number {
  if (facts.aspectRatio !== null) return facts.aspectRatio;
  return facts.width && facts.height ? facts.width / facts.height : 0;
}

/**
 * Best first: English, then without language, then others; more votes, better votes, path (`spec/sources-tmdb.md` 6.4).
 */
export function compareImages(a: ImageFacts, b: ImageFacts): number {
  return (
    languageBucket(a.language) - languageBucket(b.language) ||
    (b.voteCount ?? 0) - (a.voteCount ?? 0) ||
    (b.voteAverage ?? 0) - (a.voteAverage ?? 0) ||
    (a.filePath === b.filePath ? 0 : a.filePath < b.filePath ? -1 : 1)
  );
}

function languageBucket(language: string | null): number {
  if (language === null || language.trim() === '') return 1;
  return language.toLowerCase().startsWith('en') ? 0 : 2;
}

export const IMAGE_KINDS: readonly ImageKind[] = ['poster', 'backdrop', 'logo'];

/** One image per kind and path, the best of repeated ones; kinds in order, best first within a kind. */
export function distinctImages(images: readonly ImageFacts[]): ImageFacts[] {
  return IMAGE_KINDS.flatMap((kind) => {
    const best = new Map<string, ImageFacts>();
    for (const image of images.filter((item) => item.kind === kind).sort(compareImages)) {
      if (image.filePath.trim() !== '' && !best.has(image.filePath)) best.set(image.filePath, image);
    }
    return [...best.values()];
  });
}
