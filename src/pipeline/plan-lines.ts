import type { TableChange } from './plan.ts';
import type { UnitResult } from './unit.ts';

/** One line of a printed plan: which rows of which table, told by what a person knows them by. */
export interface PlanLine {
  readonly table: string;
  readonly op: TableChange['op'];
  readonly columns: readonly string[];
  readonly rows: number;
  readonly keys: readonly Readonly<Record<string, unknown>>[];
}

/** Columns that name a new row better than its random id. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  'core.shows': ['name'],
  'core.seasons': ['season_number'],
  'core.episodes': ['season_number', 'episode_number'],
  'core.people': ['full_name'],
  'core.show_cast': ['billing_order', 'credit_category', 'role'],
  'core.cast_tmdb': ['name'],
  'core.cast_fandom': ['page_title'],
  'core.cast_photos': ['source', 'source_image_id'],
  'core.episode_appearances': ['person_id', 'seasons'],
  'core.show_images': ['kind', 'file_path'],
  'core.season_images': ['season_number', 'file_path'],
  'core.external_ids': ['scheme', 'value'],
  'core.alternative_names': ['name', 'country'],
};

/** A plan's changes as lines to print; `columns` of an update are the ones it writes. */
export function planLines(result: UnitResult): PlanLine[] {
  return (result.plan?.changes ?? [])
    .filter((change) => change.rows.length > 0)
    .map((change) => {
      const known = NAMES[change.table];
      const names = change.op === 'insert' && known !== undefined ? known : change.key;
      return {
        table: change.table,
        op: change.op,
        columns: change.columns,
        rows: change.rows.length,
        keys: change.rows.map((row) => Object.fromEntries(names.map((name) => [name, row[name]]))),
      };
    });
}
