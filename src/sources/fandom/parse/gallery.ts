import { normalName, sameName, splitTitle } from '../names.ts';
import { readDocument } from './document.ts';
import { outlineOf } from './outline.ts';
import type { PageOptions } from './page.ts';
import type { PageFacts } from './person.ts';
import { type LeftOutReason, type PagePhoto, readPhotos } from './photos.ts';
import { lacksLayout, type PageResult, read } from './result.ts';

export interface GalleryPage {
  readonly page: PageFacts;
  readonly photos: readonly PagePhoto[];
  readonly leftOut: Readonly<Partial<Record<LeftOutReason, number>>>;
}

/**
 * A gallery page, or any page with pictures (`spec/sources-fandom.md` 5). Must find an article with at least one picture, be it one that is left
 * out: a gallery in which nothing is recognised has changed its markup.
 */
export function parseGallery(body: Uint8Array, { store, title: known }: PageOptions = {}): PageResult<GalleryPage> {
  const document = readDocument(body, known);
  if (!document.ok) return document;
  const { title, pageId, revisionId, url, redirects, categories, article } = document.value;
  const outline = outlineOf(article);
  const { photos, leftOut } = readPhotos(outline, {
    title,
    rows: new Map(),
    ...(store === undefined ? {} : { store }),
  });
  if (photos.length === 0 && Object.keys(leftOut).length === 0) return lacksLayout('pictures of the wiki');
  return read({ page: { title, pageId, revisionId, url, redirects, categories }, photos, leftOut });
}

/**
 * The pictures of one person: all of a page that is theirs (`Name/Gallery`); on any other page those whose caption names them (weakness 17).
 */
export function photosOfPerson(gallery: GalleryPage, names: readonly string[]): GalleryPage {
  const owner = gallery.page.title === null ? null : splitTitle(gallery.page.title.split('/')[0] ?? '').name;
  if (owner === null || names.some((name) => sameName(splitTitle(name).name, owner))) return gallery;
  const photos = gallery.photos.filter(({ caption, altText }) =>
    names.some((name) => mentions(caption ?? altText ?? '', name)),
  );
  const unnamed = gallery.photos.length - photos.length;
  return { ...gallery, photos, leftOut: unnamed === 0 ? gallery.leftOut : { ...gallery.leftOut, not_named: unnamed } };
}

/** Whether a text has the name in it, word by word. */
export function mentions(text: string, name: string): boolean {
  const wanted = normalName(splitTitle(name).name);
  return wanted !== '' && ` ${normalName(text)} `.includes(` ${wanted} `);
}
