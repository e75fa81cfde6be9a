import { TABLES, type TableFacts } from '../platform/db/generated.ts';
import type { Scope, Transaction } from '../platform/db/types.ts';
import type { Plan, TableChange } from './plan.ts';

/**
 * Tables in the order in which rows are written, so that what is referred to exists first and two units that touch shared
 * rows (people, networks, companies, providers) lock them in one order. Tables not named here come after, by name.
 */
const TABLE_ORDER: readonly string[] = [
  'core.networks',
  'core.production_companies',
  'core.watch_providers',
  'core.people',
  'core.shows',
  'core.external_ids',
  'core.show_slugs',
  'core.alternative_names',
  'core.seasons',
  'core.episodes',
  'core.show_cast',
  'core.cast_tmdb',
  'core.episode_appearances',
  'core.cast_fandom',
  'core.cast_photos',
  'core.show_images',
  'core.season_images',
  'core.show_watch_providers',
];

/** One statement with its values; `$1...` are positions in `values`. */
export interface WriteStatement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Steps of one statement under construction: each becomes a CTE, all share the values. */
interface Draft {
  readonly steps: string[];
  readonly values: unknown[];
}

/** What ends a unit: more steps that join the plan's last statement, so that a unit costs one less. */
export interface Ending {
  /** Pushes its values and returns its steps, without `returning`. */
  compose(values: unknown[]): readonly string[];
}

/**
 * The statements that carry out a plan: per table one delete and one write, whatever the number of rows. A table's updates and
 * inserts share a statement, updates first, so that a row that moves frees its key before a new row takes it.
 * Rows travel as one JSON array and get their types from the table itself.
 * @throws Error when a change names a table or column that does not exist (a bug)
 */
export function planStatements(plan: Plan, ending?: Ending): WriteStatement[] {
  const changes = plan.changes.filter((change) => change.rows.length > 0);
  for (const change of changes) assertColumns(change);
  const stepNumbers = [...new Set(changes.map((change) => change.step ?? 0))].toSorted((a, b) => a - b);
  const drafts = stepNumbers.flatMap((step) => stepDrafts(changes.filter((change) => (change.step ?? 0) === step)));
  if (ending !== undefined) {
    const last = drafts.at(-1) ?? { steps: [], values: [] };
    if (drafts.length === 0) drafts.push(last);
    last.steps.push(...ending.compose(last.values));
  }
  return drafts.map(toStatement);
}

/** Carries out a plan inside `tx`. */
export async function applyPlan(tx: Scope, plan: Plan): Promise<void> {
  await Promise.all(planStatements(plan).map(({ text, values }) => tx.recurring(text, values)));
}

/** The same without waiting for it, with `ending` joined to its last statement; the transaction fails if any of it does. */
export function sendPlan(tx: Transaction, plan: Plan, ending?: Ending): void {
  for (const { text, values } of planStatements(plan, ending)) tx.send(text, values);
}

/** One step of a plan: deletes from the dependent tables up, then writes from the tables they refer to down. */
function stepDrafts(changes: readonly TableChange[]): Draft[] {
  const tables = [...new Set(changes.map((change) => change.table))].toSorted(byTableOrder);
  const of = (table: string, op: TableChange['op']): TableChange[] =>
    changes.filter((change) => change.table === table && change.op === op);
  return [
    ...tables.toReversed().flatMap((table) => of(table, 'delete').map(deleteDraft)),
    ...tables.flatMap((table) => writeDraft(of(table, 'update'), of(table, 'insert'))),
  ];
}

function toStatement({ steps, values }: Draft): WriteStatement {
  const named = steps.map((step, index) => `step${index} as (${step} returning 1)`);
  return { text: `with ${named.join(',\n')}\nselect 1 as done`, values };
}

function assertColumns(change: TableChange): void {
  const facts: TableFacts | undefined = (TABLES as Readonly<Record<string, TableFacts>>)[change.table];
  if (facts === undefined) throw new Error(`plan names an unknown table: ${change.table}`);
  const known = new Set(facts.columns.map((column) => column.name));
  const unknown = [...change.key, ...change.columns].filter((column) => !known.has(column));
  if (unknown.length > 0) throw new Error(`plan names unknown columns of ${change.table}: ${unknown.join(', ')}`);
}

function byTableOrder(a: string, b: string): number {
  return rank(a) - rank(b) || (a < b ? -1 : 1);
}

function rank(table: string): number {
  const at = TABLE_ORDER.indexOf(table);
  return at < 0 ? TABLE_ORDER.length : at;
}

function writeDraft(updates: readonly TableChange[], inserts: readonly TableChange[]): Draft[] {
  if (updates.length + inserts.length === 0) return [];
  const draft: Draft = { steps: [], values: [] };
  for (const change of updates) draft.steps.push(updateStep(change, push(draft.values, change)));
  // Reading the updates' count makes the database finish them before the first row goes in.
  const after = draft.steps.map((_, index) => ` and (select count(*) from step${index}) >= 0`).join('');
  for (const change of inserts) draft.steps.push(insertStep(change, push(draft.values, change), after));
  return [draft];
}

/** Adds the change's rows in key order, as JSON, and returns their parameter number. */
function push(values: unknown[], change: TableChange): number {
  const rows = change.rows.toSorted((a, b) => compareKeys(a, b, change.key));
  return values.push(JSON.stringify(rows));
}

function compareKeys(a: TableChange['rows'][number], b: TableChange['rows'][number], key: readonly string[]): number {
  for (const column of key) {
    const [left, right] = [a[column], b[column]];
    if (left === right) continue;
    if (typeof left === 'number' && typeof right === 'number') return left - right;
    return String(left) < String(right) ? -1 : 1;
  }
  return 0;
}

function insertStep(change: TableChange, parameter: number, condition: string): string {
  const columns = change.columns.map(quote).join(', ');
  return (
    `insert into ${quoteTable(change.table)} (${columns}) select ${columns} ` +
    `from jsonb_populate_recordset(null::${quoteTable(change.table)}, $${parameter}::jsonb) where true${condition}`
  );
}

function updateStep(change: TableChange, parameter: number): string {
  const sets = change.columns.map((column) => `${quote(column)} = v.${quote(column)}`).join(', ');
  return `update ${quoteTable(change.table)} t set ${sets} from ${recordset(change, parameter)} where ${keyMatch(change)}`;
}

function deleteDraft(change: TableChange): Draft {
  const values: unknown[] = [];
  const parameter = push(values, change);
  const text = `delete from ${quoteTable(change.table)} t using ${recordset(change, parameter)} where ${keyMatch(change)}`;
  return { steps: [text], values };
}

/**
 * The rows, for joining them with those stored. The server takes any set for a hundred rows, and reads a whole table to find the one that a
 * unit changes; the limit, the next power of ten, tells it better and leaves few different texts.
 */
function recordset(change: TableChange, parameter: number): string {
  const limit = 10 ** Math.ceil(Math.log10(change.rows.length));
  return `(select * from jsonb_populate_recordset(null::${quoteTable(change.table)}, $${parameter}::jsonb) limit ${limit}) v`;
}

function keyMatch(change: TableChange): string {
  return change.key.map((column) => `t.${quote(column)} = v.${quote(column)}`).join(' and ');
}

function quoteTable(table: string): string {
  return table.split('.').map(quote).join('.');
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Rows per table and operation, for summaries. Rows that become retired count as `retired`, not as `updated`. */
export interface ChangeCounts {
  inserted: number;
  updated: number;
  retired: number;
  deleted: number;
}

export function countChanges(plan: Plan): Map<string, ChangeCounts> {
  const counts = new Map<string, ChangeCounts>();
  for (const change of plan.changes) {
    if (change.rows.length === 0) continue;
    const count = counts.get(change.table) ?? { inserted: 0, updated: 0, retired: 0, deleted: 0 };
    counts.set(change.table, count);
    if (change.op === 'insert') count.inserted += change.rows.length;
    else if (change.op === 'delete') count.deleted += change.rows.length;
    else if (change.columns.includes('retired_at')) {
      const retired = change.rows.filter((row) => row.retired_at !== null).length;
      count.retired += retired;
      count.updated += change.rows.length - retired;
    } else count.updated += change.rows.length;
  }
  return counts;
}
