import { createHash } from 'node:crypto';
import type { WikiLicence, WikiOrigin, WikiPersonFacts, WikiPhotoFacts } from '../../platform/wiki-facts.ts';
import { pageUrl, permalink } from './names.ts';
import type { FileRecord } from './parse/api.ts';
import type { GalleryPage } from './parse/gallery.ts';
import type { PageFacts, PersonPage } from './parse/person.ts';
import type { PagePhoto } from './parse/photos.ts';
import type { SeasonPage } from './parse/season.ts';
import type { WikiGallery, WikiSeason } from './source.ts';

/** The records of the files on a page, by underscored name. */
export type FileRecords = ReadonlyMap<string, FileRecord>;

/** Smaller originals are icons, whatever page shows them. */
const SMALLEST_ORIGINAL = 100;

/** Where a page is and how its text may be shown. */
export function originOf(wiki: string, page: PageFacts, asked: string): WikiOrigin {
  const pageTitle = page.title ?? asked;
  const { pageId, revisionId } = page;
  return {
    wiki,
    pageTitle,
    pageId,
    pageUrl: pageUrl(wiki, pageTitle),
    revisionId,
    permalink: revisionId === null ? null : permalink(wiki, pageTitle, revisionId),
    licence: 'cc-by-sa',
    attribution: `"${pageTitle}" at ${wiki} by its contributors, CC BY-SA 3.0, changed`,
  };
}

export function personFacts(wiki: string, asked: string, read: PersonPage, files: FileRecords): WikiPersonFacts {
  const origin = originOf(wiki, read.page, asked);
  const photos = photoFacts(origin, read.photos, files);
  return { ...read.person, origin, contentSha256: contentHash(read.person, photos), photos };
}

export function galleryFacts(wiki: string, asked: string, read: GalleryPage, files: FileRecords): WikiGallery {
  const origin = originOf(wiki, read.page, asked);
  const photos = photoFacts(origin, read.photos, files);
  const icons = read.photos.length - photos.length;
  const leftOut = icons === 0 ? read.leftOut : { ...read.leftOut, icon: (read.leftOut.icon ?? 0) + icons };
  return { origin, photos, leftOut };
}

export function seasonFacts(wiki: string, asked: string, read: SeasonPage, files: FileRecords): WikiSeason {
  const origin = originOf(wiki, read.page, asked);
  const cast = read.cast.map((card) => ({ ...card, photo: photoFacts(origin, [card.photo], files)[0] ?? null }));
  return { ...read.season, origin, title: read.title ?? asked, cast };
}

function photoFacts(origin: WikiOrigin, photos: readonly PagePhoto[], files: FileRecords): WikiPhotoFacts[] {
  return photos.flatMap((photo) => {
    const file = files.get(photo.address.fileName);
    const smallest = Math.min(file?.width ?? Number.POSITIVE_INFINITY, file?.height ?? Number.POSITIVE_INFINITY);
    return smallest < SMALLEST_ORIGINAL ? [] : [photoOf(origin, photo, file)];
  });
}

function photoOf(origin: WikiOrigin, photo: PagePhoto, file: FileRecord | undefined): WikiPhotoFacts {
  const { address, linkedPage: _, ...shown } = photo;
  const licence: WikiLicence = file?.licence ?? 'fandom-image';
  const by = file?.uploader === undefined || file.uploader === null ? '' : `, uploaded by ${file.uploader}`;
  return {
    identity: address.identity,
    canonicalUrl: address.canonicalUrl,
    imageUrl: address.originalUrl,
    fileName: address.fileName,
    version: address.version,
    width: file?.width ?? null,
    height: file?.height ?? null,
    mimeType: file?.mimeType ?? null,
    sha1: file?.sha1 ?? null,
    uploadedAt: file?.uploadedAt ?? null,
    uploader: file?.uploader ?? null,
    ...shown,
    origin: { ...origin, licence, attribution: `"${address.fileName.replaceAll('_', ' ')}" at ${origin.wiki}${by}` },
  };
}

/** Of what was read and not of the markup, which changes without anything being said (weakness 14). */
function contentHash(person: PersonPage['person'], photos: readonly WikiPhotoFacts[]): string {
  const shown = photos.map(({ identity, caption, section, season }) => [identity, caption, section, season]);
  return createHash('sha256')
    .update(JSON.stringify([person, shown]))
    .digest('hex');
}
