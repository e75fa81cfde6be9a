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
  /** `tvSeries`, `tvMiniSeries`, ... in IMDb's vocabulary; `movie` and `videoGame` are no shows. */
  readonly titleType?: string | null;
  /** Years of the first and the last broadcast; `endYear` null while it runs. */
  readonly startYear?: number | null;
  readonly endYear?: number | null;
  /** First broadcast as exactly as the source knows it; `firstAirDate` is set only when it is a whole day. */
  readonly firstAired?: PartialDateFacts | null;
  /** Age classification (`TV-14`), of the country the source answers for. */
  readonly certificate?: string | null;
  readonly runtimeMinutes?: number | null;
  /** Finer than genres: IMDb's interests. */
  readonly tags?: readonly string[];
  /** Companies and networks of a source that has no integer ids for them. */
  readonly companyNames?: readonly string[];
  readonly networkNames?: readonly string[];
  readonly countries?: readonly string[];
  readonly languages?: readonly string[];
  readonly primaryImage?: SourceImageFacts | null;
  readonly trailer?: TrailerFacts | null;
  /** Episodes that no numbered season holds. */
  readonly unknownSeasonEpisodes?: number | null;
  /** The source's payload as received; kept for `*_meta` columns. */
  readonly raw?: unknown;
}

/** A day, a month or a year: what a source knows of a date. */
export interface PartialDateFacts {
  readonly year: number;
  readonly month: number | null;
  readonly day: number | null;
  /** Whose release it is, where the source says so: the viewer's country, not always the origin. */
  readonly country: string | null;
}

export interface TrailerFacts {
  readonly id: string | null;
  readonly name: string | null;
  readonly url: string | null;
  readonly embedUrl: string | null;
  readonly thumbnailUrl: string | null;
  /** As the source writes it (ISO 8601 date or time). */
  readonly uploadedAt: string | null;
  readonly durationSeconds: number | null;
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
  readonly imdbEpisodeId?: string | null;
  /** As `ShowFacts.firstAired`: `airDate` is set only when it is a whole day. */
  readonly aired?: PartialDateFacts | null;
  readonly primaryImage?: SourceImageFacts | null;
}

/** An episode whose place the source does not know: its season or its number is null. */
export interface UnplacedEpisodeFacts extends Omit<EpisodeFacts, 'seasonNumber' | 'episodeNumber'> {
  readonly seasonNumber: number | null;
  readonly episodeNumber: number | null;
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
  /** The source's own id of the category the credit stands in; asks for its episodes (`spec/sources-imdb.md` 6.2, 16). */
  readonly categoryId?: string;
  readonly characters?: readonly string[];
  /** Remarks beside the role: `uncredited`, `archive footage`, `as Jane`. */
  readonly attributes?: readonly string[];
  /** True when the source marks the whole credit as archive footage or sound. */
  readonly archiveFootage?: boolean;
  readonly uncredited?: boolean;
  /** First and last year of the credit. */
  readonly startYear?: number | null;
  readonly endYear?: number | null;
}

/** A person in one episode. */
export interface AppearanceFacts {
  /** The source's id of the episode: `tt` and digits. */
  readonly episodeId: string;
  /** Null where the source does not number it. */
  readonly seasonNumber: number | null;
  readonly episodeNumber: number | null;
  readonly title: string | null;
  readonly year: number | null;
  readonly airDate: string | null;
  /** Job and category of the first role that has one (`Self`, `Actor`). */
  readonly job: string | null;
  readonly category: string | null;
  readonly characters: readonly string[];
  readonly attributes: readonly string[];
  readonly archiveFootage: boolean;
}

export interface PersonFacts {
  readonly name: string;
  readonly tmdbId?: number;
  readonly imdbId?: string;
  readonly knownFor?: string | null;
  readonly profilePath?: string | null;
}

/** What a page about a person says beyond their credits. */
export interface PersonDetailFacts extends PersonFacts {
  readonly alsoKnownAs?: readonly string[];
  readonly biography?: string | null;
  readonly born?: PartialDateFacts | null;
  readonly died?: PartialDateFacts | null;
  readonly birthPlace?: string | null;
  readonly professions?: readonly string[];
  /** The source's title ids. */
  readonly knownForTitles?: readonly string[];
  readonly primaryImage?: SourceImageFacts | null;
  /** Pictures shown on the page; `imageTotal` says how many the gallery has. */
  readonly images?: readonly SourceImageFacts[];
  readonly imageTotal?: number | null;
  readonly raw?: unknown;
}

/** What a catalogue keeps about a person: their own page, with the ids they have elsewhere. */
export interface ProfileFacts extends PersonFacts {
  readonly alsoKnownAs?: readonly string[];
  readonly biography?: string | null;
  readonly birthDate?: string | null;
  readonly deathDate?: string | null;
  /** 0 unset, 1 female, 2 male, 3 non-binary. */
  readonly gender?: number | null;
  readonly adult?: boolean | null;
  readonly homepage?: string | null;
  readonly department?: string | null;
  readonly birthPlace?: string | null;
  readonly popularity?: number | null;
  /** By scheme: `imdb`, `wikidata`, `instagram`, ... */
  readonly externalIds?: Readonly<Record<string, string | number | null>>;
  /** In the source's order; absent when it did not speak about them. */
  readonly pictures?: readonly Omit<ImageFacts, 'kind'>[];
}

/** A picture named by its address at a source. Its bytes may be copied only under a licence. */
export interface SourceImageFacts {
  /** What the file is called at the source, without size and crop: the picture's identity there. */
  readonly sourceImageId: string;
  /** The picture's id in the source's viewer (`rm...`), which the same file keeps; null when not told. */
  readonly viewerId: string | null;
  readonly url: string;
  readonly width: number | null;
  readonly height: number | null;
  readonly caption: string | null;
  /** The source's own word: `poster`, `still_frame`, `publicity`, `event`. */
  readonly type: string | null;
  /** Place in the gallery, 1 first. */
  readonly position: number | null;
  readonly copyright?: string | null;
  readonly attribution?: { readonly text: string | null; readonly url: string | null } | null;
  readonly createdBy?: string | null;
  /** Who and what is seen, by the source's ids. */
  readonly people?: readonly { readonly id: string; readonly name: string | null }[];
  readonly titles?: readonly { readonly id: string; readonly name: string | null }[];
  /** Page the picture was found on, where it can be looked at again. */
  readonly pageUrl: string | null;
}

/** A picture out of a person's gallery. */
export interface PersonPhotoFacts extends SourceImageFacts {
  readonly personId: string;
  /** "3 of 1,046" on the picture's own page. */
  readonly galleryIndex: number | null;
  readonly galleryTotal: number | null;
  /** Paths of the gallery and of the picture's own page. */
  readonly galleryPath: string;
  readonly viewerPath: string | null;
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
