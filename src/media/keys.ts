/** Names of stored files (`spec/media.md` 3). New files are named by their content; the older templates stay valid as aliases. */

/** What a key may look like at all: nothing that climbs, hides or needs escaping in an address. */
export const KEY_PATTERN = /^images(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*)+\.[a-z0-9]{1,5}$/;

export function isKey(text: string): boolean {
  return text.length <= 500 && KEY_PATTERN.test(text);
}

/** Where a file is kept: once, whoever refers to it (C5). `extension` with the dot. */
export function objectKey(sha256: string, extension: string): string {
  return `images/sha256/${sha256.slice(0, 2)}/${sha256}${extension}`;
}

/** A smaller version of it. */
export function variantKey(sha256: string, width: number, format: 'webp' | 'avif'): string {
  return `images/sha256/${sha256.slice(0, 2)}/${sha256}-${width}.${format}`;
}

/** The content a key of ours or of the older templates names; undefined when it names none. */
export function hashOfKey(key: string): string | undefined {
  return /\/([0-9a-f]{64})(?:-\d+)?\.[a-z0-9]{1,5}$/.exec(key)?.[1];
}

/** What an older key is made of. */
export interface ImageIdentity {
  readonly table: ImageTable;
  /** IMDb id, else ours, of the person, show or episode; the number of a network, company or provider. */
  readonly owner: string;
  readonly source: string | null;
  readonly kind: string | null;
  readonly seasonNumber: number | null;
}

export const IMAGE_TABLES = [
  'cast_photos',
  'show_images',
  'season_images',
  'seasons',
  'episodes',
  'networks',
  'production_companies',
  'watch_providers',
] as const;
export type ImageTable = (typeof IMAGE_TABLES)[number];

export function isLogo(table: ImageTable): boolean {
  return table === 'networks' || table === 'production_companies' || table === 'watch_providers';
}

/**
 * The key an image has by the older templates; blank parts take the templates' defaults. Undefined when a part cannot stand in a key, or a
 * season's number is not known.
 * @param extension with the dot
 */
export function legacyKey(image: ImageIdentity, sha256: string, extension: string): string | undefined {
  if ([image.owner, image.source, image.kind].some((part) => part?.includes('/'))) return undefined;
  const or = (value: string | null, fallback: string) => (value === null || value.trim() === '' ? fallback : value);
  const key = ((): string | undefined => {
    switch (image.table) {
      case 'cast_photos':
        return `images/people/${image.owner}/photos/${or(image.source, 'fandom')}/${sha256}${extension}`;
      case 'show_images':
        return `images/shows/${image.owner}/${or(image.kind, 'media')}/${or(image.source, 'imdb')}/${sha256}${extension}`;
      case 'season_images':
      case 'seasons':
        if (image.seasonNumber === null) return undefined;
        return `images/seasons/${image.owner}/season-${image.seasonNumber}/${or(image.source, 'tmdb')}/${sha256}${extension}`;
      case 'episodes':
        return `images/episodes/${image.owner}/${or(image.source, 'tmdb')}/${sha256}${extension}`;
      default:
        return `images/logos/${image.table.replaceAll('_', '-')}/${image.owner}/${sha256}.png`;
    }
  })();
  return key !== undefined && isKey(key) ? key : undefined;
}
