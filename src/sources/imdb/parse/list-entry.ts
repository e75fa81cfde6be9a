/** An entry of a list, whatever form of it was read. */
export interface ImdbListEntry {
  readonly id: string;
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

export interface ImdbListPage {
  readonly id: string | null;
  readonly source: 'next_data' | 'graphql' | 'jsonld' | 'html';
  readonly entries: readonly ImdbListEntry[];
  /** Entries seen, also those that could not be read: where the next page begins. */
  readonly seen: number;
  /** Of the whole list; null when not told. */
  readonly total: number | null;
  readonly hasNextPage: boolean | null;
  /** Address of the next page below the list's own, in HTML only. */
  readonly nextPath: string | null;
}

/** An entry of which little more than id and name is known. */
export function plainEntry(id: string, title: string, known: Partial<ImdbListEntry> = {}): ImdbListEntry {
  return {
    id,
    title,
    titleType: null,
    year: null,
    endYear: null,
    rank: null,
    note: null,
    description: null,
    ratingValue: null,
    ratingCount: null,
    episodeCount: null,
    certificate: null,
    runtimeMinutes: null,
    genres: [],
    posterUrl: null,
    posterCaption: null,
    ...known,
  };
}
