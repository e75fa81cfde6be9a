import type { Row } from '../../platform/db/statement.ts';
import type { Database } from '../../platform/db/types.ts';
import { RECORD } from '../merging/queries.ts';
import { Refused, refusing } from '../merging/refused.ts';
import { behalf, type ChangeOptions } from '../merging/service.ts';
import { CLEAR_OVERRIDE, LIST_OVERRIDES, SET_OVERRIDE } from './queries.ts';
import { type OverridableTable, overridableColumn, overrideValue } from './value.ts';

export type ListedOverride = Row<typeof LIST_OVERRIDES>;

export interface OverrideReport {
  readonly field: string;
  /** What the field has now. */
  readonly value: unknown;
  /** What it had before. */
  readonly before: unknown;
  readonly changed: boolean;
}

/**
 * Sets a field by hand, for good: the decision is recorded, the row shows it at once, and no sync changes it. The row's provenance says
 * `own`, as the pipeline would write it, so that the next sync has nothing to write.
 * @param id of the show or person
 * @param text the value as text, null for "no value"
 * @throws Refused `unknown_field`, `bad_value`, `not_found`, or the name of the database's rule that the value breaks
 */
export async function setOverride(
  db: Database,
  table: OverridableTable,
  id: string,
  field: string,
  text: string | null,
  { actor, reason, dryRun, onBehalfOf }: ChangeOptions,
): Promise<OverrideReport> {
  const column = overridableColumn(table, field);
  const value = overrideValue(column, text);
  return refusing(() =>
    db.asService(
      'set override',
      async (tx) => {
        // The column's name comes from the catalogue of tables, never from the caller.
        const [stored] = await tx.raw<{ before: unknown }>(
          `select to_jsonb(t) -> '${column.name}' as before from core.${table} t where t.id = $1 for no key update`,
          [id],
        );
        if (stored === undefined) throw new Refused('not_found', `no row ${id} in ${table}`);
        const set = await tx.one(SET_OVERRIDE, [table, id, column.name, JSON.stringify(value), reason ?? null, actor]);
        await tx.raw(
          `update core.${table} t
           set ${column.name} = p.${column.name},
             provenance = t.provenance || jsonb_build_object('${column.name}',
               jsonb_build_object('source', 'own', 'licence', 'own', 'via', 'override', 'at', to_jsonb(o.updated_at))
               || case when t.provenance -> '${column.name}' ? 'values'
                  then jsonb_build_object('values', t.provenance -> '${column.name}' -> 'values') else '{}' end)
           from core.overrides o, jsonb_populate_record(null::core.${table}, $2) p
           where t.id = $1 and o.table_name = '${table}' and o.row_key = $1::text and o.field = '${column.name}'
             and (t.${column.name} is distinct from p.${column.name} or t.provenance -> '${column.name}' ->> 'via' is distinct from 'override'
               or t.provenance -> '${column.name}' -> 'at' is distinct from to_jsonb(o.updated_at))`,
          [id, JSON.stringify({ [column.name]: value })],
        );
        if (set !== undefined) {
          const change = [JSON.stringify({ [column.name]: stored.before }), JSON.stringify({ [column.name]: value })];
          await tx.query(RECORD, ['override.set', table, id, ...change, reason ?? null]);
        }
        return { field: column.name, value, before: stored.before, changed: set !== undefined };
      },
      { rollback: dryRun === true, ...lockOf(table, id), ...behalf(onBehalfOf) },
    ),
  );
}

/**
 * Takes a decision back. The field keeps its value until a source speaks about it again: the next sync of the show does.
 * @throws Refused `unknown_field`, `no_override`
 */
export async function clearOverride(
  db: Database,
  table: OverridableTable,
  id: string,
  field: string,
  { dryRun, onBehalfOf }: Pick<ChangeOptions, 'dryRun' | 'onBehalfOf'>,
): Promise<OverrideReport> {
  const column = overridableColumn(table, field);
  return db.asService(
    'clear override',
    async (tx) => {
      const cleared = await tx.one(CLEAR_OVERRIDE, [table, id, column.name]);
      if (cleared === undefined) throw new Refused('no_override', `${column.name} has no override`);
      await tx.query(RECORD, [
        'override.clear',
        table,
        id,
        JSON.stringify({ [column.name]: cleared.value }),
        null,
        null,
      ]);
      return { field: column.name, value: cleared.value, before: cleared.value, changed: true };
    },
    { rollback: dryRun === true, ...lockOf(table, id), ...behalf(onBehalfOf) },
  );
}

/**
 * Decisions about one row (`id`) or all rows of a table, by name and field.
 * @param after of one row's: fields behind this one
 */
export async function listOverrides(
  db: Database,
  table: OverridableTable,
  id: string | null,
  limit: number,
  after: string | null = null,
): Promise<ListedOverride[]> {
  return db.asService('list overrides', (tx) => tx.query(LIST_OVERRIDES, [table, id, limit, after]));
}

/** The lock under which the pipeline reads and writes a show. */
function lockOf(table: OverridableTable, id: string): { lock?: string } {
  return table === 'shows' ? { lock: `show:${id}` } : {};
}
