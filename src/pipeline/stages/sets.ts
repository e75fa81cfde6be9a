import type { RowValues } from '../../catalogue/provenance/merge-row.ts';
import { asProvenance } from '../../catalogue/provenance/types.ts';
import type { TableChange } from '../plan.ts';
import type { PlanContext } from '../stage.ts';
import { stampOf } from './rows.ts';

export interface SetInput {
  readonly table: string;
  /** Columns that together are the row's identity within the show. */
  readonly identity: readonly string[];
  /** The column whose provenance entry says who stated the row. */
  readonly marker: string;
  readonly fixed: RowValues;
  readonly wanted: readonly RowValues[];
  readonly stored: readonly RowValues[];
  /** Whether a stored row that is not wanted may be deleted. */
  readonly gone: (row: RowValues) => boolean;
  readonly context: PlanContext;
}

/**
 * Makes the rows of a set equal to what the source states: rows without anything but an identity are added or deleted, never
 * changed. For tables nobody's own data hangs on.
 */
export function planSet(input: SetInput): TableChange[] {
  const { table, identity, marker, fixed, stored, context } = input;
  const keyOf = (row: RowValues): string => JSON.stringify(identity.map((column) => row[column] ?? null));
  const known = new Set(stored.map(keyOf));
  const wanted = new Map(input.wanted.map((row) => [keyOf(row), row]));
  const { source, at, licence, via } = stampOf(context);
  const added = [...wanted]
    .filter(([key]) => !known.has(key))
    .map(([, row]) => ({
      id: context.newId(),
      ...fixed,
      ...row,
      provenance: { [marker]: { source, at, licence, via } },
    }));
  const deleted = stored.filter((row) => !wanted.has(keyOf(row)) && input.gone(row)).map((row) => ({ id: row['id'] }));
  const changes: TableChange[] = [];
  if (deleted.length > 0) changes.push({ table, op: 'delete', columns: [], key: ['id'], rows: deleted });
  if (added.length > 0) {
    const columns = ['id', ...Object.keys(fixed), ...identity, 'provenance'];
    changes.push({ table, op: 'insert', columns, key: ['id'], rows: added });
  }
  return changes;
}

/** Whether a row was stated by this source, perhaps among others (rule `stated`). */
export function statedBy(row: RowValues, field: string, source: string): boolean {
  const entry = asProvenance(row['provenance'])[field];
  return entry?.values === undefined ? entry?.source === source : Object.hasOwn(entry.values, source);
}

/** Whether a row's field was stated by this source, as far as its provenance tells. */
export function ownedBy(row: RowValues, field: string, source: string): boolean {
  return asProvenance(row['provenance'])[field]?.source === source;
}
