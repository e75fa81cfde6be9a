import type { Via } from '../../platform/outcome.ts';

/** Where a field's value came from; one entry of a row's `provenance` column. */
export interface ProvenanceEntry {
  readonly source: string;
  /** When that source said so, ISO 8601 UTC. Changes only together with the value. */
  readonly at: string;
  readonly licence: string;
  readonly via: Via | 'override';
  /**
   * Array fields: each source's own values, so that one withdrawn by its only source disappears. `stated` fields: the same, where more
   * than one source states the row.
   */
  readonly values?: Readonly<Record<string, readonly Scalar[]>>;
  /** With `values`: licences of those sources whose licence is not `licence`, so that each value is judged by its own. */
  readonly licences?: Readonly<Record<string, string>>;
  /** For values that were matched rather than read (`shows.tmdb_id`): how, e.g. `name_match`. */
  readonly reason?: string;
  /** With `reason`: 0 to 1. */
  readonly confidence?: number;
}

export type Scalar = string | number;

/** The `provenance` column: entries by column name. A field without an entry is of unknown (predecessor) origin or null. */
export type Provenance = Readonly<Record<string, ProvenanceEntry>>;

/** Who speaks, when and how; what a merge writes into the entries of the values it changes. */
export interface SourceStamp {
  readonly source: string;
  readonly licence: string;
  readonly at: string;
  readonly via: Via;
  /** Licences whose values may be shown; absent: all of them. A value nobody may see never displaces one that everybody may. */
  readonly published?: ReadonlySet<string>;
}

/** A human decision about one field of one row (`core.overrides`); wins over every source and survives every sync. */
export interface FieldOverride {
  readonly field: string;
  readonly value: unknown;
  readonly at: string;
}

/** Reads a `provenance` column; anything that is not an object of entries counts as no provenance. */
export function asProvenance(value: unknown): Provenance {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {};
  const entries = Object.entries(value).filter(([, entry]) => typeof entry === 'object' && entry !== null);
  return Object.fromEntries(entries) as Provenance;
}
