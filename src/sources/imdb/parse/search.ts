import type { PartialDateFacts } from '../../../platform/facts.ts';
import { isObject, type JsonObject, lacking, objects, type Parsed, parsed, unexpected } from '../../read.ts';
import { titleId } from '../ids.ts';
import { readGraphql } from './graphql.ts';
import { imageUrl } from './image.ts';
import { readPage } from './page.ts';
import { at, decoded, nodes, partialDate, rating, text, whole, year } from './values.ts';

/** A hit of a title search; with `series=tt...`, an episode of that series. */
export interface ImdbSearchHit {
  readonly id: string;
  readonly title: string | null;
  readonly originalTitle: string | null;
  readonly titleType: string | null;
  readonly year: number | null;
  readonly endYear: number | null;
  readonly released: PartialDateFacts | null;
  readonly overview: string | null;
  readonly ratingValue: number | null;
  readonly ratingCount: number | null;
  readonly runtimeMinutes: number | null;
  readonly posterUrl: string | null;
  /** The series of an episode, where the hit tells. */
  readonly seriesId: string | null;
}

export interface ImdbSearch {
  readonly hits: readonly ImdbSearchHit[];
  /** Null when not told. */
  readonly total: number | null;
  readonly endCursor: string | null;
  /** The series that was asked for, where the page says so. */
  readonly seriesId: string | null;
}

/** A search page: `searchResults.titleResults` (section 7). Must find its list; `missing` is `hits` when it is only a part. */
export function parseSearch(body: Uint8Array, series?: string): Parsed<ImdbSearch> {
  const page = readPage(body);
  if (!page.ok) return page;
  const { data } = page.value;
  if (data === null) return lacking('embedded data of a search page');
  const results = at(data.props, 'searchResults.titleResults');
  const items = objects(at(results, 'titleListItems'));
  if (items === undefined) return lacking('searchResults.titleResults.titleListItems');
  const hits = items.flatMap((item) => readItem(item) ?? []);
  if (items.length > 0 && hits.length === 0) return lacking('titleId in titleListItems');
  const seriesId = titleId(data.query['series']);
  const strangers = hits.filter((hit) => hit.seriesId !== null && series !== undefined && hit.seriesId !== series);
  if (series !== undefined && (strangers.length > 0 || (seriesId !== null && seriesId !== series))) {
    return unexpected(`asked for episodes of ${series}, the page lists those of ${seriesId ?? strangers[0]?.seriesId}`);
  }
  const total = whole(at(results, 'total')) ?? null;
  const record = { hits, total, endCursor: text(at(results, 'endCursor')) ?? null, seriesId };
  return parsed(record, total !== null && hits.length < total ? ['hits'] : []);
}

/** The flat form of the search page. */
function readItem(item: JsonObject): ImdbSearchHit | undefined {
  const id = titleId(item['titleId']);
  if (id === null) return undefined;
  const seconds = whole(item['runtime']);
  return {
    id,
    title: decoded(item['titleText']) ?? decoded(item['originalTitleText']) ?? null,
    originalTitle: decoded(item['originalTitleText']) ?? null,
    titleType: text(at(item, 'titleType.id')) ?? null,
    year: year(item['releaseYear']) ?? null,
    endYear: year(item['endYear']) ?? null,
    released: partialDate(item['releaseDate']) ?? null,
    overview: decoded(item['plot']) ?? null,
    ratingValue: rating(at(item, 'ratingSummary.aggregateRating')) ?? null,
    ratingCount: whole(at(item, 'ratingSummary.voteCount')) ?? null,
    runtimeMinutes: seconds === undefined ? null : Math.floor(seconds / 60),
    posterUrl: imageUrl(at(item, 'primaryImage.url')) ?? null,
    seriesId: titleId(at(item, 'series.id')) ?? titleId(item['seriesId']),
  };
}

/** The search's GraphQL answer: `mainSearch` or `advancedTitleSearch`. Must find its edges. */
export function parseSearchAnswer(body: Uint8Array): Parsed<ImdbSearch> {
  const data = readGraphql(body);
  if (!data.ok) return data;
  const connection = [data.value['mainSearch'], data.value['advancedTitleSearch']].find(isObject);
  const found = nodes(connection);
  if (connection === undefined || found === undefined)
    return lacking('data.mainSearch.edges or data.advancedTitleSearch.edges');
  const titles = found.flatMap(
    (node) => [node['entity'], node['title'], node].find((part) => titleId(at(part, 'id')) !== null) ?? [],
  );
  const hits = titles.flatMap((title) => readTitle(title) ?? []);
  return parsed({
    hits,
    total: whole(connection['total']) ?? null,
    endCursor:
      at(connection, 'pageInfo.hasNextPage') === true ? (text(at(connection, 'pageInfo.endCursor')) ?? null) : null,
    seriesId: null,
  });
}

function readTitle(title: unknown): ImdbSearchHit | undefined {
  const id = titleId(at(title, 'id'));
  if (id === null) return undefined;
  const seconds = whole(at(title, 'runtime.seconds'));
  return {
    id,
    title: decoded(at(title, 'titleText.text')) ?? null,
    originalTitle: decoded(at(title, 'originalTitleText.text')) ?? null,
    titleType: text(at(title, 'titleType.id')) ?? null,
    year: year(at(title, 'releaseYear.year')) ?? null,
    endYear: year(at(title, 'releaseYear.endYear')) ?? null,
    released: partialDate(at(title, 'releaseDate')) ?? null,
    overview: decoded(at(title, 'plot.plotText.plainText')) ?? null,
    ratingValue: rating(at(title, 'ratingsSummary.aggregateRating')) ?? null,
    ratingCount: whole(at(title, 'ratingsSummary.voteCount')) ?? null,
    runtimeMinutes: seconds === undefined ? null : Math.floor(seconds / 60),
    posterUrl: imageUrl(at(title, 'primaryImage.url')) ?? null,
    seriesId: titleId(at(title, 'series.series.id')),
  };
}
