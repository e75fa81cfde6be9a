import {
  decimal,
  distinctBy,
  integer,
  isObject,
  type JsonObject,
  lacking,
  type Parsed,
  parsed,
  readAll,
  readObject,
  text,
} from '../../read.ts';

export interface TmdbImage {
  readonly filePath: string;
  readonly language: string | null;
  readonly width: number | null;
  readonly height: number | null;
  /** As given, else width / height, else null. */
  readonly aspectRatio: number | null;
  readonly voteAverage: number | null;
  readonly voteCount: number | null;
  readonly raw: JsonObject;
}

export const IMAGE_KINDS = ['posters', 'backdrops', 'logos', 'stills', 'profiles'] as const;
export type TmdbImageKind = (typeof IMAGE_KINDS)[number];

/** Images by kind; a kind the payload does not list is absent. Distinct by path, best first (profiles: the source's order). */
export type TmdbImages = { readonly [K in TmdbImageKind]?: readonly TmdbImage[] };

/** `/tv/{id}/images`, `/tv/{id}/season/{n}/images`, `/person/{id}/images`. Must find at least one list of images. */
export function parseImages(body: Uint8Array): Parsed<{ readonly id: number | null; readonly images: TmdbImages }> {
  const payload = readObject(body);
  if (!payload.ok) return payload;
  const images = readImages(payload.value);
  if (images === undefined) return lacking(`any of the lists ${IMAGE_KINDS.join(', ')}`);
  return parsed({ id: integer(payload.value['id']) ?? null, images });
}

/** The `images` block of a details payload; undefined when it is not one. */
export function readImages(block: unknown): TmdbImages | undefined {
  if (!isObject(block)) return undefined;
  const images: { [K in TmdbImageKind]?: readonly TmdbImage[] } = {};
  for (const kind of IMAGE_KINDS) {
    const items = readAll(block[kind], readImage);
    // Profiles keep the source's order, because their position is stored.
    if (items !== undefined) images[kind] = kind === 'profiles' ? distinctBy(items, pathOf) : bestFirst(items);
  }
  return Object.keys(images).length === 0 ? undefined : images;
}

function readImage(item: JsonObject): TmdbImage | undefined {
  const filePath = text(item['file_path']);
  // Paths become URLs and keys: nothing but one absolute path is taken.
  if (filePath === undefined || !/^\/[^/\s\\][^\s\\]*$/.test(filePath) || filePath.includes('..')) return undefined;
  const width = integer(item['width']) ?? null;
  const height = integer(item['height']) ?? null;
  const computed = width !== null && height !== null && height > 0 ? width / height : null;
  return {
    filePath,
    language: text(item['iso_639_1']) ?? null,
    width,
    height,
    aspectRatio: decimal(item['aspect_ratio']) ?? computed,
    voteAverage: decimal(item['vote_average']) ?? null,
    voteCount: integer(item['vote_count']) ?? null,
    raw: item,
  };
}

/** Order of 6.4: English, then no language, then others; more votes, better votes, path. One per path. */
function bestFirst(items: readonly TmdbImage[]): TmdbImage[] {
  return distinctBy([...items].sort(compareImages), pathOf);
}

function compareImages(a: TmdbImage, b: TmdbImage): number {
  return (
    languageBucket(a) - languageBucket(b) ||
    (b.voteCount ?? 0) - (a.voteCount ?? 0) ||
    (b.voteAverage ?? 0) - (a.voteAverage ?? 0) ||
    (a.filePath < b.filePath ? -1 : a.filePath > b.filePath ? 1 : 0)
  );
}

function languageBucket({ language }: TmdbImage): number {
  if (language === null) return 1;
  return language.toLowerCase().startsWith('en') ? 0 : 2;
}

function pathOf(image: TmdbImage): string {
  return image.filePath;
}
