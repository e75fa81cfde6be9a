import type { Outcome } from '../../platform/outcome.ts';

/** One row of the override sheet that says something (`spec/pipeline.md` 6.6). */
export interface SheetOverride {
  /** 1-based line of the file where the row begins. */
  readonly line: number;
  readonly action: SheetAction;
  /** `tt...`, lower case. */
  readonly imdbId: string | null;
  readonly tmdbId: number | null;
  readonly title: string | null;
  readonly network: string | null;
}

export type SheetAction =
  | { readonly kind: 'skip' }
  /** A person needs at least this many episodes to be taken into the cast (default 4). */
  | { readonly kind: 'minimum_episodes'; readonly episodes: number };

export interface SheetRowProblem {
  readonly line: number;
  readonly problem: string;
}

export interface OverrideSheet {
  /** In the file's order; of two rows with one key the later wins (`createOverrideLookup`). */
  readonly overrides: readonly SheetOverride[];
  /** Rows that were left out, and why. */
  readonly problems: readonly SheetRowProblem[];
  /** Data rows read, with those that say nothing. */
  readonly rows: number;
}

export interface ShowIdentity {
  readonly imdbId: string | null;
  readonly tmdbId: number | null;
  readonly title: string | null;
  readonly networks: readonly string[];
}

/** What the sheet says about a show: by IMDb id, TMDb id, title on one of its networks, then title alone. Null: nothing. */
export type OverrideLookup = (show: ShowIdentity) => SheetOverride | null;

export interface SheetSource {
  /** The configured sheet; `not_found` when none is configured. A failure is a message, never a reason to stop (6.6). */
  overrides(options?: { readonly signal?: AbortSignal }): Promise<Outcome<OverrideSheet>>;
}
