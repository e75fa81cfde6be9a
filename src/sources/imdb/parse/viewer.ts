import { lacking, type Parsed, parsed, unexpected } from '../../read.ts';
import { nameInHref, titleInHref } from '../ids.ts';
import { parseGallery } from './gallery.ts';
import {
  all,
  attribute,
  closest,
  type Element,
  first,
  ownText,
  parseHtml,
  readableText,
  spacedText,
  testId,
} from './html.ts';
import { type ImdbReference, imageUrl } from './image.ts';
import { readPage } from './page.ts';
import { bestSource, sizeIn } from './srcset.ts';
import { text, whole } from './values.ts';

/** What a picture's own page adds to its row in the gallery (`spec/sources-imdb.md` 3.10.2). */
export interface ImdbViewer {
  readonly viewerId: string | null;
  readonly url: string | null;
  readonly width: number | null;
  readonly height: number | null;
  readonly caption: string | null;
  readonly galleryIndex: number | null;
  readonly galleryTotal: number | null;
  readonly people: readonly ImdbReference[] | null;
  readonly titles: readonly ImdbReference[] | null;
}

/** A viewer page. Must find the picture, by `viewer` where it is given; a page that shows another one is refused. */
export function parseViewer(body: Uint8Array, viewer?: string): Parsed<ImdbViewer> {
  const page = readPage(body);
  if (!page.ok) return page;
  if (page.value.data !== null) return fromData(body, viewer);
  const document = parseHtml(page.value.html);
  if (document === null) return unexpected('the page is nested too deep or too large');
  if (viewer !== undefined && !page.value.html.includes(viewer)) return lacking(`the picture ${viewer}`);
  const picture = pictureOf(document, viewer);
  if (picture === null) return lacking(viewer === undefined ? 'a picture' : `the picture ${viewer}`);
  const [index, total] = placeOf(document);
  return parsed({
    viewerId: /^rm\d{1,12}/.exec(attribute(picture.img, 'data-image-id'))?.[0] ?? null,
    url: picture.url,
    width: picture.width,
    height: null,
    caption: captionOf(document) ?? text(attribute(picture.img, 'alt')) ?? null,
    galleryIndex: index,
    galleryTotal: total,
    people: linksUnder(document, 'People', nameInHref),
    titles: linksUnder(document, 'Titles', titleInHref),
  });
}

function fromData(body: Uint8Array, viewer: string | undefined): Parsed<ImdbViewer> {
  const gallery = parseGallery(body);
  if (!gallery.ok) return gallery;
  const { images, total } = gallery.value;
  const image = viewer === undefined ? images[0] : images.find(({ viewerId }) => viewerId === viewer);
  if (image === undefined) return lacking(`the picture ${viewer ?? ''}`);
  return parsed({
    viewerId: image.viewerId,
    url: image.url,
    width: image.width,
    height: image.height,
    caption: image.caption,
    galleryIndex: image.position,
    galleryTotal: total,
    people: image.people.length === 0 ? null : image.people,
    titles: image.titles.length === 0 ? null : image.titles,
  });
}

interface Shown {
  readonly img: Element;
  readonly url: string;
  readonly width: number | null;
}

/** The picture asked for, else the current one, else the widest; the original address where the page has it. */
function pictureOf(document: Element, viewer: string | undefined): Shown | null {
  const frame = first(document, (element) => testId(element) === 'media-viewer');
  const images = all(frame ?? document, ({ name }) => name === 'img');
  const named = images.some((img) => attribute(img, 'data-image-id') !== '');
  const own = viewer === undefined ? [] : images.filter((img) => isPicture(img, viewer));
  if (viewer !== undefined && named && own.length === 0) return null;
  const current = images.filter((img) => attribute(img, 'data-image-id').endsWith('-curr'));
  const candidates = [own, current, images].find((group) => group.length > 0) ?? [];
  const shown = candidates.flatMap((img) => shownOf(img) ?? []);
  return shown.reduce<Shown | null>(
    (best, next) => (best === null || (next.width ?? 0) > (best.width ?? 0) ? next : best),
    null,
  );
}

function isPicture(img: Element, viewer: string): boolean {
  const id = attribute(img, 'data-image-id');
  return id === viewer || id.startsWith(`${viewer}-`);
}

function shownOf(img: Element): Shown | null {
  const best = bestSource(img);
  if (best === null) return null;
  const src = imageUrl(attribute(img, 'src'));
  const width = best.stated ?? sizeIn(best.url, 'X');
  return { img, url: src?.includes('_V1_') === true ? src : best.url, width };
}

/** `1 of 1,046`. */
function placeOf(document: Element): [number | null, number | null] {
  const pattern = /(?<![\d,])(\d[\d,]*) of (\d[\d,]*)/;
  const element = first(document, (candidate) => pattern.test(ownText(candidate).slice(0, 200)));
  const [, index, total] = element === null ? [] : (pattern.exec(ownText(element).slice(0, 200)) ?? []);
  return [whole(index) ?? null, whole(total) ?? null];
}

/** The caption box, else the nearest block around a link of the caption; never the page (6.2, 26). */
function captionOf(document: Element): string | undefined {
  const box = first(document, ({ name, attributes }) => {
    return name === 'div' && (attributes['class'] ?? '').includes('ipc-html-content-inner-div');
  });
  if (box !== null) return text(readableText(box));
  const link = first(
    document,
    ({ name, attributes }) => name === 'a' && (attributes['href'] ?? '').includes('ref_=mv_desc'),
  );
  const block = link === null ? null : closest(link, ({ name }) => name === 'div' || name === 'p' || name === 'span');
  return block === null ? undefined : text(readableText(block));
}

/** Links beside a heading, without repeats; null when there is no such heading or it has none. */
function linksUnder(document: Element, heading: string, idOf: (href: string) => string | null): ImdbReference[] | null {
  const title = first(document, (element) => {
    return ['span', 'div', 'h3'].includes(element.name) && ownText(element) === heading;
  });
  for (const around of [title?.parent, title?.parent?.parent]) {
    if (around === null || around === undefined || ['#root', 'html', 'body'].includes(around.name)) continue;
    const found = new Map<string, ImdbReference>();
    for (const link of all(around, ({ name }) => name === 'a')) {
      const id = idOf(`${attribute(link, 'href')}/`);
      if (id !== null && !found.has(id)) found.set(id, { id, name: text(spacedText(link)) ?? null });
    }
    if (found.size > 0) return [...found.values()];
  }
  return null;
}
