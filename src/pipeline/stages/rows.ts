import { mergeRow, type RowRules, type RowValues } from '../../catalogue/provenance/merge-row.ts';
import { sameValue } from '../../catalogue/provenance/same-value.ts';
import type { FieldOverride, SourceStamp } from '../../catalogue/provenance/types.ts';
import type { TableChange } from '../plan.ts';
import type { PlanContext } from '../stage.ts';

/** How rows of one table are merged and written. */
export interface TableRules {
  /** Schema-qualified. */
  readonly table: string;
  /** Columns a source speaks about. */
  readonly rules: RowRules;
  /** Set to the source's time when anything else of the row changes, never alone; null for tables without one. */
  readonly fetchedAt: string | null;
  /** Rows have `missing_count` and `retired_at`: they are retired instead of deleted. */
  readonly retires: boolean;
}

/** A row as it should be. Nothing is written when it is stored and `changed` is empty. */
export interface PlannedRow {
  readonly stored: RowValues | null;
  readonly values: RowValues;
  readonly changed: readonly string[];
}

export function stampOf(context: PlanContext): SourceStamp {
  const { name, licence, at, via } = context.source;
  return {
    source: name,
    licence,
    at,
    via,
    ...(context.published === undefined ? {} : { published: context.published }),
  };
}

export interface RowInput {
  /** The stored row with its `provenance`; null for a new one. */
  readonly stored: RowValues | null;
  /** Identity and position columns: written as they are, without provenance. */
  readonly fixed: RowValues;
  /** The source's values; absent columns keep the stored value. */
  readonly incoming: RowValues;
  readonly overrides?: readonly FieldOverride[] | undefined;
  /** Licences of columns that have another than the source's. */
  readonly licences?: Readonly<Record<string, string>>;
  /** Columns that follow from the merged ones. */
  readonly derived?: (merged: RowValues) => RowValues;
}

/** Plans one row: merged field by field, alive, and stamped with the source's time when anything changed. */
export function planRow(table: TableRules, input: RowInput, context: PlanContext): PlannedRow {
  const { stored, fixed, incoming } = input;
  const merged = mergeRow(table.rules, stored, incoming, stampOf(context), input.overrides, input.licences);
  const values: Record<string, unknown> = { ...stored, ...fixed, ...merged.values };
  const changed = new Set(merged.changed);
  const plain = { ...fixed, ...input.derived?.(values) };
  for (const [column, value] of Object.entries(plain)) {
    values[column] = value;
    if (!sameValue(stored?.[column], value)) changed.add(column);
  }
  if (table.retires) {
    // A row that came back is alive again.
    if (stored !== null && stored['missing_count'] !== 0) changed.add('missing_count');
    if (stored !== null && stored['retired_at'] !== null) changed.add('retired_at');
    values['missing_count'] = 0;
    values['retired_at'] = null;
  }
  if (table.fetchedAt !== null) {
    values[table.fetchedAt] = changed.size > 0 ? context.source.at : (stored?.[table.fetchedAt] ?? context.source.at);
    if (changed.size > 0) changed.add(table.fetchedAt);
  }
  return { stored, values, changed: [...changed].sort() };
}

/** Complete fetches without a row until it is retired (decision in `spec/pipeline.md` 14.2 L8). */
export const RETIRE_AFTER = 2;

/**
 * A stored row that a complete fetch did not contain: one more miss, retired at the second. A retired row stays as it is,
 * so that an unchanged upstream soon has nothing left to write.
 */
export function planMissing(stored: RowValues, context: PlanContext): PlannedRow {
  if (stored['retired_at'] !== null) return { stored, values: stored, changed: [] };
  const missing = Number(stored['missing_count'] ?? 0) + 1;
  const retired = missing >= RETIRE_AFTER;
  return {
    stored,
    values: { ...stored, missing_count: missing, retired_at: retired ? context.now : null },
    changed: retired ? ['missing_count', 'retired_at'] : ['missing_count'],
  };
}

/**
 * Turns planned rows into at most one update and one insert, the update first: a new row may take a place another row leaves. Every row of a change carries a complete value for each of its
 * columns (the stored one where nothing changed), so a batch can never null out a neighbour's column.
 * @param insertColumns columns of new rows
 */
export function tableChanges(
  table: string,
  key: readonly string[],
  insertColumns: readonly string[],
  rows: readonly PlannedRow[],
): TableChange[] {
  const inserted = rows.filter((row) => row.stored === null);
  const updated = rows.filter((row) => row.stored !== null && row.changed.length > 0);
  const changes: TableChange[] = [];
  if (updated.length > 0) {
    const columns = [...new Set(updated.flatMap((row) => row.changed))]
      .filter((column) => !key.includes(column))
      .sort();
    const written = [...key, ...columns];
    changes.push({ table, op: 'update', columns, key, rows: updated.map((row) => picked(row.values, written)) });
  }
  if (inserted.length > 0) {
    const columns = [...new Set([...key, ...insertColumns])];
    changes.push({ table, op: 'insert', columns, key, rows: inserted.map((row) => picked(row.values, columns)) });
  }
  return changes;
}

/** Columns of a new row: its rules, the given identity columns, provenance and the bookkeeping the table has. */
export function insertColumns(table: TableRules, identity: readonly string[]): string[] {
  return [
    ...identity,
    ...Object.keys(table.rules),
    'provenance',
    ...(table.fetchedAt === null ? [] : [table.fetchedAt]),
    ...(table.retires ? ['missing_count', 'retired_at'] : []),
  ];
}

function picked(values: RowValues, columns: readonly string[]): RowValues {
  return Object.fromEntries(columns.map((column) => [column, values[column] ?? null]));
}
