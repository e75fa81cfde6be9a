import { APPEARANCE_RULES } from '../../catalogue/people/appearances.ts';
import type { RowValues } from '../../catalogue/provenance/merge-row.ts';
import type { Row } from '../../platform/db/statement.ts';
import { together } from '../../platform/db/together.ts';
import type { Scope } from '../../platform/db/types.ts';
import type { CreditFacts } from '../../platform/facts.ts';
import type { TableChange } from '../plan.ts';
import type { PlanContext, ShowIdentity } from '../stage.ts';
import { APPEARANCES, KNOWN_EPISODES, TMDB_SEASON_IDS } from './imdb/queries.ts';
import { loadPeople } from './people.ts';
import type { PEOPLE } from './queries.ts';
import { insertColumns, type PlannedRow, planRow, type TableRules, tableChanges } from './rows.ts';

const TABLE: TableRules = {
  table: 'core.episode_appearances',
  rules: APPEARANCE_RULES,
  fetchedAt: null,
  retires: false,
};
const ARRAYS = ['seasons', 'tmdb_season_ids', 'imdb_episode_title_ids', 'tmdb_episode_ids'] as const;

export interface StoredAppearances {
  readonly people: readonly Row<typeof PEOPLE>[];
  readonly rows: readonly Row<typeof APPEARANCES>[];
  readonly episodes: readonly Row<typeof KNOWN_EPISODES>[];
  readonly seasonIds: readonly Row<typeof TMDB_SEASON_IDS>[];
}

export async function loadAppearances(
  tx: Scope,
  show: ShowIdentity,
  credits: readonly CreditFacts[],
): Promise<StoredAppearances> {
  return together({
    people: loadPeople(tx, credits),
    rows: tx.query(APPEARANCES, [show.id]),
    episodes: tx.query(KNOWN_EPISODES, [show.id]),
    seasonIds: tx.query(TMDB_SEASON_IDS, [show.id]),
  });
}

/**
 * The changes that make a show's appearances what a source says of them. A row in which nobody has anything left to say goes.
 * @param said columns by person id; people who are not in it are left alone
 */
export function appearanceChanges(
  said: ReadonlyMap<string, RowValues>,
  stored: StoredAppearances,
  show: ShowIdentity,
  context: PlanContext,
): TableChange[] {
  const byPerson = new Map(stored.rows.map((row) => [row.person_id, row]));
  const rows = [...said]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([personId, incoming]) => {
      const row = byPerson.get(personId) ?? null;
      const fixed = { id: row?.id ?? context.newId(), show_id: show.id, person_id: personId };
      const derived = (merged: RowValues) => ({ tmdb_season_ids: seasonIdsOf(merged['seasons'], stored) });
      return filled(planRow(TABLE, { stored: row, fixed, incoming, derived }, context));
    });
  const isEmpty = ({ values }: PlannedRow) => ARRAYS.every((column) => (values[column] as unknown[]).length === 0);
  const empty = rows.filter(isEmpty);
  const kept = rows.filter((row) => !isEmpty(row));
  const gone = empty.flatMap(({ stored: row }) => (row === null ? [] : [{ id: row['id'] }]));
  const columns = insertColumns(TABLE, ['id', 'show_id', 'person_id', 'tmdb_season_ids']);
  return [
    ...(gone.length === 0 ? [] : [{ table: TABLE.table, op: 'delete' as const, columns: [], key: ['id'], rows: gone }]),
    ...tableChanges(TABLE.table, ['id'], columns, kept),
  ];
}

/** The columns hold lists, never nothing. */
function filled(row: PlannedRow): PlannedRow {
  const lists = Object.fromEntries(ARRAYS.map((column) => [column, row.values[column] ?? []]));
  return { ...row, values: { ...row.values, ...lists } };
}

function seasonIdsOf(seasons: unknown, stored: StoredAppearances): number[] {
  const wanted = new Set(Array.isArray(seasons) ? seasons : []);
  return stored.seasonIds.flatMap((row) => (wanted.has(row.season_number) ? (row.tmdb_season_id ?? []) : []));
}
