import { lacking, type Parsed, parsed, unexpected } from '../../read.ts';
import { all, closest, type Element, hasClass, parseHtml, testId } from './html.ts';
import { type ImdbImage, readImage } from './image.ts';
import { readPage } from './page.ts';
import { bestSource, ownSize } from './srcset.ts';

const LIMIT = 30;

/**
 * The pictures a page shows in its photos section, for pages without embedded data (`spec/sources-imdb.md` 3.9): one per asset at its
 * largest, in the order of first appearance. Must find one.
 */
export function parseSectionImages(body: Uint8Array): Parsed<readonly ImdbImage[]> {
  const page = readPage(body);
  if (!page.ok) return page;
  const document = parseHtml(page.value.html);
  if (document === null) return unexpected('the page is nested too deep or too large');
  const pictures = all(document, (element) => element.name === 'img' && hasClass(element, 'ipc-image'));
  const found = picturesIn(pictures);
  const best = new Map<string, { url: string; size: number }>();
  for (const img of found) {
    const picked = bestSource(img);
    if (picked === null) continue;
    const size = ownSize(picked.url);
    const known = best.get(picked.assetId);
    if (known === undefined || size > known.size) best.set(picked.assetId, { url: picked.url, size });
  }
  const images = [...best.values()].slice(0, LIMIT).flatMap(({ url, size }, index) => {
    const image = readImage({ url, width: size }, index + 1);
    return image ?? [];
  });
  return images.length === 0 ? lacking('pictures in section-images or mosaic-img-*') : parsed(images);
}

/** Those in the photos section; without any, those in the mosaic's links. */
export function picturesIn(pictures: readonly Element[]): readonly Element[] {
  const section = pictures.filter((img) => {
    return closest(img, (element) => element.name === 'section' && testId(element) === 'section-images') !== null;
  });
  if (section.length > 0) return section;
  return pictures.filter((img) => {
    return closest(img, (element) => element.name === 'a' && testId(element).startsWith('mosaic-img-')) !== null;
  });
}
