import type { Plan, TableChange } from './plan.ts';

/** Tables whose rows belong to no single show, and what such a row is known by. */
const IDENTITIES: Readonly<Record<string, (row: TableChange['rows'][number]) => string>> = {
  'core.networks': (row) => String(row.id),
  'core.production_companies': (row) => String(row.id),
  'core.watch_providers': (row) => String(row.provider_id),
  'core.people': (row) => JSON.stringify(row.external_ids ?? row.id),
  'core.cast_tmdb': (row) => String(row.tmdb_id),
  'core.cast_fandom': (row) => `${row.person_id} ${row.source}`,
  'core.cast_photos': (row) => `${row.person_id} ${row.source} ${row.source_image_id}`,
};

/**
 * Remembers the shared rows that earlier plans of a dry run add, because each plan is rolled back and the next show would add
 * them again. Holds one row for each new network, company, provider, person and what is known about them.
 */
export class SharedRows {
  readonly #added = new Map<string, TableChange>();

  /** Earlier additions that these plans would repeat, as a plan that makes them; null when there are none. */
  repeated(plans: readonly Plan[]): Plan | null {
    const again = rowsOf(plans).flatMap(({ key }) => this.#added.get(key) ?? []);
    return again.length === 0 ? null : { changes: merged(again), partial: [], warnings: [] };
  }

  remember(plans: readonly Plan[]): void {
    for (const { key, change } of rowsOf(plans)) this.#added.set(key, change);
  }
}

function rowsOf(plans: readonly Plan[]): { key: string; change: TableChange }[] {
  return plans.flatMap((plan) =>
    plan.changes.flatMap((change) => {
      const identity = IDENTITIES[change.table];
      if (identity === undefined || change.op !== 'insert') return [];
      return change.rows.map((row) => ({
        key: `${change.table} ${identity(row)}`,
        change: { ...change, rows: [row] },
      }));
    }),
  );
}

/** One change for all rows of a table with the same columns. */
function merged(changes: readonly TableChange[]): TableChange[] {
  const groups = Map.groupBy(changes, (change) => `${change.table} ${change.columns.join()}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first === undefined ? [] : [{ ...first, rows: group.flatMap((change) => change.rows) }];
  });
}
