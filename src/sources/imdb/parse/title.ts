import type { PartialDateFacts } from '../../../platform/facts.ts';
import { defined, isObject, type JsonObject, lacking, objects, type Parsed, parsed, unexpected } from '../../read.ts';
import { nameId, titleId } from '../ids.ts';
import { identify } from './identity.ts';
import { type ImdbImage, readImage } from './image.ts';
import { type PageData, readPage } from './page.ts';
import { type ImdbSeasonTotals, seasonTotals } from './season-totals.ts';
import { readTitleMarkup, tagsOf } from './title-markup.ts';
import {
  at,
  decoded,
  distinctTexts,
  nodes,
  partialDate,
  pick,
  pickFrom,
  rating,
  text,
  unfilled,
  whole,
  year,
} from './values.ts';

/** What a title page says. Absent: not told; null: the page says that there is none. */
export interface ImdbTitle {
  readonly id: string;
  /** The id the source itself uses; another one after two titles were merged. */
  readonly canonicalId: string;
  readonly url: string;
  readonly locale?: string | null;
  readonly title?: string | null;
  readonly originalTitle?: string | null;
  /** `tvSeries`, `tvMiniSeries`, `movie`, ... */
  readonly titleType?: string | null;
  readonly isSeries?: boolean | null;
  readonly startYear?: number | null;
  readonly endYear?: number | null;
  readonly released?: PartialDateFacts | null;
  readonly runtimeMinutes?: number | null;
  readonly certificate?: string | null;
  readonly ratingValue?: number | null;
  readonly ratingCount?: number | null;
  readonly description?: string | null;
  readonly descriptionLanguage?: string | null;
  readonly genres?: readonly string[];
  readonly interests?: readonly { readonly id: string | null; readonly text: string }[];
  /** Interests in the catalogue's words: `Dating Reality TV` is `Reality TV Dating`. */
  readonly tags?: readonly string[];
  readonly keywords?: readonly string[];
  readonly companies?: readonly { readonly id: string; readonly name: string }[];
  /** `released`, `in_development`, ... */
  readonly productionStage?: string | null;
  readonly primaryImage?: ImdbImage | null;
  readonly images?: readonly ImdbImage[];
  readonly imageTotal?: number | null;
  readonly trailer?: ImdbTrailer | null;
  readonly seasons?: ImdbSeasonTotals | null;
  /** Of an episode: the series it belongs to and its place. */
  readonly series?: ImdbEpisodePlace | null;
  readonly topCast?: readonly ImdbTopCast[];
  /** Other names; the page shows the first of them. */
  readonly alsoKnownAs?: readonly string[];
  readonly countries?: readonly string[];
  readonly languages?: readonly string[];
  readonly externalLinks?: readonly { readonly url: string; readonly label: string | null }[];
  readonly networks?: readonly string[];
  /** Fields above that the page does not fill. */
  readonly unfilled: readonly string[];
}

export interface ImdbTrailer {
  readonly id: string | null;
  readonly name: string | null;
  readonly url: string | null;
  readonly embedUrl: string | null;
  readonly thumbnailUrl: string | null;
  readonly uploadedAt: string | null;
  readonly durationSeconds: number | null;
}

export interface ImdbEpisodePlace {
  readonly id: string;
  readonly title: string | null;
  readonly season: number | null;
  readonly episode: number | null;
}

export interface ImdbTopCast {
  readonly id: string;
  readonly name: string;
  readonly characters: readonly string[];
  readonly attributes: readonly string[];
  readonly episodeCount: number | null;
  readonly startYear: number | null;
  readonly endYear: number | null;
}

const ROUTES = new Set(['/title/[tconst]', '/title/[tconst]/reference']);

/**
 * A title page (or the first part of a reference page). Must find the title's id and its name. `expected` is the id asked for: a
 * page about another title is refused (6.2, 11), unless it says itself that it answers for that id.
 */
export function parseTitle(body: Uint8Array, expected?: string): Parsed<ImdbTitle> {
  const page = readPage(body);
  if (!page.ok) return page;
  const { data, html } = page.value;
  const fields = data === null ? readTitleMarkup(html, expected) : readTitleData(data, expected);
  if (!fields.ok) return fields;
  return parsed({ ...fields.value, unfilled: unfilled(fields.value, FIELDS) });
}

export type TitleFields = Omit<ImdbTitle, 'unfilled'>;

const FIELDS = [
  'locale',
  'title',
  'originalTitle',
  'titleType',
  'isSeries',
  'startYear',
  'endYear',
  'released',
  'runtimeMinutes',
  'certificate',
  'ratingValue',
  'ratingCount',
  'description',
  'descriptionLanguage',
  'genres',
  'interests',
  'tags',
  'keywords',
  'companies',
  'productionStage',
  'primaryImage',
  'images',
  'imageTotal',
  'trailer',
  'seasons',
  'series',
  'topCast',
  'alsoKnownAs',
  'countries',
  'languages',
  'externalLinks',
  'networks',
] as const satisfies readonly (keyof TitleFields)[];

/** `aboveTheFoldData` and `mainColumnData` (section 7). The id on the page, in its route and in both blocks must be one. */
function readTitleData(data: PageData, expected: string | undefined): Parsed<TitleFields> {
  if (data.page !== null && !ROUTES.has(data.page)) {
    return unexpected(`a page of ${data.page.slice(0, 60)} instead of a title page`);
  }
  const top = data.props['aboveTheFoldData'];
  const main = isObject(data.props['mainColumnData']) ? data.props['mainColumnData'] : {};
  if (!isObject(top)) return lacking('aboveTheFoldData');
  const route = [data.props['tconst'], data.query['tconst']];
  const identity = identify(
    { route, content: [top['id'], main['id']], canonical: at(top, 'meta.canonicalId') },
    expected,
  );
  if (!identity.ok) return identity;
  const name = pick(top, 'titleText.text', text) ?? pick(main, 'titleText.text', text);
  if (identity.value === null) return lacking('id (tt...)');
  if (typeof name !== 'string') return lacking('titleText');
  const { id, canonicalId } = identity.value;
  return parsed({
    id,
    canonicalId,
    url: `https://www.imdb.com/title/${canonicalId}/`,
    ...titleFields(top, main, data),
  });
}

function titleFields(
  top: JsonObject,
  main: JsonObject,
  data: PageData,
): Omit<TitleFields, 'id' | 'canonicalId' | 'url'> {
  const either = <T>(path: string, read: (value: unknown) => T | undefined) => pickFrom([top, main], path, read);
  const interests = nodes(top['interests'] ?? main['interests'])?.flatMap((node) => {
    const name = text(at(node, 'primaryText.text'));
    return name === undefined ? [] : [{ id: text(node['id']) ?? null, text: name }];
  });
  const seconds = either('runtime.seconds', whole);
  const poster = either('primaryImage', readImage);
  return defined({
    locale: data.locale,
    title: either('titleText.text', text),
    originalTitle: either('originalTitleText.text', text),
    titleType: either('titleType.id', text),
    isSeries: either('titleType.isSeries', boolean),
    startYear: either('releaseYear.year', year),
    endYear: either('releaseYear.endYear', year),
    released: dated(main['releaseDate']) ?? dated(top['releaseDate']),
    runtimeMinutes: typeof seconds === 'number' ? Math.floor(seconds / 60) : seconds,
    certificate: either('certificate.rating', text),
    ratingValue: either('ratingsSummary.aggregateRating', rating),
    ratingCount: either('ratingsSummary.voteCount', whole),
    description: either('plot.plotText.plainText', decoded),
    descriptionLanguage: either('plot.language.id', text),
    genres: genresOf(top) ?? genresOf(main),
    interests,
    tags: interests === undefined ? undefined : tagsOf(interests.map((interest) => interest.text)),
    keywords: distinctTexts(nodes(top['keywords'] ?? main['storylineKeywords']), (node) => text(at(node, 'text'))),
    companies: companiesOf(top['production']) ?? companiesOf(main['production']),
    productionStage: either('productionStatus.currentProductionStage.id', text),
    primaryImage: poster?.viewerId === null ? (pick(main, 'primaryImage', readImage) ?? poster) : poster,
    images: nodes(main['titleMainImages'])?.flatMap((node) => readImage(node) ?? []),
    imageTotal: either('images.total', whole) ?? pick(main, 'titleMainImages.total', whole),
    trailer: trailerOf(top['primaryVideos'] ?? main['primaryVideos']),
    seasons: main['episodes'] === null ? null : seasonTotals(main['episodes']),
    series: either('series', placeOf),
    topCast: topCast(main['cast'] ?? main['castV2']),
    alsoKnownAs: distinctTexts(
      nodes(main['akas']),
      (node) => text(at(node, 'text')) ?? text(at(node, 'displayableProperty.value.plainText')),
    ),
    countries: distinctTexts(countriesOf(main) ?? countriesOf(top), (item) => text(at(item, 'id'))),
    languages: distinctTexts(objects(at(main, 'spokenLanguages.spokenLanguages')), (item) => text(at(item, 'id'))),
    externalLinks: nodes(main['detailsExternalLinks'])?.flatMap((node) => {
      const url = text(node['url']);
      return url === undefined ? [] : [{ url, label: text(node['label']) ?? null }];
    }),
    networks: distinctTexts(objects(main['networks']), (item) => decoded(at(item, 'name'))),
  });
}

function boolean(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

function dated(value: unknown): PartialDateFacts | null | undefined {
  return value === null ? null : partialDate(value);
}

function countriesOf(part: JsonObject): readonly JsonObject[] | undefined {
  return objects(at(part, 'countriesOfOrigin.countries'));
}

function genresOf(part: JsonObject): string[] | undefined {
  const plain = objects(at(part, 'genres.genres'));
  const ranked = objects(at(part, 'titleGenres.genres'));
  return distinctTexts(plain ?? ranked, (item) => text(at(item, 'text')) ?? text(at(item, 'genre.text')));
}

function companiesOf(connection: unknown): { id: string; name: string }[] | undefined {
  return nodes(connection)?.flatMap((node) => {
    const [id, name] = [text(at(node, 'company.id')), text(at(node, 'company.companyText.text'))];
    return id === undefined || name === undefined ? [] : [{ id, name }];
  });
}

function trailerOf(connection: unknown): ImdbTrailer | null | undefined {
  const videos = nodes(connection);
  const video = videos?.find((node) => text(at(node, 'contentType.id'))?.endsWith('.trailer') ?? false) ?? videos?.[0];
  if (video === undefined) return videos === undefined ? undefined : null;
  const id = /^vi\d+$/.exec(text(video['id']) ?? '')?.[0] ?? null;
  return {
    id,
    name: decoded(at(video, 'name.value')) ?? null,
    url: id === null ? null : `https://www.imdb.com/video/${id}/`,
    embedUrl: id === null ? null : `https://www.imdb.com/video/imdb/${id}`,
    thumbnailUrl: text(at(video, 'thumbnail.url')) ?? null,
    uploadedAt: text(video['createdDate']) ?? null,
    durationSeconds: whole(at(video, 'runtime.value')) ?? null,
  };
}

function placeOf(value: unknown): ImdbEpisodePlace | undefined {
  const id = titleId(at(value, 'series.id'));
  if (id === null) return undefined;
  const number = (path: string) => whole(at(value, path)) ?? null;
  return {
    id,
    title: text(at(value, 'series.titleText.text')) ?? null,
    season: number('episodeNumber.seasonNumber') ?? number('displayableEpisodeNumber.displayableSeason.text'),
    episode: number('episodeNumber.episodeNumber') ?? number('displayableEpisodeNumber.episodeNumber.text'),
  };
}

function topCast(connection: unknown): ImdbTopCast[] | undefined {
  // `castV2` is a list of groupings, each with its own `credits`.
  const found = Array.isArray(connection)
    ? connection.flatMap((group: unknown) => objects(at(group, 'credits')) ?? nodes(at(group, 'credits')) ?? [])
    : nodes(connection);
  return found?.flatMap((node) => {
    const [id, name] = [nameId(at(node, 'name.id')), text(at(node, 'name.nameText.text'))];
    if (id === null || name === undefined) return [];
    const listed = objects(node['characters']) ?? nodes(at(node, 'creditedRoles')) ?? [];
    return [
      {
        id,
        name,
        characters: distinctTexts(listed, (item) => text(at(item, 'name')) ?? text(at(item, 'text'))) ?? [],
        attributes: distinctTexts(objects(node['attributes']), (item) => text(at(item, 'text'))) ?? [],
        episodeCount: whole(at(node, 'episodeCredits.total')) ?? null,
        startYear: year(at(node, 'episodeCredits.yearRange.year')) ?? null,
        endYear: year(at(node, 'episodeCredits.yearRange.endYear')) ?? null,
      },
    ];
  });
}
