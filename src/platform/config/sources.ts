/** What may be fetched live, what may be published, and how the program introduces itself to sources (design 8). */
export interface SourceAccess {
  /** `TRR_LIVE_SOURCES`, default `tmdb`. */
  readonly live: ReadonlySet<string>;
  /** `TRR_PUBLISH_LICENCES`, default `tmdb,cc-by-sa,own,identifiers`. */
  readonly publishLicences: ReadonlySet<string>;
  /** `TRR_CONTACT_URL`, sent in the user agent. */
  readonly contactUrl: string | null;
}
