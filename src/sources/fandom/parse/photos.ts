import type { WikiPhotoFacts, WikiPhotoType } from '../../../platform/wiki-facts.ts';
import { type ImageAddress, imageByName, isImageHost, readImageAddress } from '../images.ts';
import { titleOfLink } from '../names.ts';
import { attribute, collapse, findFirst, hasClass, textOf } from './dom.ts';
import type { Element } from './html.ts';
import { headingsOf, type Outline, type PlacedImage, under } from './outline.ts';
import { GALLERY, REUNION, type RowSeasons, seasonNamed, TAGLINES } from './sections.ts';

/** A picture on a page, before its file's own record is known. */
export interface PagePhoto
  extends Pick<
    WikiPhotoFacts,
    'thumbUrl' | 'thumbWidth' | 'thumbHeight' | 'altText' | 'caption' | 'section' | 'type' | 'season' | 'position'
  > {
  readonly address: ImageAddress;
  /** Page the picture links to, when it is another than the one read: it shows somebody or something else. */
  readonly linkedPage: string | null;
}

export type LeftOutReason = 'video' | 'icon' | 'other_person' | 'foreign_host' | 'not_named' | 'no_address';

export interface PagePhotos {
  readonly photos: readonly PagePhoto[];
  readonly leftOut: Readonly<Partial<Record<LeftOutReason, number>>>;
}

export interface PhotoContext {
  /** Title of the page read; a link to it or below it does not name somebody else. */
  readonly title: string | null;
  readonly rows: RowSeasons;
  /** The wiki's picture store, for pictures named without an address (wikitext); told by other pictures where there are some. */
  readonly store?: string;
  /** Take pictures that link to other pages too (cast cards of a season). */
  readonly linked?: boolean;
}

const MAX_PHOTOS = 2000;

/** Smaller than this on the page, a picture in running text is an icon; in a box, table or gallery it may be a thumbnail. */
const SMALLEST = { running: 100, framed: 40 } as const;

/** Pictures that stand for something else: named so by their files (weakness 4). */
const EMBLEM = /(^|[_\s.-])(logo|flag|icon|wordmark|placeholder|site-?logo|wiki)([_\s.-]|$)/i;

/** What surrounds an image. */
interface Surroundings {
  readonly link: Element | null;
  readonly figure: Element | null;
  readonly galleryItem: Element | null;
  readonly infobox: boolean;
  readonly row: Element | null;
}

/**
 * Pictures of an article in reading order, each file once: infobox, tables, galleries, figures, text. Left out: videos, emblems and icons, pictures
 * marked as not content (`data-relevant="0"`) or linking to another page, and everything that is not a file of a wiki.
 */
export function readPhotos(outline: Outline, context: PhotoContext): PagePhotos {
  const photos = new Map<string, PagePhoto>();
  const leftOut: Partial<Record<LeftOutReason, number>> = {};
  const positions = new Map<string, number>();
  const store = outline.images
    .map(({ image }) => readImageAddress(addressOf(image)))
    .find((address) => address !== null)?.store;
  for (const placed of outline.images) {
    const found = readPhoto(placed, context, store ?? context.store ?? null);
    if (typeof found === 'string') {
      // A picture has a copy for readers without scripts, which is not a second one.
      if (!isInNoscript(placed.image)) leftOut[found] = (leftOut[found] ?? 0) + 1;
    } else if (found !== null && photos.size < MAX_PHOTOS) {
      const { identity } = found.address;
      if (photos.has(identity)) continue;
      photos.set(identity, { ...found, position: positionOf(found, placed, context, positions) });
    }
  }
  return { photos: [...photos.values()], leftOut };
}

/** 1, 2, ... within the section; in a named table it begins at the row's number (4.3). */
function positionOf(
  photo: PagePhoto,
  placed: PlacedImage,
  { rows }: PhotoContext,
  positions: Map<string, number>,
): number {
  const row = surroundingsOf(placed.image).row;
  const place = row === null ? undefined : rows.get(row)?.place;
  const named = photo.section === 'taglines' || photo.section === 'reunion_seating';
  const position = Math.max((positions.get(photo.section) ?? 0) + 1, named ? (place ?? 1) : 1);
  positions.set(photo.section, position);
  return position;
}

function readPhoto(
  { image, section }: PlacedImage,
  context: PhotoContext,
  store: string | null,
): PagePhoto | LeftOutReason | null {
  const around = surroundingsOf(image);
  if (isVideo(image, around)) return 'video';
  const data = dataOf(around.figure);
  const address = resolve(image, around, data, store);
  if (typeof address === 'string' || address === null) return address;
  const linkedPage = linkedPageOf(around.link, context.title);
  if (linkedPage !== null && context.linked !== true) return 'other_person';
  const width = numberOf(image.attributes['width'] ?? image.attributes['data-image-width']);
  const height = numberOf(image.attributes['height'] ?? image.attributes['data-image-height']);
  const framed = around.infobox || around.galleryItem !== null || around.row !== null;
  const small = Math.min(width ?? Number.POSITIVE_INFINITY, height ?? Number.POSITIVE_INFINITY);
  const irrelevant = attribute(image, 'data-relevant') === '0' && context.linked !== true;
  if (irrelevant || small < (framed ? SMALLEST.framed : SMALLEST.running) || EMBLEM.test(address.fileName))
    return 'icon';
  const shown = readImageAddress(addressOf(image));
  const captions = captionsOf(image, around, data, address);
  return {
    address,
    thumbUrl: shown?.scaled === true && shown.identity === address.identity ? absolute(addressOf(image)) : null,
    thumbWidth: width,
    thumbHeight: height,
    ...captions,
    ...placeOf(around, section, context, [captions.caption, captions.altText, address.fileName]),
    position: 0,
    linkedPage,
  };
}

/** `data-src` first: `src` of a lazy image is a placeholder (`spec/sources-fandom.md` 9). */
function addressOf(image: Element): string | null {
  const lazy = attribute(image, 'data-src');
  const eager = attribute(image, 'src');
  return lazy ?? (eager?.startsWith('data:') === true ? null : eager);
}

/** Figure data, then the link around it, then the image itself; a whole one before a scaled one. */
function resolve(
  image: Element,
  { link }: Surroundings,
  data: Readonly<Record<string, unknown>>,
  store: string | null,
): ImageAddress | LeftOutReason | null {
  const own = addressOf(image);
  const found = [textIn(data['url']), link === null ? null : attribute(link, 'href'), own].flatMap(
    (address) => readImageAddress(address) ?? [],
  );
  const best = found.find(({ scaled }) => !scaled) ?? found[0];
  if (best !== undefined) return best;
  if (own !== null) {
    const url = URL.parse(own.startsWith('//') ? `https:${own}` : own);
    return url !== null && /^https?:$/.test(url.protocol) && !isImageHost(url.hostname) ? 'foreign_host' : null;
  }
  const key = attribute(image, 'data-image-key');
  if (key === null) return null;
  return store === null ? 'no_address' : imageByName(store, decoded(key));
}

function decoded(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

function isVideo(image: Element, { link, figure }: Surroundings): boolean {
  const keyed = attribute(image, 'data-video-key') ?? attribute(image, 'data-video-name');
  return keyed !== null || (link !== null && hasClass(link, 'video')) || (figure !== null && hasClass(figure, 'video'));
}

function surroundingsOf(image: Element): Surroundings {
  let link: Element | null = null;
  let figure: Element | null = null;
  let galleryItem: Element | null = null;
  let infobox = false;
  let row: Element | null = null;
  for (let at = image.parent; at !== null; at = at.parent) {
    if (at.name === 'a') link ??= at;
    else if (at.name === 'figure') figure ??= at;
    else if (at.name === 'tr') row ??= at;
    const classes = at.attributes['class'];
    if (classes === undefined) continue;
    if (/\b(wikia-gallery-item|gallerybox)\b/.test(classes)) galleryItem ??= at;
    if (classes.includes('portable-infobox')) infobox = true;
  }
  return { link, figure, galleryItem, infobox, row };
}

function isInNoscript(image: Element): boolean {
  for (let at = image.parent; at !== null; at = at.parent) if (at.name === 'noscript') return true;
  return false;
}

/** The page a picture leads to, unless that is its file, its article or a page below it. */
function linkedPageOf(link: Element | null, title: string | null): string | null {
  const target = titleOfLink(link === null ? null : attribute(link, 'href'));
  if (target === null || /^(file|image|special|media)\s*:/i.test(target)) return null;
  const own = title?.split('/')[0]?.toLowerCase();
  return own !== undefined && target.split('/')[0]?.toLowerCase() === own ? null : target;
}

/** `data-attrs` of older figures: a JSON object. */
function dataOf(figure: Element | null): Readonly<Record<string, unknown>> {
  const json = figure === null ? null : attribute(figure, 'data-attrs');
  if (json === null || json.length > 20_000) return {};
  try {
    const data: unknown = JSON.parse(json);
    return typeof data === 'object' && data !== null && !Array.isArray(data) ? (data as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function captionsOf(
  image: Element,
  { figure, galleryItem }: Surroundings,
  data: Readonly<Record<string, unknown>>,
  { fileName }: ImageAddress,
): Pick<PagePhoto, 'altText' | 'caption'> {
  const alt = textIn(data['alt']) ?? textIn(image.attributes['alt']);
  const written =
    textIn(data['caption']) ??
    textBelow(galleryItem, 'lightbox-caption') ??
    textBelow(galleryItem, 'gallerytext') ??
    textBelow(figure, 'caption') ??
    textBelow(figure, 'thumbcaption') ??
    ownText(attribute(image, 'data-caption'), fileName);
  const told = [alt, attribute(image, 'title')].map((text) => ownText(text, fileName)).find((text) => text !== null);
  return { altText: alt, caption: written ?? told ?? null };
}

function textBelow(element: Element | null, word: string): string | null {
  const found = element === null ? null : findFirst(element, (below) => hasClass(below, word));
  return found === null ? null : textOf(found) || null;
}

/** Not `image`, `photo`, `gallery`, nor the file's own name (with its size, as galleries write it): these say nothing. */
function ownText(text: string | null, fileName: string): string | null {
  if (text === null) return null;
  const plain = (words: string) =>
    words
      .toLowerCase()
      .replace(/[\s_]+/g, ' ')
      .replace(/\s*\([\d.,]+ ?[kmg]?b\)$/, '')
      .trim();
  const bare = plain(text);
  const file = plain(fileName);
  if (['', 'image', 'photo', 'gallery', file, file.replace(/\.\w{2,5}$/, '')].includes(bare)) return null;
  return collapse(text);
}

function textIn(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? collapse(value) : null;
}

function placeOf(
  around: Surroundings,
  section: PlacedImage['section'],
  { rows }: PhotoContext,
  words: readonly (string | null)[],
): Pick<PagePhoto, 'section' | 'type' | 'season'> {
  if (around.infobox) return { section: 'infobox', type: 'hero', season: null };
  const row = around.row === null ? undefined : rows.get(around.row);
  const texts = [...words.filter((text) => text !== null), ...headingsOf(section)];
  const told = texts.map(seasonNamed).find((season) => season !== null) ?? null;
  const season = row === undefined ? told : row.season;
  if (row !== undefined && under(section, TAGLINES)) return { section: 'taglines', type: 'intro_card', season };
  if (row !== undefined && under(section, REUNION)) return { section: 'reunion_seating', type: 'reunion_look', season };
  const inGallery = around.galleryItem !== null || under(section, GALLERY);
  return { section: inGallery ? 'gallery' : 'article', type: typeOf(texts, inGallery), season };
}

/** Told by heading, caption or file name. */
function typeOf(texts: readonly string[], inGallery: boolean): WikiPhotoType {
  const says = (word: RegExp) => texts.some((text) => word.test(text.replaceAll('_', ' ')));
  if (says(/\bconfessionals?\b/i)) return 'confessional';
  if (says(/\breunions?\b/i)) return 'reunion_look';
  if (says(/\b(intro(duction)?s?|tag ?lines?|opening)\b/i)) return 'intro_card';
  return inGallery ? 'gallery' : 'inline';
}

function numberOf(text: string | undefined): number | null {
  const digits = /^\s*(\d{1,6})/.exec(text ?? '')?.[1];
  return digits === undefined || Number(digits) === 0 ? null : Number(digits);
}

function absolute(address: string | null): string | null {
  return address?.startsWith('//') === true ? `https:${address}` : address;
}
