import { lacking, type Parsed, parsed, unexpected } from '../../read.ts';
import { nameInHref, viewerId } from '../ids.ts';
import { parseGallery } from './gallery.ts';
import { all, attribute, closest, type Element, parseHtml } from './html.ts';
import { readPage } from './page.ts';
import { picturesIn } from './section-images.ts';
import { bestSource, sizeIn } from './srcset.ts';

/** A picture in a person's media index. */
export interface ImdbPersonPhoto {
  readonly personId: string | null;
  readonly assetId: string;
  readonly viewerId: string | null;
  /** The link as on the page, with its `?ref_=`. */
  readonly viewerPath: string | null;
  readonly url: string;
  readonly width: number | null;
  readonly height: number | null;
}

/**
 * A person's media index (`spec/sources-imdb.md` 3.10.1): embedded data, else the pictures of the page. One per asset; a wider copy
 * replaces it. Must find one.
 */
export function parsePersonGallery(body: Uint8Array, expected?: string): Parsed<readonly ImdbPersonPhoto[]> {
  const page = readPage(body);
  if (!page.ok) return page;
  if (page.value.data !== null) return fromData(body, expected);
  const document = parseHtml(page.value.html);
  if (document === null) return unexpected('the page is nested too deep or too large');
  const photos = new Map<string, ImdbPersonPhoto>();
  for (const img of picturesIn(all(document, ({ name }) => name === 'img'))) {
    const photo = photoOf(img);
    if (photo === null) continue;
    if (expected !== undefined && photo.personId !== null && photo.personId !== expected) {
      return unexpected(`asked for ${expected}, the pictures are of ${photo.personId}`);
    }
    const known = photos.get(photo.assetId);
    photos.set(photo.assetId, known === undefined ? photo : wider(known, photo));
  }
  if (photos.size === 0) return lacking('pictures in section-images or mosaic-img-*');
  const named = [...photos.values()].some(({ personId }) => personId !== null);
  return expected === undefined || named
    ? parsed([...photos.values()])
    : unexpected('the page does not say whose pictures it shows');
}

function fromData(body: Uint8Array, expected: string | undefined): Parsed<readonly ImdbPersonPhoto[]> {
  const gallery = parseGallery(body, expected);
  if (!gallery.ok) return gallery;
  const { id, images } = gallery.value;
  return parsed(
    images.map(({ assetId, url, width, height, viewerId: viewer, viewerPath }) => {
      return { personId: id, assetId, viewerId: viewer, viewerPath, url, width, height };
    }),
  );
}

function photoOf(img: Element): ImdbPersonPhoto | null {
  const picked = bestSource(img);
  if (picked === null) return null;
  const link = closest(
    img,
    ({ name, attributes }) => name === 'a' && (attributes['href'] ?? '').includes('/mediaviewer/'),
  );
  const href = link === null ? '' : attribute(link, 'href');
  const path = /^\/(?:name|title)\/[a-z]{2}\d{1,12}\/mediaviewer\/rm\d{1,12}\/?(?:\?[\w=&%.,-]*)?$/.test(href)
    ? href
    : null;
  return {
    personId: nameInHref(href),
    assetId: picked.assetId,
    viewerId: viewerId(/\/mediaviewer\/(rm\d{1,12})/.exec(href)?.[1]),
    viewerPath: path,
    url: picked.url,
    width: picked.stated ?? sizeIn(picked.url, 'X'),
    height: sizeIn(picked.url, 'Y'),
  };
}

function wider(a: ImdbPersonPhoto, b: ImdbPersonPhoto): ImdbPersonPhoto {
  const better = (b.width ?? 0) > (a.width ?? 0) ? b : a;
  return { ...better, viewerId: a.viewerId ?? b.viewerId, viewerPath: a.viewerPath ?? b.viewerPath };
}
