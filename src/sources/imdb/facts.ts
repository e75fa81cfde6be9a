import type {
  AppearanceFacts,
  CreditFacts,
  EpisodeFacts,
  PartialDateFacts,
  PersonDetailFacts,
  PersonPhotoFacts,
  ShowFacts,
  SourceImageFacts,
  UnplacedEpisodeFacts,
} from '../../platform/facts.ts';
import { defined } from '../read.ts';
import { type ImdbCredit, isArchive, isSelf, isUncredited, roleText } from './parse/credit-row.ts';
import type { ImdbCreditCategory } from './parse/credits.ts';
import type { ImdbEpisode } from './parse/episode.ts';
import type { ImdbEpisodeCredit } from './parse/episode-credits.ts';
import type { ImdbImage } from './parse/image.ts';
import type { ImdbListEntry } from './parse/list-entry.ts';
import type { ImdbName } from './parse/name.ts';
import type { ImdbPersonPhoto } from './parse/person-gallery.ts';
import type { ImdbSearchHit as SearchHit } from './parse/search.ts';
import type { ImdbTitle } from './parse/title.ts';
import { wholeDay } from './parse/values.ts';
import type { ImdbViewer } from './parse/viewer.ts';
import type { ImdbListItem, ImdbSearchHit } from './source.ts';

const SITE = 'https://www.imdb.com';

/** Whether a page's texts are in the catalogue's language; a page that does not say is believed to be. */
export function isEnglish(locale: string | null | undefined): boolean {
  return locale === null || locale === undefined || /^en\b/i.test(locale);
}

/**
 * A title page as show facts. From a page in another language only what has no language is taken; its names and texts would pass for
 * English ones.
 */
export function showFacts(title: ImdbTitle): ShowFacts {
  const english = isEnglish(title.locale);
  const plotIsEnglish = english && isEnglish(title.descriptionLanguage);
  const { seasons } = title;
  return defined({
    name: english ? title.title : undefined,
    originalName: title.originalTitle,
    overview: plotIsEnglish ? title.description : undefined,
    firstAirDate: dayOf(title.released),
    firstAired: title.released,
    voteAverage: title.ratingValue,
    voteCount: title.ratingCount,
    seasonCount: seasons?.seasonCount ?? undefined,
    episodeCount: seasons?.episodeCount ?? undefined,
    unknownSeasonEpisodes: seasons?.unknownSeasonEpisodes ?? undefined,
    seasonNumbers: numbersOf(seasons?.options),
    genres: english ? title.genres : undefined,
    keywords: english ? title.keywords : undefined,
    tags: english ? title.tags : undefined,
    titleType: title.titleType,
    startYear: title.startYear,
    endYear: title.endYear,
    certificate: title.certificate,
    runtimeMinutes: title.runtimeMinutes,
    companyNames: title.companies?.map(({ name }) => name),
    networkNames: title.networks,
    countries: title.countries,
    languages: title.languages,
    primaryImage: title.primaryImage === null ? null : imageFacts(title.primaryImage, title.url),
    trailer: title.trailer,
    externalIds: { imdb: title.canonicalId },
    raw: title,
  });
}

/** A whole day, null when the source says there is none, absent when it knows less than a day. */
function dayOf(date: PartialDateFacts | null | undefined): string | null | undefined {
  return date === null ? null : (wholeDay(date) ?? undefined);
}

function numbersOf(options: readonly { readonly number: number | null }[] | undefined): number[] | undefined {
  const numbers = options?.flatMap(({ number }) => number ?? []);
  return numbers === undefined || numbers.length === 0 ? undefined : [...new Set(numbers)].sort((a, b) => a - b);
}

export function imageFacts(image: ImdbImage, pageUrl: string | null): SourceImageFacts;
export function imageFacts(image: ImdbImage | undefined, pageUrl: string | null): SourceImageFacts | undefined;
export function imageFacts(image: ImdbImage | undefined, pageUrl: string | null): SourceImageFacts | undefined {
  if (image === undefined) return undefined;
  const { assetId, viewerId, url, width, height, caption, type, position, copyright, createdBy, source } = image;
  return {
    sourceImageId: assetId,
    viewerId,
    url,
    width,
    height,
    caption,
    type,
    position,
    copyright,
    createdBy,
    attribution: source === null ? null : { text: source.text, url: source.url },
    people: image.people,
    titles: image.titles,
    pageUrl,
  };
}

/** The episodes that have a season and a number, and those that lack one. */
export function episodeFacts(
  episodes: readonly ImdbEpisode[],
  page: { readonly seriesId: string; readonly english: boolean },
): { placed: EpisodeFacts[]; unplaced: UnplacedEpisodeFacts[] } {
  const placed: EpisodeFacts[] = [];
  const unplaced: UnplacedEpisodeFacts[] = [];
  for (const episode of episodes) {
    const facts = {
      seasonNumber: episode.season,
      episodeNumber: episode.episode,
      imdbEpisodeId: episode.id,
      ...(page.english ? { title: episode.title, overview: episode.overview } : {}),
      ...defined({ airDate: dayOf(episode.released ?? undefined) }),
      aired: episode.released,
      voteAverage: episode.ratingValue,
      voteCount: episode.ratingCount,
      primaryImage:
        episode.image === null ? null : imageFacts(episode.image, `${SITE}/title/${page.seriesId}/episodes/`),
    };
    const { seasonNumber, episodeNumber } = facts;
    if (seasonNumber === null || episodeNumber === null) unplaced.push(facts);
    else placed.push({ ...facts, seasonNumber, episodeNumber });
  }
  return { placed, unplaced };
}

/**
 * Credits of all categories. On screen: `Self` or `cast`, billed 1, 2, 3 over the kept rows (6.2, 13); archive footage keeps its mark.
 * Off screen: the category's name.
 */
export function creditFacts(categories: readonly ImdbCreditCategory[]): CreditFacts[] {
  let billing = 0;
  return categories.flatMap((category) =>
    category.credits.map((credit): CreditFacts => {
      const seen = category.isCast;
      if (seen) billing += 1;
      return {
        person: { name: credit.name, imdbId: credit.nameId },
        category: seen ? (isSelf(credit) ? 'Self' : 'cast') : category.name,
        role: roleText(credit),
        billingOrder: seen ? billing : null,
        episodeCount: credit.episodeCount,
        categoryId: categoryIdOf(credit, category),
        characters: credit.characters,
        attributes: credit.attributes,
        archiveFootage: isArchive(credit),
        uncredited: isUncredited(credit),
        startYear: credit.startYear,
        endYear: credit.endYear,
      };
    }),
  );
}

/** The group the row stands in, which its episodes are asked under (6.2, 16); words like `actor` are of older pages. */
function categoryIdOf(credit: ImdbCredit, category: ImdbCreditCategory): string {
  const isConcept = (id: string | null) => id?.startsWith('amzn1.') === true;
  return [category.id, credit.categoryId].find(isConcept) ?? credit.categoryId ?? category.id;
}

export function appearanceFacts(credit: ImdbEpisodeCredit): AppearanceFacts {
  return {
    episodeId: credit.episodeId,
    seasonNumber: credit.season,
    episodeNumber: credit.episode,
    title: credit.title,
    year: credit.year,
    airDate: null,
    job: credit.job,
    category: credit.category,
    characters: credit.characters,
    attributes: credit.attributes,
    archiveFootage: credit.isArchiveFootage,
  };
}

export function personFacts(name: ImdbName): PersonDetailFacts {
  const english = isEnglish(name.locale);
  const page = `${SITE}/name/${name.canonicalId}/`;
  return defined({
    name: name.name,
    imdbId: name.canonicalId,
    knownFor: name.professions?.[0],
    alsoKnownAs: name.alsoKnownAs,
    biography: english ? name.biography : undefined,
    born: name.born,
    died: name.died,
    birthPlace: name.birthPlace,
    professions: english ? name.professions : undefined,
    knownForTitles: name.knownFor?.map(({ id }) => id),
    primaryImage: name.primaryImage === null ? null : imageFacts(name.primaryImage, page),
    images: name.images?.map((image) => imageFacts(image, page)),
    imageTotal: name.imageTotal,
    raw: name,
  });
}

/** A row of the gallery with what its own page adds; the page's picture wins unless it is known to be smaller (3.10.3). */
export function photoFacts(
  personId: string,
  photo: ImdbPersonPhoto,
  details: ImdbViewer | null,
  position: number,
): PersonPhotoFacts {
  const better =
    details?.url != null && details.width !== null && (photo.width === null || details.width >= photo.width)
      ? details
      : null;
  const galleryPath = `/name/${personId}/mediaindex/`;
  return {
    personId,
    sourceImageId: photo.assetId,
    viewerId: photo.viewerId,
    url: better?.url ?? photo.url,
    width: better === null ? photo.width : better.width,
    height: better === null ? photo.height : better.height,
    caption: details?.caption ?? null,
    type: null,
    position,
    ...(details?.people == null ? {} : { people: details.people }),
    ...(details?.titles == null ? {} : { titles: details.titles }),
    pageUrl: `${SITE}${galleryPath}`,
    galleryIndex: details?.galleryIndex ?? null,
    galleryTotal: details?.galleryTotal ?? null,
    galleryPath,
    viewerPath: photo.viewerPath,
  };
}

const SERIES_TYPES = new Set(['tvSeries', 'tvMiniSeries']);

/** Films and games on a list are no shows (6.2, 19); an entry whose type is not told may be one. */
export function isSeriesEntry({ titleType }: Pick<ImdbListEntry, 'titleType'>): boolean {
  return titleType === null || SERIES_TYPES.has(titleType);
}

export function listItem({ id, ...entry }: ImdbListEntry): ImdbListItem {
  return { imdbId: id, ...entry };
}

export function searchHit(hit: SearchHit): ImdbSearchHit {
  const { id, title, originalTitle, titleType, year, endYear, ratingValue, ratingCount } = hit;
  return { imdbId: id, title, originalTitle, titleType, year, endYear, ratingValue, ratingCount };
}
