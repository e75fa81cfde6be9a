/**
 * A plan is data: the exact row changes a unit makes. A dry run prints it; a real run writes the same object.
 * Rows in one change list carry complete values for `columns`, already merged with what is stored, so that writing them
 * needs no rule in SQL and a batch can never null out a neighbour's column.
 */
export interface Plan {
  readonly changes: readonly TableChange[];
  /**
   * Names of what is missing (`season 3: transport`, `images`) beyond what the fetch itself named in `missing`; when either is
   * not empty the state is `partial`, with both.
   */
  readonly partial: readonly string[];
  /** Oddities worth a line (duplicates dropped, uncertain identity). */
  readonly warnings: readonly string[];
  /** What a person must decide. */
  readonly reviews?: readonly ReviewQuestion[];
  /** The unit cannot be applied although its facts are whole, e.g. an id held by another show. Nothing is written. */
  readonly conflict?: { readonly code: string; readonly detail: string };
}

/** A question about identity for the review queue (`spec/pipeline.md` 14.2 L11). */
export interface ReviewQuestion {
  /** `tmdb_id`: which candidate at TMDb the show is; `id_conflict`: whether two stored shows are one; `namesakes`: two of its people. */
  readonly kind: 'tmdb_id' | 'id_conflict' | 'namesakes';
  readonly showId: string;
  /** The id in question; with show and kind it makes the question. */
  readonly about: string;
  /** `id`: at TMDb, or of one of our shows or people. */
  readonly candidates: readonly { readonly id: string; readonly name: string | null; readonly detail?: string }[];
}

export interface TableChange {
  /** Schema-qualified, e.g. `core.seasons`. */
  readonly table: string;
  readonly op: 'insert' | 'update' | 'delete';
  /** Columns written (insert, update); for update also printed as the plan's detail. Never contains the key columns on update. */
  readonly columns: readonly string[];
  /** Primary key columns, e.g. `['id']`. */
  readonly key: readonly string[];
  /** Row values by column; key columns always present. */
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  /**
   * Changes of a lower step are finished, as statements of their own, before those of a higher one begin; 0 when absent, may be negative.
   * Needed where a unique rule or a foreign key is checked at once: rows that swap numbers first step aside.
   */
  readonly step?: number;
}
