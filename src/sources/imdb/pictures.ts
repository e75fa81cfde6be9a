import type { PersonPhotoFacts } from '../../platform/facts.ts';
import type { Outcome } from '../../platform/outcome.ts';
import { distinctBy } from '../read.ts';
import type { Ask } from './ask.ts';
import { imageFacts, photoFacts } from './facts.ts';
import type { ImdbViewer } from './parse/viewer.ts';
import { galleryRequest, personGalleryRequest, viewerRequest } from './requests.ts';
import type { ImdbImages, ImdbRequestOptions, PersonPhotosQuery } from './source.ts';

const MAX_PAGES = 25;
const PHOTOS = 50;

/** A title's media index, all pages (`spec/sources-imdb.md` 3.8). Pages that cannot be had leave `images` missing. */
export async function readGallery(ask: Ask, id: string, options?: ImdbRequestOptions): Promise<Outcome<ImdbImages>> {
  const first = await ask(galleryRequest(id), options);
  if (first.kind !== 'ok') return first;
  const { total } = first.value;
  let images = first.value.images;
  let cursor = first.value.hasNextPage ? first.value.endCursor : null;
  let { buildId } = first.value;
  const seen = new Set<string>();
  let page = 1;
  for (; cursor !== null && page < MAX_PAGES && !seen.has(cursor); page++) {
    seen.add(cursor);
    const more = await ask(galleryRequest(id, { cursor, buildId }), options);
    if (more.kind !== 'ok') break;
    images = distinctBy([...images, ...more.value.images], ({ viewerId }) => viewerId);
    cursor = more.value.hasNextPage ? more.value.endCursor : null;
    buildId = more.value.buildId ?? buildId;
  }
  const pageUrl = `https://www.imdb.com/title/${id}/mediaindex/`;
  const value = { images: images.map((image) => imageFacts(image, pageUrl)), total };
  return { ...first, value, missing: cursor === null ? [] : ['images'] };
}

/**
 * A person's gallery with the details of each picture's own page (3.10.3). Pages of pictures that are known already are not asked for;
 * one that cannot be had leaves its photo without details and `viewers` missing.
 */
export async function readPersonPhotos(
  ask: Ask,
  id: string,
  query: PersonPhotosQuery,
  options?: ImdbRequestOptions,
): Promise<Outcome<readonly PersonPhotoFacts[]>> {
  const outcome = await ask(personGalleryRequest(id), options);
  if (outcome.kind !== 'ok') return outcome;
  const { limit = PHOTOS, known } = query;
  const photos: PersonPhotoFacts[] = [];
  let refused = false;
  let lacking = false;
  for (const [index, photo] of outcome.value.slice(0, limit).entries()) {
    let details: ImdbViewer | null = null;
    if (photo.viewerId !== null && known?.has(photo.viewerId) !== true && !refused) {
      const viewer = await ask(viewerRequest(id, photo.viewerId), options);
      if (viewer.kind === 'ok') details = viewer.value;
      else lacking = true;
      refused = viewer.kind === 'challenged' || viewer.kind === 'forbidden';
    }
    photos.push(photoFacts(id, photo, details, index + 1));
  }
  return { ...outcome, value: photos, missing: lacking ? ['viewers'] : [] };
}
