/**
 * What a wiki says about a person, in neutral words (as `facts.ts`: absent is not null; `undefined` was not spoken about, `null` means
 * that the page was read and has none). Dates are `YYYY-MM-DD`, times ISO 8601 UTC.
 */

/** Where something comes from and on what terms it may be shown; travels with every item of a page (`spec/sources-fandom.md` 22, 23). */
export interface WikiOrigin {
  /** Host of the wiki, with its language path where it has one: `bigbrother.fandom.com`, `bigbrother.fandom.com/fr`. */
  readonly wiki: string;
  readonly pageTitle: string;
  readonly pageId: number | null;
  /** The page as readers see it. */
  readonly pageUrl: string;
  readonly revisionId: number | null;
  /** This very revision (`?oldid=`); null when the revision is unknown. */
  readonly permalink: string | null;
  /** Licence tag, as in `TRR_PUBLISH_LICENCES`. */
  readonly licence: WikiLicence;
  /** The credit to show beside it. */
  readonly attribution: string;
}

/**
 * `cc-by-sa`: a wiki's text, and pictures whose file page says so. `fandom-image`: a picture without a recorded free licence (most are
 * promotional stills): link, do not copy.
 */
export type WikiLicence = 'cc-by-sa' | 'cc-by' | 'public-domain' | 'fandom-image';

/** A person page. `core.cast_fandom` has a column for most of it. */
export interface WikiPersonFacts {
  readonly origin: WikiOrigin;
  /** Without the disambiguation in brackets: `Lisa Barlow` of `Lisa Barlow (RHOSLC)`. */
  readonly name: string;
  readonly fullName?: string | null;
  readonly nicknames?: readonly string[] | null;
  readonly birthDate?: string | null;
  /** As written, also when it holds no whole date. */
  readonly birthDateDisplay?: string | null;
  readonly deathDate?: string | null;
  readonly gender?: string | null;
  readonly residesIn?: string | null;
  readonly occupation?: string | null;
  readonly hairColor?: string | null;
  readonly eyeColor?: string | null;
  readonly heightDisplay?: string | null;
  readonly weightDisplay?: string | null;
  readonly romances?: readonly string[] | null;
  readonly family?: readonly WikiLink[] | null;
  readonly friends?: readonly WikiLink[] | null;
  readonly enemies?: readonly WikiLink[] | null;
  readonly installment?: string | null;
  readonly installmentUrl?: string | null;
  readonly mainSeasonsDisplay?: string | null;
  /** Shows and seasons the page places the person in, as written (`Big Brother 27 (US)`). */
  readonly shows: readonly string[];
  readonly categories: readonly string[];
  /** Prose, licensed as `origin` says; keep it apart from facts. */
  readonly summary?: string | null;
  readonly taglines?: readonly WikiTagline[] | null;
  readonly reunionSeating?: readonly WikiSeat[] | null;
  readonly trivia?: readonly string[] | null;
  /** Every infobox line, label (else template parameter) to value; lines of a value are joined by line breaks. */
  readonly infoboxRaw?: Readonly<Record<string, string>> | null;
  /** SHA-256 of what was read, not of the markup: equal when nothing a reader sees here has changed. */
  readonly contentSha256: string;
  readonly photos: readonly WikiPhotoFacts[];
}

export interface WikiLink {
  readonly name: string;
  /** As written: a path on the wiki or an http(s) address. */
  readonly url?: string;
}

export interface WikiTagline {
  readonly season: number | null;
  /** `2/6`. */
  readonly openingOrder: string | null;
  readonly tagline: string;
}

export interface WikiSeat {
  readonly season: number | null;
  readonly side: string | null;
  readonly seatOrder: string | null;
}

export type WikiPhotoSection = 'infobox' | 'taglines' | 'reunion_seating' | 'article' | 'gallery';

export type WikiPhotoType = 'hero' | 'intro_card' | 'reunion_look' | 'inline' | 'gallery' | 'confessional';

/** A picture of a person. `core.cast_photos` with source `fandom`. */
export interface WikiPhotoFacts {
  /** Wiki and canonical file name, `real-housewives/Lisa_hero.jpg`: the picture's identity (`source_image_id`). Case matters. */
  readonly identity: string;
  /** The original's address without query, equal for every size and version (`image_url_canonical`). */
  readonly canonicalUrl: string;
  /** The original, with its version (`?cb=`) when known. */
  readonly imageUrl: string;
  /** Smaller copy used on the page; null when it showed the original. */
  readonly thumbUrl: string | null;
  /** Underscored, as the wiki's file page names it. */
  readonly fileName: string;
  /** Upload version (`cb`), `20240709182030`. */
  readonly version: string | null;
  /** Of the original, from the file's own record; null when only a thumbnail's size is known. */
  readonly width: number | null;
  readonly height: number | null;
  /** As shown on the page. */
  readonly thumbWidth: number | null;
  readonly thumbHeight: number | null;
  readonly mimeType: string | null;
  readonly sha1: string | null;
  readonly uploadedAt: string | null;
  readonly uploader: string | null;
  readonly altText: string | null;
  readonly caption: string | null;
  readonly section: WikiPhotoSection;
  readonly type: WikiPhotoType;
  readonly season: number | null;
  /** 1, 2, ... within its section. */
  readonly position: number;
  /** The page that shows it, with the picture's own licence. */
  readonly origin: WikiOrigin;
}
