import { defineCommand } from 'citty';
import {
  findMerge,
  findOne,
  listMerges,
  type MergeKind,
  type MergeReport,
  merge,
  type RecordedMerge,
  type SplitReport,
  split,
} from '../catalogue/merging/service.ts';
import { clearOverride, listOverrides, setOverride } from '../catalogue/overrides/service.ts';
import { overridableColumn, overrideValue } from '../catalogue/overrides/value.ts';
import { loadConfig } from '../platform/config/load.ts';
import { openDatabase } from '../platform/db/open.ts';
import type { Database } from '../platform/db/types.ts';
import { EXIT, integerArg, UsageError } from './command.ts';
import { whoAmI } from './pipeline-session.ts';

const json = { type: 'boolean', description: 'Print JSON' } as const;
const limit = { type: 'string', description: 'How many', default: '50' } as const;
const CHANGE = {
  actor: { type: 'string', description: 'Who decided this, for the record; default: the name of the user' },
  reason: { type: 'string', description: 'Why, for the record' },
  'dry-run': { type: 'boolean', description: 'Do it, print what was done, and roll everything back' },
  json,
} as const;

const WORDS = {
  show: { one: 'show', many: 'shows', table: 'shows', by: 'uuid, slug, IMDb id, tmdb:<id> or name' },
  person: { one: 'person', many: 'people', table: 'people', by: 'uuid, IMDb id, tmdb:<id> or name' },
} as const;

/** `trr shows merge|split|merges|override` and `trr people ...`: the same commands for both. */
export function mergingCommands(kind: MergeKind) {
  const { one, many, by } = WORDS[kind];

  const mergeCommand = defineCommand({
    meta: { name: 'merge', description: `Make one ${one} of two; nothing is lost, and split takes it back` },
    args: {
      source: { type: 'positional', required: true, description: `The ${one} that goes: ${by}` },
      target: { type: 'positional', required: true, description: `The ${one} that stays and whose values win: ${by}` },
      ...CHANGE,
    },
    run: ({ args }) =>
      withDatabase(`trr ${many} merge`, async (db) => {
        const target = await findOne(db, kind, args.target);
        const source = await sourceOf(db, kind, args.source);
        const report = await merge(db, kind, source.id, target.id, change(args));
        const said = { dry_run: args['dry-run'] === true, source: source.id, target: target.id, ...report };
        print(args.json, said, mergeLines(`"${source.name}" into "${target.name}"`, report, said.dry_run));
        return EXIT.ok;
      }),
  });

  const splitCommand = defineCommand({
    meta: { name: 'split', description: `Undo a merge of two ${many}; exit 3 when something could not go back` },
    args: {
      merge: {
        type: 'positional',
        required: true,
        description: `The merge's id or its beginning, or what was merged away`,
      },
      ...CHANGE,
    },
    run: ({ args }) =>
      withDatabase(`trr ${many} split`, async (db) => {
        const standing = await findMerge(db, kind, args.merge);
        const report = await split(db, kind, standing.id, change(args));
        const said = { dry_run: args['dry-run'] === true, ...report };
        const what = `"${standing.source_name}" from "${standing.target_name}"`;
        print(args.json, said, splitLines(what, report, said.dry_run));
        return report.conflicts.length === 0 ? EXIT.ok : EXIT.partial;
      }),
  });

  const mergesCommand = defineCommand({
    meta: { name: 'merges', description: `The newest merges of ${many}: who, when, why, and whether they stand` },
    args: { json, limit },
    run({ args }) {
      const most = integerArg('--limit', args.limit, { min: 1, max: 10_000 }) ?? 50;
      return withDatabase(`trr ${many} merges`, async (db) => {
        const merges = await listMerges(db, kind, most);
        print(args.json, merges, merges.length === 0 ? ['no merges yet'] : merges.map(mergeLine));
        return EXIT.ok;
      });
    },
  });

  return { merge: mergeCommand, split: splitCommand, merges: mergesCommand, override: overrideCommand(kind) };
}

function overrideCommand(kind: MergeKind) {
  const { one, many, by, table } = WORDS[kind];
  const who = { type: 'positional', required: true, description: `The ${one}: ${by}` } as const;
  const field = { type: 'positional', required: true, description: `A column of core.${table}` } as const;

  const setCommand = defineCommand({
    meta: { name: 'set', description: 'Set a field by hand; no sync changes it afterwards' },
    args: {
      [one]: who,
      field,
      value: { type: 'positional', required: false, description: 'The value; lists as JSON or with commas' },
      null: { type: 'boolean', description: 'The field shall have no value' },
      ...CHANGE,
    },
    run({ args }) {
      const { field: name, value } = args as { field: string; value?: string };
      if ((args.null === true) === (value !== undefined)) throw new UsageError('give a value or --null');
      const text = value ?? null;
      // Bad fields and values are told before a database is opened.
      overrideValue(overridableColumn(table, name), text);
      return withDatabase(`trr ${many} override`, async (db) => {
        const row = await findOne(db, kind, String(args[one]));
        const report = await setOverride(db, table, row.id, name, text, change(args));
        const said = { dry_run: args['dry-run'] === true, [one]: row.id, ...report };
        const done = `${said.dry_run ? 'would set' : 'set'} ${name} of "${row.name}" to ${JSON.stringify(report.value)}`;
        print(args.json, said, [
          report.changed
            ? `${done}; before: ${JSON.stringify(report.before)}`
            : `${name} of "${row.name}" is set to this already`,
        ]);
        return EXIT.ok;
      });
    },
  });

  const clearCommand = defineCommand({
    meta: { name: 'clear', description: 'Take a decision back; the next sync lets the sources speak again' },
    args: { [one]: who, field, 'dry-run': CHANGE['dry-run'], json },
    run({ args }) {
      const { field: name } = args as { field: string };
      overridableColumn(table, name);
      return withDatabase(`trr ${many} override`, async (db) => {
        const row = await findOne(db, kind, String(args[one]));
        const report = await clearOverride(db, table, row.id, name, { dryRun: args['dry-run'] === true });
        const said = { dry_run: args['dry-run'] === true, [one]: row.id, ...report };
        const done = `${said.dry_run ? 'would clear' : 'cleared'} the override of ${name} of "${row.name}"`;
        print(args.json, said, [`${done}; it keeps its value until a source is read again (trr sync --force)`]);
        return EXIT.ok;
      });
    },
  });

  const listCommand = defineCommand({
    meta: { name: 'list', description: `Fields of ${many} that were set by hand` },
    args: { [one]: { ...who, required: false }, json, limit },
    run({ args }) {
      const most = integerArg('--limit', String(args.limit), { min: 1, max: 10_000 }) ?? 50;
      return withDatabase(`trr ${many} override`, async (db) => {
        const reference = args[one];
        const row = typeof reference === 'string' ? await findOne(db, kind, reference) : null;
        const overrides = await listOverrides(db, table, row?.id ?? null, most);
        const lines = overrides.map(
          (made) =>
            `${made.name ?? made.row_key}  ${made.field} = ${JSON.stringify(made.value)}  by ${made.actor}, ${made.updated_at}${because(made.reason)}`,
        );
        print(args.json === true, overrides, lines.length === 0 ? ['no overrides'] : lines);
        return EXIT.ok;
      });
    },
  });

  return defineCommand({
    meta: { name: 'override', description: `Set fields of ${many} by hand` },
    subCommands: { set: setCommand, clear: clearCommand, list: listCommand },
  });
}

/** What shall go: a stored one, or one that was merged away already (the merge then answers for it). */
async function sourceOf(db: Database, kind: MergeKind, reference: string): Promise<{ id: string; name: string }> {
  try {
    return await findOne(db, kind, reference);
  } catch (error) {
    const standing = await findMerge(db, kind, reference).catch(() => undefined);
    if (standing === undefined) throw error;
    return { id: standing.source_id, name: standing.source_name };
  }
}

async function withDatabase<T>(name: string, work: (db: Database) => Promise<T>): Promise<T> {
  const database = await openDatabase(loadConfig(), { applicationName: name });
  try {
    return await work(database.db);
  } finally {
    await database.close();
  }
}

function change(args: { [name: string]: unknown }) {
  const given = (name: string) => (typeof args[name] === 'string' ? args[name].trim() : '');
  if (args['actor'] !== undefined && given('actor') === '') throw new UsageError('--actor needs a value');
  return { actor: given('actor') || whoAmI(), reason: given('reason') || undefined, dryRun: args['dry-run'] === true };
}

function print(asJson: boolean | undefined, value: unknown, lines: readonly string[]): void {
  console.log(asJson === true ? JSON.stringify(value) : lines.join('\n'));
}

function because(reason: string | null): string {
  return reason === null ? '' : `: ${reason}`;
}

function mergeLines(what: string, report: MergeReport, dryRun: boolean): string[] {
  if (report.already_merged) return [`${what} is merged already (merge ${report.merge_id}): nothing to do`];
  const tables = Object.entries(report.changes).map(
    ([table, ops]) =>
      `  ${table.padEnd(26)} ${Object.entries(ops)
        .map(([op, rows]) => `${rows} ${op}`)
        .join(', ')}`,
  );
  return [dryRun ? `would merge ${what}` : `merged ${what} (merge ${report.merge_id})`, ...tables.sort()];
}

function splitLines(what: string, report: SplitReport, dryRun: boolean): string[] {
  const tables = Object.entries(report.restored).map(([table, rows]) => `  ${table.padEnd(26)} ${rows} restored`);
  const conflicts = report.conflicts.map(
    ({ table, key, why, field }) =>
      `  ${table} ${JSON.stringify(key)}${field === undefined ? '' : ` ${field}`}: ${why}`,
  );
  return [
    `${dryRun ? 'would split' : 'split'} ${what}`,
    ...tables.sort(),
    ...(conflicts.length === 0 ? [] : [`stays with the target (${conflicts.length}):`, ...conflicts]),
  ];
}

function mergeLine(row: RecordedMerge): string {
  const end = row.undone_at === null ? '' : `, undone ${row.undone_at} by ${row.undone_by}`;
  return `${row.id}  "${row.source_name}" into "${row.target_name}"  ${row.merged_at} by ${row.actor}${because(row.reason)}${end}`;
}
