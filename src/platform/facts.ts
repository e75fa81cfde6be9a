/**
 * The neutral vocabulary in which sources tell the pipeline what they know. Every source maps its own shapes to these at
 * its border, so no provider's shape leaks inwards.
 *
 * Absent is not null: a property that is `undefined` was not spoken about (the stored value stays); `null` means the source
 * says that there is none. Dates are `YYYY-MM-DD`, times ISO 8601 UTC, countries ISO 3166-1, languages ISO 639-1.
 */
export interface ShowFacts {
  readonly tmdbId?: number;
  readonly name?: string | null;
  readonly originalName?: string | null;
  readonly overview?: string | null;
  readonly status?: string | null;
  readonly type?: string | null;
  readonly firstAirDate?: string | null;
  readonly lastAirDate?: string | null;
  readonly voteAverage?: number | null;
  readonly voteCount?: number | null;
  readonly popularity?: number | null;
  readonly seasonCount?: number | null;
  readonly episodeCount?: number | null;
  readonly genres?: readonly string[];
  readonly keywords?: readonly string[];
  readonly networks?: readonly EntityFacts[];
  readonly companies?: readonly EntityFacts[];
  readonly alternativeNames?: readonly AlternativeNameFacts[];
  readonly externalIds?: ShowExternalIds;
  readonly lastEpisode?: EpisodeRef | null;
  /** Season numbers the source lists, ascending, distinct; 0 is the specials. */
  readonly seasonNumbers?: readonly number[];
  /** What the show's own answer says about its seasons; less than a season's answer, but there even when that fails. */
  readonly listedSeasons?: readonly SeasonFacts[];
  /** The source's payload as received; kept for `*_meta` columns. */
  readonly raw?: unknown;
}

export interface ShowExternalIds {
  readonly imdb?: string | null;
  readonly tvdb?: number | null;
  readonly tvrage?: number | null;
  readonly wikidata?: string | null;
  readonly facebook?: string | null;
  readonly instagram?: string | null;
  readonly twitter?: string | null;
}

/** A network or a production company: a dimension row keyed by the source's integer id. */
export interface EntityFacts {
  readonly id: number;
  readonly name: string;
  readonly originCountry: string | null;
  readonly logoPath: string | null;
  readonly raw: unknown;
}

export interface AlternativeNameFacts {
  readonly name: string;
  readonly country: string | null;
  readonly type: string | null;
}

export interface EpisodeRef {
  readonly season: number | null;
  readonly episode: number | null;
  readonly title: string | null;
  readonly airDate: string | null;
}

export interface SeasonFacts {
  readonly seasonNumber: number;
  readonly tmdbSeasonId?: number | null;
  readonly tmdbSeasonObjectId?: string | null;
  readonly name?: string | null;
  readonly overview?: string | null;
  readonly airDate?: string | null;
  readonly posterPath?: string | null;
  readonly tvdbId?: number | null;
  readonly wikidataId?: string | null;
  readonly language?: string;
  readonly episodes?: readonly EpisodeFacts[];
  readonly posters?: readonly ImageFacts[];
  /** The season's own cast and crew; absent when the source sent none. */
  readonly credits?: readonly CreditFacts[];
}

export interface EpisodeFacts {
  readonly seasonNumber: number;
  readonly episodeNumber: number;
  readonly tmdbEpisodeId?: number | null;
  readonly title?: string | null;
  readonly overview?: string | null;
  readonly airDate?: string | null;
  readonly runtimeMinutes?: number | null;
  readonly stillPath?: string | null;
  readonly productionCode?: string | null;
  readonly episodeType?: string | null;
  readonly voteAverage?: number | null;
  readonly voteCount?: number | null;
}

export type ImageKind = 'poster' | 'backdrop' | 'logo';

export interface ImageFacts {
  readonly kind: ImageKind;
  /** Path at the source, beginning with `/`; also the image's identity there. */
  readonly filePath: string;
  readonly language: string | null;
  readonly width: number | null;
  readonly height: number | null;
  readonly aspectRatio: number | null;
  readonly voteAverage: number | null;
  readonly voteCount: number | null;
  readonly raw: unknown;
}

/** One person's part in a show, over all its episodes. */
export interface CreditFacts {
  readonly person: PersonFacts;
  /** `Self`, `cast` or a crew department's job family, as the schema's `credit_category`. */
  readonly category: string;
  /** Roles joined in the source's order, `null` when it names none. */
  readonly role: string | null;
  /** Position in the source's billing, 1 first; `null` when it has none. */
  readonly billingOrder: number | null;
  readonly episodeCount: number | null;
  /** How often the source lists the person in this category, when more than once. */
  readonly listings?: number;
}

export interface PersonFacts {
  readonly name: string;
  readonly tmdbId?: number;
  readonly imdbId?: string;
  readonly knownFor?: string | null;
  readonly profilePath?: string | null;
}

export interface WatchOfferFacts {
  readonly region: string;
  readonly offerType: string;
  readonly providerId: number;
  readonly providerName: string;
  readonly displayPriority: number | null;
  readonly logoPath: string | null;
  /** The region's watch page at the source; attribution duty (JustWatch) requires that it stays with the offer. */
  readonly link: string | null;
  readonly raw: unknown;
}
