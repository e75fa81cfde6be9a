import type { WikiConfig } from '../../platform/config/wikis.ts';
import type { Outcome } from '../../platform/outcome.ts';
import type { WikiOrigin, WikiPersonFacts, WikiPhotoFacts } from '../../platform/wiki-facts.ts';

/** What is known about a show when its wiki is looked for. */
export interface ShowKeys {
  readonly imdbId?: string | null;
  readonly tmdbId?: number | null;
  /** Its name and other names, best first. */
  readonly names: readonly string[];
}

/** Whom we look for. */
export interface PersonQuery {
  /** Full name and other names, best first. */
  readonly names: readonly string[];
  /** Names of the shows the person was in, at least the one being synced. */
  readonly showNames: readonly string[];
  readonly birthDate: string | null;
  /** The page settled on before; asked for first, and not searched past. */
  readonly pageId?: number | null;
  /** Its revision when it was last read: an unchanged one is `not_modified`. */
  readonly revisionId?: number | null;
}

export type IdentityVerdict = 'confirmed' | 'uncertain' | 'other';

/** Whether a page is about the person meant, with what speaks for and against it (`identity.ts`). */
export interface Identity {
  readonly verdict: IdentityVerdict;
  /** Short sentences for a review queue: `born 1974-12-14 as we know`, `plays in "Big Brother 27 (US)", not in ...`. */
  readonly reasons: readonly string[];
}

export interface PersonFound {
  readonly person: WikiPersonFacts;
  readonly identity: Identity;
}

/** What came of looking for a person. Attach something to a person only from `confirmed`; the others are for review. */
export interface PersonSearch {
  /** The page that is about them beyond doubt. */
  readonly confirmed: WikiPersonFacts | null;
  /** All pages looked at, in the order asked, each with its verdict. */
  readonly candidates: readonly PersonFound[];
}

/** A page's state without its content, for 50 pages in one request. */
export interface PageRevision {
  readonly pageId: number;
  readonly title: string;
  readonly revisionId: number;
  /** ISO 8601 UTC. */
  readonly at: string;
  readonly sha1: string | null;
}

export interface WikiGallery {
  readonly origin: WikiOrigin;
  /** Pictures of the person; others on the page (videos, icons, other people) are left out. */
  readonly photos: readonly WikiPhotoFacts[];
  /** How many pictures were left out, by reason: `video`, `icon`, `other_person`, `foreign_host`, `not_named`, `no_address`. */
  readonly leftOut: Readonly<Record<string, number>>;
}

/** A season's page: its infobox and the people on its cast cards. */
export interface WikiSeason {
  readonly origin: WikiOrigin;
  readonly title: string;
  readonly seasonNumber: number | null;
  readonly country: string | null;
  readonly network: readonly string[];
  readonly hosts: readonly string[];
  readonly winners: readonly string[];
  readonly runnersUp: readonly string[];
  readonly startDate: string | null;
  readonly endDate: string | null;
  readonly dayCount: number | null;
  readonly episodeCount: number | null;
  readonly castCount: number | null;
  readonly previousSeason: string | null;
  readonly nextSeason: string | null;
  readonly summary: string | null;
  readonly infoboxRaw: Readonly<Record<string, string>>;
  readonly cast: readonly WikiCastCard[];
}

export interface WikiCastCard {
  /** Title of the person's page. */
  readonly pageTitle: string;
  /** As written on the card, often a first name. */
  readonly label: string | null;
  /** `Evicted`, `Winner`, ... as written. */
  readonly status: string | null;
  readonly photo: WikiPhotoFacts | null;
}

export interface WikiRequestOptions {
  readonly signal?: AbortSignal;
}

/** Everything the pipeline asks of Fandom wikis. One implementation: `createFandomSource` in `client.ts`. */
export interface FandomSource {
  /** The wiki a show's people are on: by IMDb id, TMDb id, then name (a show's own, else its franchise's). Null: none configured, or off. */
  wikiOf(show: ShowKeys): WikiConfig | null;
  /**
   * Finds a person's page: the known page id, else the page of that name (redirects and disambiguation pages followed), else a search whose
   * hits must bear the person's name. Each page found is judged against show and birth date. `not_found` when no page bears the name;
   * `not_modified` when `revisionId` is still current.
   */
  findPerson(wiki: WikiConfig, query: PersonQuery, options?: WikiRequestOptions): Promise<Outcome<PersonSearch>>;
  /** One person page by title, API first, then the page itself. Pictures carry their true size where the file records say it. */
  person(wiki: WikiConfig, title: string, options?: WikiRequestOptions): Promise<Outcome<WikiPersonFacts>>;
  /** The gallery page of a person page (`spec/sources-fandom.md` 2.6, 5). `missing: ['imageinfo']` when file records could not be had. */
  gallery(wiki: WikiConfig, person: WikiPersonFacts, options?: WikiRequestOptions): Promise<Outcome<WikiGallery>>;
  /** A season's page by number (`WikiConfig.seasonTitle`); `not_found` where the wiki has no pattern. */
  season(wiki: WikiConfig, seasonNumber: number, options?: WikiRequestOptions): Promise<Outcome<WikiSeason>>;
  /** Current revisions of pages, 50 in one request; pages that are gone are absent. Parse only what changed. */
  revisions(
    wiki: WikiConfig,
    pageIds: readonly number[],
    options?: WikiRequestOptions,
  ): Promise<Outcome<readonly PageRevision[]>>;
}
