import { defined, isObject, type JsonObject, lacking, type Parsed, parsed } from '../../read.ts';
import { titleInHref } from '../ids.ts';
import { dateInText } from './dates.ts';
import { all, attribute, type Element, first, hasClass, parseHtml, spacedText, testId } from './html.ts';
import { identify } from './identity.ts';
import { imageUrl, readImage } from './image.ts';
import { linkedId, linkedTitle, namesIn, typesOf } from './json-ld.ts';
import type { ImdbSeasonTotals } from './season-totals.ts';
import type { ImdbTrailer, TitleFields } from './title.ts';
import { at, decoded, distinctIgnoringCase, rating, text, whole } from './values.ts';

/** Title pages from before the embedded data: JSON-LD, meta elements and a few marked parts (`spec/sources-imdb.md` 3.7). */
export function readTitleMarkup(html: string, expected: string | undefined): Parsed<TitleFields> {
  const document = parseHtml(html);
  if (document === null) return lacking('a page of reasonable size and nesting');
  const meta = metaOf(document);
  const canonical = attribute(first(document, isCanonical) ?? document, 'href');
  const pageId = titleInHref(`${canonical}/`) ?? titleInHref(`${meta('og:url') ?? ''}/`);
  const linked = linkedTitle(html, pageId) ?? {};
  const identity = identify({ content: [pageId ?? linkedId(linked)] }, expected);
  if (!identity.ok) return identity;
  const id = identity.value?.id ?? null;
  const title = decoded(linked['name']) ?? titleElement(document);
  if (id === null || title === undefined) return lacking(id === null ? 'id' : '', title === undefined ? 'title' : '');
  const interests = interestsOf(document);
  const image = linked['image'];
  const poster = imageUrl(Array.isArray(image) ? image[0] : (at(image, 'url') ?? image)) ?? imageUrl(meta('og:image'));
  const fields = defined({
    id,
    canonicalId: id,
    url: `https://www.imdb.com/title/${id}/`,
    locale: attribute(first(document, ({ name }) => name === 'html') ?? document, 'lang') || null,
    title,
    titleType: typeOf(linked),
    released: dateInText(text(linked['datePublished']) ?? '') ?? undefined,
    runtimeMinutes: minutesIn(text(linked['duration'])?.replace(/^PT/, '')) ?? minutesIn(meta('og:description')),
    certificate: text(linked['contentRating']),
    ratingValue: rating(at(linked, 'aggregateRating.ratingValue')),
    ratingCount: whole(at(linked, 'aggregateRating.ratingCount')),
    description: decoded(linked['description']) ?? plotOf(document) ?? decoded(meta('description')),
    genres: linked['genre'] === undefined ? undefined : distinctIgnoringCase(namesIn(linked['genre'])),
    interests: interests?.map((name) => ({ id: null, text: name })),
    tags: interests === undefined ? undefined : tagsOf(interests),
    keywords: keywordsOf(linked),
    primaryImage: readImage({ url: poster }),
    trailer: trailerOf(linked['trailer']),
    seasons: totalsOf(document, linked),
    networks: networksOf(linked),
  });
  return parsed(fields);
}

const isCanonical = ({ name, attributes }: Element) => name === 'link' && attributes['rel'] === 'canonical';

function metaOf(document: Element): (name: string) => string | undefined {
  const found = new Map<string, string>();
  for (const { attributes } of all(document, ({ name }) => name === 'meta')) {
    const key = attributes['property'] ?? attributes['name'];
    if (key !== undefined && !found.has(key)) found.set(key, attributes['content'] ?? '');
  }
  return (name) => text(found.get(name));
}

/** `Love Island USA - IMDb` */
function titleElement(document: Element): string | undefined {
  const element = first(document, ({ name }) => name === 'title');
  return element === null ? undefined : text(spacedText(element).replace(/\s*-\s*IMDb$/, ''));
}

function plotOf(document: Element): string | undefined {
  const plot = first(document, (element) => testId(element).startsWith('plot'));
  return plot === null ? undefined : text(spacedText(plot));
}

function interestsOf(document: Element): string[] | undefined {
  const section = first(document, (element) => testId(element) === 'interests');
  if (section === null) return undefined;
  const chips = all(section, (element) => hasClass(element, 'ipc-chip__text'));
  const parts = chips.length > 0 ? chips : all(section, ({ name }) => name === 'a' || name === 'span');
  return distinctIgnoringCase(parts.flatMap((part) => text(spacedText(part)) ?? []));
}

/** `Dating Reality TV` is filed as `Reality TV Dating` (3.7). */
export function tagsOf(interests: readonly string[]): string[] {
  return distinctIgnoringCase(interests.map((name) => (name === 'Dating Reality TV' ? 'Reality TV Dating' : name)));
}

function keywordsOf(linked: JsonObject): string[] | undefined {
  const words = text(linked['keywords']);
  return words?.split(',').flatMap((word) => decoded(word) ?? []);
}

export function networksOf(linked: JsonObject): string[] | undefined {
  const names = namesIn(linked['publisher'], linked['productionCompany'], linked['provider']);
  return names.length === 0 ? undefined : names;
}

const TYPES: Readonly<Record<string, string>> = {
  TVSeries: 'tvSeries',
  TVMiniSeries: 'tvMiniSeries',
  Movie: 'movie',
  TVSpecial: 'tvSpecial',
  TVEpisode: 'tvEpisode',
};

function typeOf(linked: JsonObject): string | undefined {
  return typesOf(linked).flatMap((type) => TYPES[type] ?? [])[0];
}

/** `2h 22m`, `42m`, `2H` anywhere in the text (6.2, 1). */
export function minutesIn(words: string | undefined): number | undefined {
  const [, hours, rest, minutes] = /\b(?:(\d{1,3})h(?:\s*(\d{1,2})m)?|(\d{1,4})m)\b/i.exec(words ?? '') ?? [];
  if (hours === undefined && minutes === undefined) return undefined;
  return Number(hours ?? 0) * 60 + Number(rest ?? minutes ?? 0);
}

function trailerOf(value: unknown): ImdbTrailer | undefined {
  const trailer: unknown = Array.isArray(value) ? value[0] : value;
  if (!isObject(trailer)) return undefined;
  const url = text(trailer['url']) ?? null;
  const duration = /^PT(?:(\d{1,3})H)?(?:(\d{1,4})M)?(?:(\d{1,6})S)?$/.exec(text(trailer['duration']) ?? '');
  const [hours, minutes, seconds] = [1, 2, 3].map((part) => Number(duration?.[part] ?? 0));
  return {
    id: /\/(vi\d+)/.exec(url ?? '')?.[1] ?? null,
    name: decoded(trailer['name']) ?? null,
    url,
    embedUrl: text(trailer['embedUrl']) ?? text(trailer['embed_url']) ?? null,
    thumbnailUrl: text(trailer['thumbnailUrl']) ?? null,
    uploadedAt: text(trailer['uploadDate']) ?? null,
    durationSeconds: duration === null ? null : ((hours ?? 0) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0),
  };
}

/** Only from the parts that state them; a plot may speak of "3 seasons" too (6.2, 9). */
function totalsOf(document: Element, linked: JsonObject): ImdbSeasonTotals | undefined {
  const marked = (id: string, pattern: RegExp) => {
    const part = first(document, (element) => testId(element) === id);
    return part === null ? undefined : whole(pattern.exec(spacedText(part))?.[1]);
  };
  const seasonCount = whole(linked['numberOfSeasons']) ?? marked('browse-episodes-season', /(\d+)\s+seasons?\b/i);
  const episodeCount = whole(linked['numberOfEpisodes']) ?? marked('episodes-header', /Episodes\s*(\d[\d,]*)/i);
  if (seasonCount === undefined && episodeCount === undefined) return undefined;
  return {
    options: [],
    seasonCount: seasonCount ?? null,
    episodeCount: episodeCount ?? null,
    unknownSeasonEpisodes: null,
  };
}
