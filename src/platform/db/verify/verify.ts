import type pg from 'pg';
import { DUPLICATE_CHECKS, findRowProblems } from '../adopt/preconditions.ts';
import { type Difference, differences, lineOf } from '../catalogue/compare.ts';
import { factsOf } from '../catalogue/facts.ts';
import type { Catalogue } from '../catalogue/model.ts';
import { DESCRIBED_SCHEMAS, type Query, readCatalogue } from '../catalogue/read.ts';
import { readDocs } from '../docs/files.ts';
import { readMigrations } from '../migrate/files.ts';
import { compare, type MigrationState, readHistory } from '../migrate/history.ts';
import { MIGRATIONS_FOLDER } from '../migrate/migrate.ts';
import { withOwner } from '../owner.ts';
import type { Check } from './check.ts';
import { rightDatabase } from './guard.ts';

export interface VerifyOptions {
  readonly url: string;
  /** Default: the committed schema docs. */
  readonly docsFolder?: string;
  /** Called with each check as it is done. */
  readonly onCheck?: (check: Check) => void;
}

/**
 * Checks a database against what this program expects, in one read-only snapshot: whose database it is, migrations, structure
 * against the committed schema docs, row security, rights, validity of constraints and indexes, duplicate rows. After a
 * check that shows it is not our database nothing else is tried (W15: a guard that does not stop is none).
 * @returns all checks done, in order. @throws DatabaseUnavailable
 */
export async function verifyDatabase(options: VerifyOptions): Promise<Check[]> {
  const docs = await readDocs(options.docsFolder);
  const files = await readMigrations(MIGRATIONS_FOLDER);
  const checks: Check[] = [];
  const say = (check: Check) => {
    checks.push(check);
    options.onCheck?.(check);
    return check.status !== 'FAIL';
  };
  return withOwner(
    options.url,
    async (client) => {
      await client.query("begin isolation level repeatable read read only; select set_config('search_path', '', true)");
      if (!say(nothingElse(await rightDatabase(client)))) return checks;
      const state = compare(files, await readHistory(client));
      say(migrationsCheck(state));
      const query: Query = async <R extends Record<string, unknown>>(text: string, values?: unknown[]) =>
        (await client.query<R>(text, values)).rows;
      const live = await readCatalogue(query, DESCRIBED_SCHEMAS);
      for (const check of structureChecks(docs.catalogue, live, await majorOf(client), docs.serverMajor)) say(check);
      for (const check of soundnessChecks(live, docs.catalogue)) say(check);
      for (const check of await duplicateChecks(client)) say(check);
      await client.query('rollback');
      return checks;
    },
    { applicationName: 'trr db verify' },
  );
}

function nothingElse(check: Check): Check {
  return check.status === 'FAIL' ? { ...check, text: `${check.text}; nothing else was checked` } : check;
}

async function majorOf(client: pg.ClientBase): Promise<number> {
  const { rows } = await client.query<{ major: number }>(
    "select current_setting('server_version_num')::int / 10000 as major",
  );
  return rows[0]?.major ?? 0;
}

function migrationsCheck(state: MigrationState): Check {
  const wrong = [
    ...state.unknown.map((version) => `${version} is unknown here`),
    ...state.changed.map((version) => `${version} was edited after it was applied`),
    ...state.gaps.map((version) => `${version} was left out`),
    ...state.pending
      .filter(({ version }) => !state.gaps.includes(version))
      .map(({ version }) => `${version} is pending`),
  ];
  if (wrong.length > 0) return { status: 'FAIL', name: 'migrations', text: some(wrong) };
  const unhashed = state.applied.filter(({ hash }) => hash === null).map(({ version }) => version);
  if (unhashed.length > 0) {
    return {
      status: 'WARN',
      name: 'migrations',
      text: `applied by another tool, so that nobody knows whether unchanged: ${some(unhashed)}`,
    };
  }
  return { status: 'PASS', name: 'migrations', text: `all ${state.applied.length} applied, unchanged, in order` };
}

/** What each kind of fact counts as. */
const GROUPS: readonly (readonly [string, readonly string[]])[] = [
  ['schemas', ['schema', 'type', 'sequence']],
  ['tables', ['table']],
  ['columns', ['column']],
  ['constraints', ['primary key', 'unique', 'check', 'foreign key']],
  ['indexes', ['index']],
  ['views', ['view', 'view rights', 'view column', 'view definition']],
  ['functions', ['function']],
  ['triggers', ['trigger']],
  ['policies', ['policy']],
  ['grants', ['grant', 'column grant']],
];

/** Roles whose rights the docs describe; rights of an operator's own roles are their business, and only mentioned. */
const OUR_ROLES = new Set(['anon', 'authenticated', 'service_role', 'authenticator', 'trr_reader', 'PUBLIC']);

/** Compares a live structure with the expected one, one check per kind of object. Pure. */
export function structureChecks(expected: Catalogue, live: Catalogue, liveMajor: number, docsMajor: number): Check[] {
  const parsedBodies = liveMajor === docsMajor;
  const options = { detail: 'full', parsedBodies } as const;
  const wanted = factsOf(expected, options);
  const found = differences(wanted, factsOf(live, options));
  return GROUPS.map(([name, kinds]) => {
    const own = found.filter(({ kind }) => kinds.includes(kind));
    const fatal = own.filter((one) => !isAddition(one));
    const note =
      name === 'views' && !parsedBodies ? `, definitions not compared (written by PostgreSQL ${docsMajor})` : '';
    if (fatal.length > 0) return { status: 'FAIL', name, text: some(fatal.map(lineOf)) };
    if (own.length > 0) return { status: 'WARN', name, text: some(own.map(lineOf)) };
    const count = wanted.filter(({ kind }) => kinds.includes(kind)).length;
    return { status: 'PASS', name, text: `${count} as expected${note}` };
  });
}

/** An operator's additions that open nothing: tables, columns, indexes of their own, rights of their own roles. */
function isAddition({ how, kind, name }: Difference): boolean {
  if (how !== 'extra') return false;
  if (kind === 'grant' || kind === 'column grant') return !OUR_ROLES.has(name.split('.')[0] ?? name);
  return ['table', 'column', 'index', 'view', 'type', 'sequence'].includes(kind);
}

function soundnessChecks(live: Catalogue, expected: Catalogue): Check[] {
  const forNewRowsOnly = new Set(unvalidated(expected));
  const tables = live.tables.map((table) => ({ ...table, name: `${table.schema}.${table.table}` }));
  const none = (name: string, culprits: readonly string[], good: string): Check =>
    culprits.length === 0 ? { status: 'PASS', name, text: good } : { status: 'FAIL', name, text: some(culprits) };
  return [
    none(
      'row security',
      tables.filter((table) => !table.rls_enabled).map(({ name }) => `off on ${name}`),
      'on, on every table',
    ),
    none(
      'public execute',
      live.functions
        .filter(({ grants }) => grants.PUBLIC !== undefined)
        .map((fn) => `everybody may call ${fn.schema}.${fn.name}(${fn.signature})`),
      'no function is for everybody',
    ),
    none(
      'search paths',
      live.functions
        .filter(({ config, standard_body }) => !standard_body && !config.includes('search_path=""'))
        .map((fn) => `${fn.schema}.${fn.name}(${fn.signature}) has no fixed, empty one`),
      'fixed and empty in every function',
    ),
    none(
      'validated constraints',
      unvalidated(live).filter((name) => !forNewRowsOnly.has(name)),
      `every constraint was checked against every row${forNewRowsOnly.size === 0 ? '' : `, but ${forNewRowsOnly.size} that hold for new rows only, by design`}`,
    ),
    none(
      'valid indexes',
      tables.flatMap((table) => table.indexes.filter(({ valid }) => !valid).map(({ name }) => `${table.name}.${name}`)),
      'none is half built',
    ),
    none(
      'enabled triggers',
      tables.flatMap((table) =>
        table.triggers.filter(({ enabled }) => !enabled).map(({ name }) => `${table.name}.${name}`),
      ),
      'none is switched off',
    ),
  ];
}

/** Constraints that old rows were never checked against (`not valid`), as `core.shows.name`. */
function unvalidated({ tables }: Catalogue): string[] {
  return tables.flatMap((table) => [
    ...table.check_constraints
      .filter(({ validated }) => !validated)
      .map(({ name }) => `${table.schema}.${table.table}.${name}`),
    ...table.foreign_keys
      .filter(({ validated }) => !validated)
      .map(({ constraint }) => `${table.schema}.${table.table}.${constraint}`),
  ]);
}

async function duplicateChecks(client: pg.ClientBase): Promise<Check[]> {
  const problems = await findRowProblems(client, DUPLICATE_CHECKS);
  if (problems.length === 0) {
    return [{ status: 'PASS', name: 'duplicates', text: 'no show and no image is stored twice' }];
  }
  return problems.map(({ id, count, what, examples }) => ({
    status: 'FAIL',
    name: 'duplicates',
    text: `${id}: ${count} ${what}; ${examples.join(', ')}`,
  }));
}

/** The first five and how many more, on one line. */
function some(lines: readonly string[]): string {
  const shown = lines.slice(0, 5).map((line) => (line.length > 300 ? `${line.slice(0, 300)}...` : line));
  return `${shown.join('; ')}${lines.length > 5 ? `; and ${lines.length - 5} more` : ''}`;
}
