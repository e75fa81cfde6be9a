import { isObject, type JsonObject, lacking, objects, type Parsed, parsed, unexpected } from '../../read.ts';
import { listId, titleId, titleInHref } from '../ids.ts';
import { imageUrl } from './image.ts';
import { type ImdbListEntry, type ImdbListPage, plainEntry } from './list-entry.ts';
import { listLinks, readListMarkup } from './list-markup.ts';
import { jsonLd, type PageData, readPage } from './page.ts';
import { at, decoded, distinctTexts, rating, text, whole, year } from './values.ts';

/**
 * A page of a list: today's data at its fixed place (`spec/sources-imdb.md` 6.2, 22), then JSON-LD, then HTML (3.4.1). Must find
 * entries, or say that there are none.
 */
export function parseList(body: Uint8Array, expected?: string): Parsed<ImdbListPage> {
  const page = readPage(body);
  if (!page.ok) return page;
  const { data, html } = page.value;
  const today = data === null ? null : readListData(data);
  const result = today ?? readLinkedList(html) ?? readListMarkup(html);
  if (!result.ok) return result;
  const { id } = result.value;
  return id !== null && expected !== undefined && id !== expected
    ? unexpected(`asked for ${expected}, the page is list ${id}`)
    : result;
}

/** Null when the page has no list at its place, so that older forms get their turn. */
function readListData(data: PageData): Parsed<ImdbListPage> | null {
  const list = at(data.props, 'mainColumnData.list');
  if (!isObject(list)) {
    return data.page === null || data.page.startsWith('/list/')
      ? null
      : unexpected(`a page of ${data.page.slice(0, 60)} instead of a list`);
  }
  const id = listId(list['id']) ?? listId(data.query['lsconst']) ?? listId(data.query['lsConst']);
  return readListing(list, id, 'next_data');
}

/** `titleListItemSearch` of a list: the page's and the GraphQL answer's (3.3). */
export function readListing(list: JsonObject, id: string | null, source: ImdbListPage['source']): Parsed<ImdbListPage> {
  const search = at(list, 'titleListItemSearch');
  const edges = objects(at(search, 'edges'));
  if (edges === undefined) return lacking('list.titleListItemSearch.edges');
  const entries = edges.flatMap((edge) => readEdge(edge) ?? []);
  if (edges.length > 0 && entries.length === 0) return lacking('entries (listItem.id) among titleListItemSearch.edges');
  const more = at(search, 'pageInfo.hasNextPage');
  return parsed({
    id,
    source,
    entries,
    seen: edges.length,
    total: whole(at(search, 'total')) ?? null,
    hasNextPage: typeof more === 'boolean' ? more : null,
    nextPath: null,
  });
}

function readEdge(edge: JsonObject): ImdbListEntry | undefined {
  const item = edge['listItem'] ?? at(edge, 'node.item');
  const id = titleId(at(item, 'id'));
  if (id === null) return undefined;
  const value = (path: string) => at(item, path);
  const note =
    decoded(at(edge, 'node.description')) ?? decoded(at(edge, 'node.description.originalText.plainText')) ?? null;
  const seconds = whole(value('runtime.seconds'));
  return {
    id,
    title: decoded(value('titleText.text')) ?? id,
    titleType: text(value('titleType.id')) ?? null,
    year: year(value('releaseYear.year')) ?? null,
    endYear: year(value('releaseYear.endYear')) ?? null,
    rank: whole(at(edge, 'node.absolutePosition')) ?? null,
    note,
    description: decoded(value('plot.plotText.plainText')) ?? note,
    ratingValue: rating(value('ratingsSummary.aggregateRating')) ?? null,
    ratingCount: whole(value('ratingsSummary.voteCount')) ?? null,
    episodeCount: whole(value('episodes.episodes.total')) ?? null,
    certificate: text(value('certificate.rating')) ?? null,
    runtimeMinutes: seconds === undefined ? null : Math.floor(seconds / 60),
    genres: distinctTexts(objects(value('titleGenres.genres')), (genre) => text(at(genre, 'genre.text'))) ?? [],
    posterUrl: imageUrl(value('primaryImage.url')) ?? null,
    posterCaption: decoded(value('primaryImage.caption.plainText')) ?? null,
  };
}

const TYPES: Readonly<Record<string, string>> = {
  TVSeries: 'tvSeries',
  TVMiniSeries: 'tvMiniSeries',
  Movie: 'movie',
  TVSpecial: 'tvSpecial',
  TVEpisode: 'tvEpisode',
  VideoGame: 'videoGame',
};

/** JSON-LD `ItemList` (3.4.1 A); null when no block has entries. */
function readLinkedList(html: string): Parsed<ImdbListPage> | null {
  for (const block of jsonLd(html)) {
    const elements = objects(block['itemListElement']) ?? [];
    const entries = elements.flatMap((element) => {
      const { item } = element;
      const url = text(at(item, 'url')) ?? text(at(item, '@id'));
      const [id, title] = [titleInHref(`${url ?? ''}/`), decoded(at(item, 'name'))];
      if (!isObject(item) || id === null || title === undefined) return [];
      const titleType = TYPES[text(item['@type']) ?? ''] ?? null;
      const rank = typeof element['position'] === 'number' ? (whole(element['position']) ?? null) : null;
      return [plainEntry(id, title, { titleType, rank, description: decoded(item['description']) ?? null })];
    });
    if (entries.length === 0) continue;
    const { id, nextPath } = listLinks(html);
    const page = {
      id,
      source: 'jsonld',
      entries,
      seen: entries.length,
      total: null,
      hasNextPage: null,
      nextPath,
    } as const;
    return parsed(page);
  }
  return null;
}
