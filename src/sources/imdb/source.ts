import type {
  AppearanceFacts,
  CreditFacts,
  EpisodeFacts,
  PersonDetailFacts,
  PersonPhotoFacts,
  ShowFacts,
  SourceImageFacts,
  UnplacedEpisodeFacts,
} from '../../platform/facts.ts';
import type { Outcome } from '../../platform/outcome.ts';

export interface ImdbRequestOptions {
  readonly signal?: AbortSignal;
}

/** What a title page says, in neutral facts. */
export interface ImdbTitleBundle {
  /**
   * The id the page is about. Another one than was asked for when the source has merged the two titles: the new id
   * (`spec/sources-imdb.md` 6.2, 11).
   */
  readonly imdbId: string;
  readonly show: ShowFacts;
  /** Pictures shown on the page, a few of `imageTotal`. */
  readonly images: readonly SourceImageFacts[];
  readonly imageTotal: number | null;
}

/** The episodes page: which seasons there are, and how many episodes. */
export interface ImdbSeasonList {
  readonly imdbId: string;
  /** Distinct, in the page's order; `number` is null for the "Unknown" bucket (13a), 0 for specials. */
  readonly seasons: readonly ImdbSeasonLabel[];
  /** Count of distinct numbered seasons above 0 (6). */
  readonly seasonCount: number;
  readonly episodeCount: number | null;
}

export interface ImdbSeasonLabel {
  /** As the page asks for it: `1`, `Unknown`. */
  readonly label: string;
  readonly number: number | null;
}

/** One season's episodes. `missing` of the outcome names `episodes` when some could not be read. */
export interface ImdbSeason {
  readonly imdbId: string;
  readonly season: ImdbSeasonLabel;
  readonly episodes: readonly EpisodeFacts[];
  /** Episodes without a season or a number. */
  readonly unplaced: readonly UnplacedEpisodeFacts[];
  /** What the page says the season has; null when it does not say. */
  readonly total: number | null;
}

/** Everybody on a title's credits page. `missing` names `cast` (or another category) of which only a part could be read. */
export interface ImdbCast {
  readonly imdbId: string;
  /** On screen and off, categories in the page's order; `billingOrder` counts kept cast rows (13). */
  readonly credits: readonly CreditFacts[];
  /** Id of the group that holds the cast; asks for episodes of people whose row has none of its own. */
  readonly castCategoryId: string;
  readonly castTotal: number | null;
}

/** An entry of a list. Entries of other types than series are left out (19). */
export interface ImdbListItem {
  readonly imdbId: string;
  readonly title: string;
  readonly titleType: string | null;
  readonly year: number | null;
  readonly endYear: number | null;
  readonly rank: number | null;
  /** What the list's owner wrote about it. */
  readonly note: string | null;
  /** Plot, else the note. */
  readonly description: string | null;
  readonly ratingValue: number | null;
  readonly ratingCount: number | null;
  readonly episodeCount: number | null;
  readonly certificate: string | null;
  readonly runtimeMinutes: number | null;
  readonly genres: readonly string[];
  readonly posterUrl: string | null;
  readonly posterCaption: string | null;
}

export interface ImdbList {
  readonly listId: string;
  /** One per id, the lowest rank (20), in list order. */
  readonly items: readonly ImdbListItem[];
  /** Entries left out because they are no series. */
  readonly otherTypes: number;
}

export interface ImdbImages {
  readonly images: readonly SourceImageFacts[];
  readonly total: number | null;
}

/** A hit of the title search, or an episode among a series' episodes. */
export interface ImdbSearchHit {
  readonly imdbId: string;
  readonly title: string | null;
  readonly originalTitle: string | null;
  readonly titleType: string | null;
  readonly year: number | null;
  readonly endYear: number | null;
  readonly ratingValue: number | null;
  readonly ratingCount: number | null;
}

export interface AppearanceQuery {
  /** Group the person stands in (`CreditFacts.categoryId`); default the cast group. */
  readonly categoryId?: string;
}

export interface PersonPhotosQuery {
  /** Photos at most, default 50. */
  readonly limit?: number;
  /** Viewer ids whose details are known already; their pages are not asked for again. */
  readonly known?: ReadonlySet<string>;
}

/**
 * Everything the pipeline asks of IMDb's pages and GraphQL. One implementation: `createImdbSource` in `client.ts`. All calls
 * answer from snapshots; the network is asked only when `TRR_LIVE_SOURCES` names `imdb-web`, else the outcome is `forbidden`
 * (or `not_recorded` offline). Ids are normalised (`TT123` is `tt123`); a malformed one is `not_found`.
 */
export interface ImdbSource {
  title(imdbId: string, options?: ImdbRequestOptions): Promise<Outcome<ImdbTitleBundle>>;
  seasons(imdbId: string, options?: ImdbRequestOptions): Promise<Outcome<ImdbSeasonList>>;
  /** `label` from `seasons`, or a season number. */
  season(imdbId: string, label: string | number, options?: ImdbRequestOptions): Promise<Outcome<ImdbSeason>>;
  /** The full credits page; when that cannot be had, the reference page. */
  cast(imdbId: string, options?: ImdbRequestOptions): Promise<Outcome<ImdbCast>>;
  /** Every episode of a series a person is credited in; empty when there is none (15). */
  appearances(
    imdbId: string,
    nameId: string,
    query?: AppearanceQuery,
    options?: ImdbRequestOptions,
  ): Promise<Outcome<readonly AppearanceFacts[]>>;
  /** A whole list: GraphQL, else the list's pages. `listId` is `ls` and digits, or text with that in it. */
  list(listId: string, options?: ImdbRequestOptions): Promise<Outcome<ImdbList>>;
  /** The media index, all pages. */
  images(imdbId: string, options?: ImdbRequestOptions): Promise<Outcome<ImdbImages>>;
  person(nameId: string, options?: ImdbRequestOptions): Promise<Outcome<PersonDetailFacts>>;
  personPhotos(
    nameId: string,
    query?: PersonPhotosQuery,
    options?: ImdbRequestOptions,
  ): Promise<Outcome<readonly PersonPhotoFacts[]>>;
  /** All episodes of a series, from the search page. */
  seriesEpisodes(imdbId: string, options?: ImdbRequestOptions): Promise<Outcome<readonly ImdbSearchHit[]>>;
}
