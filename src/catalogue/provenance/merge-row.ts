import { type FieldRule, mergeField } from './merge-field.ts';
import { sameValue } from './same-value.ts';
import { asProvenance, type FieldOverride, type Provenance, type ProvenanceEntry, type SourceStamp } from './types.ts';

export type RowValues = Readonly<Record<string, unknown>>;
export type RowRules = Readonly<Record<string, FieldRule>>;

export interface MergedRow {
  /** Value of every column the rules name, and `provenance`. */
  readonly values: RowValues;
  /** Columns whose stored value differs, ascending; `provenance` among them when it does. Empty: nothing to write. */
  readonly changed: readonly string[];
}

/**
 * Merges a source's row into a stored one, field by field.
 * @param stored the stored row with its `provenance`, or null for a new row
 * @param incoming the source's values by column; an absent (or undefined) column was not spoken about
 * @param licences of columns that have another licence than the source's (identifiers)
 */
export function mergeRow(
  rules: RowRules,
  stored: RowValues | null,
  incoming: RowValues,
  stamp: SourceStamp,
  overrides: readonly FieldOverride[] = [],
  licences: Readonly<Record<string, string>> = {},
): MergedRow {
  const before: Provenance = asProvenance(stored?.['provenance']);
  const provenance: Record<string, ProvenanceEntry> = { ...before };
  const values: Record<string, unknown> = {};
  const changed: string[] = [];
  for (const [field, rule] of Object.entries(rules)) {
    const state = { value: stored?.[field] ?? null, entry: before[field] };
    const override = overrides.find((candidate) => candidate.field === field);
    const licence = licences[field];
    const said = licence === undefined ? stamp : { ...stamp, licence };
    const merged = mergeField(rule, state, incoming[field], said, override);
    values[field] = merged.value ?? null;
    if (merged.entry === undefined) delete provenance[field];
    else provenance[field] = merged.entry;
    if (!sameValue(state.value, merged.value)) changed.push(field);
  }
  values['provenance'] = provenance;
  if (!sameValue(before, provenance)) changed.push('provenance');
  return { values, changed: changed.sort() };
}
