import type { FieldOverride } from '../../catalogue/provenance/types.ts';
import type { Scope } from '../../platform/db/types.ts';
import { OVERRIDES } from './queries.ts';

/** Human decisions by row id. */
export type OverridesByRow = ReadonlyMap<string, readonly FieldOverride[]>;

/**
 * Reads the overrides of rows of one table.
 * @param table name without schema, as in `core.overrides.table_name`
 */
export async function loadOverrides(
  tx: Scope,
  table: string,
  ids: readonly (string | number)[],
): Promise<OverridesByRow> {
  const byRow = new Map<string, FieldOverride[]>();
  if (ids.length === 0) return byRow;
  for (const row of await tx.query(OVERRIDES, [table, ids.map(String)])) {
    const list = byRow.get(row.row_key) ?? [];
    list.push({ field: row.field, value: row.value, at: row.at ?? '' });
    byRow.set(row.row_key, list);
  }
  return byRow;
}

/** Overrides that came along with their rows (column `overrides`, a JSON array of field, value and time). */
export function overridesIn(rows: readonly { readonly id: string; readonly overrides: unknown }[]): OverridesByRow {
  return new Map(rows.map((row) => [row.id, Array.isArray(row.overrides) ? (row.overrides as FieldOverride[]) : []]));
}
