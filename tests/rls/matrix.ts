import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { withIds } from './ids.ts';

/**
 * The row-security matrix: who may do what with whose row, as YAML (one file per schema, format in README.md), expanded into cases
 * that run as SQL (`run.ts`). Whoever serves the same tables over another protocol can expand the same files.
 */
export const ROLES = ['anon', 'authenticated', 'admin', 'service_role'] as const;
export type Role = (typeof ROLES)[number];
export const VERBS = ['select', 'insert', 'update', 'delete', 'truncate'] as const;
export type Verb = (typeof VERBS)[number];

/** Database roles that have rights. `trr_reader` is the operator's, for looking (`trr db sql`); it is checked by rights alone. */
export const GRANTEES = ['anon', 'authenticated', 'service_role', 'trr_reader'] as const;
export type Grantee = (typeof GRANTEES)[number];

/** Rows read or written, or the SQLSTATE of the refusal. In YAML a number of five digits is a SQLSTATE. */
type Outcome = number | string;
type PerRow = Outcome | Record<string, Outcome>;
interface Expectation {
  readonly select?: PerRow;
  /** By attempt of `insert`. */
  readonly insert?: PerRow;
  /** By row, or by attempt of `update` when the table names attempts; then by row. */
  readonly update?: PerRow | Record<string, PerRow>;
  readonly delete?: PerRow;
  readonly truncate?: Outcome;
}
type Columns = 'all' | 'none' | readonly string[] | { readonly except: readonly string[] };
type Rights = Partial<Record<'select' | 'insert' | 'update', Columns>>;

interface Entry {
  /** Rows of the seed by name, as conditions. */
  readonly rows: Record<string, string>;
  /** Attempts by name: `(columns) values (...)`. Unneeded where nobody may insert. */
  readonly insert?: Record<string, string>;
  /** Attempts by name: `column = value`. Without any, the first column is set to itself. */
  readonly update?: Record<string, string>;
  /** A profile's name, or the expectation by role on top of the profile `like`. */
  readonly expect: string | ({ readonly like?: string } & Partial<Record<Role, Expectation>>);
  /** Columns a role has rights on where they are not "all or none, as its verbs say". */
  readonly columns?: Partial<Record<Grantee, Rights>>;
}

interface Call {
  /** A select; its number of rows is what counts. */
  readonly sql: string;
  readonly expect: Record<Role, Outcome>;
}

export interface MatrixFile {
  readonly schema: string;
  /** Database roles that may use the schema. */
  readonly usage: readonly string[];
  readonly profiles?: Record<string, Record<Role, Expectation>>;
  readonly tables: Record<string, Entry>;
  readonly views?: Record<string, Entry>;
  /** Functions a role may execute, by name without arguments; `all` is every function of the schema. */
  readonly functions: Record<'anon' | 'authenticated' | 'service_role', 'all' | readonly string[]>;
  /** Functions that run with their owner's rights. */
  readonly definer?: readonly string[];
  readonly calls?: Record<string, Call>;
}

export interface Case {
  /** `social.posts`, or the name of a call. */
  readonly subject: string;
  /** Readable: who does what with what. */
  readonly name: string;
  readonly role: Role;
  readonly verb: Verb | 'call';
  readonly sql: string;
  readonly expected: string;
}

export const FOLDER = import.meta.dirname;

/** Every matrix file, by schema name. */
export function loadMatrix(folder: string = FOLDER): MatrixFile[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .map((file) => readMatrix(path.join(folder, file)));
}

function readMatrix(file: string): MatrixFile {
  const insertIds = (_: unknown, value: unknown) => (typeof value === 'string' ? withIds(value) : value);
  return parse(readFileSync(file, 'utf8'), insertIds) as MatrixFile;
}

function isRefusal(value: unknown): boolean {
  return typeof value === 'string' || (typeof value === 'number' && value >= 10_000);
}

/** A count stays a count; everything else is a SQLSTATE. */
function outcome(value: Outcome): string {
  return isRefusal(value) ? `refused ${value}` : `${value} rows`;
}

/** What is expected of each name. A mapping must speak about all of them; `rest` stands for those it does not name. */
function spread(given: unknown, names: readonly string[], where: string): [string, Outcome][] {
  if (typeof given === 'number' || typeof given === 'string') return names.map((name) => [name, given]);
  if (typeof given !== 'object' || given === null) throw new Error(`${where}: expected an outcome or a mapping`);
  const map = given as Record<string, Outcome>;
  for (const name of Object.keys(map)) {
    if (name !== 'rest' && !names.includes(name)) throw new Error(`${where}: there is no "${name}"`);
  }
  return names.map((name) => {
    const value = map[name] ?? map.rest;
    if (value === undefined) throw new Error(`${where}: nothing is said about "${name}"`);
    return [name, value];
  });
}

export function expectationOf(file: MatrixFile, name: string, entry: Entry, role: Role): Expectation {
  const profile = typeof entry.expect === 'string' ? entry.expect : entry.expect.like;
  const base = profile === undefined ? undefined : file.profiles?.[profile]?.[role];
  if (profile !== undefined && base === undefined) throw new Error(`${name}: no profile "${profile}" for ${role}`);
  return { ...base, ...(typeof entry.expect === 'string' ? {} : entry.expect[role]) };
}

/** Tables and views of a file, by qualified name. */
export function entriesOf(file: MatrixFile): [string, Entry][] {
  return [...Object.entries(file.tables), ...Object.entries(file.views ?? {})].map(([name, entry]) => [
    `${file.schema}.${name}`,
    entry,
  ]);
}

/**
 * All cases of a file.
 * @param firstColumn names a column an update may set to itself, for tables without update attempts of their own
 * @throws Error when the file leaves a role, verb, row or attempt unsaid.
 */
export function casesOf(file: MatrixFile, firstColumn: (table: string) => string): Case[] {
  const cases: Case[] = [];
  for (const [table, entry] of entriesOf(file)) {
    for (const role of ROLES) {
      const expect = expectationOf(file, table, entry, role);
      const say = (verb: Verb, detail: string, sql: string, value: Outcome) =>
        cases.push({
          subject: table,
          name: `${role}: ${verb} ${table}${detail}`,
          role,
          verb,
          sql,
          expected: outcome(value),
        });
      const need = <T>(verb: Verb, value: T | undefined): T => {
        if (value === undefined) throw new Error(`${table}: nothing is said about ${role} ${verb}`);
        return value;
      };
      const rows = Object.keys(entry.rows);
      const onRows = (verb: Verb, given: unknown, what: string, sql: (condition: string) => string) => {
        for (const [row, value] of spread(given, rows, `${table} ${role} ${verb}`)) {
          say(verb, `${what} (${row})`, sql(entry.rows[row] ?? 'false'), value);
        }
      };
      onRows('select', need('select', expect.select), '', (row) => `select 1 from ${table} where ${row}`);

      const inserts = entry.insert ?? { anything: 'default values' };
      for (const [name, value] of spread(need('insert', expect.insert), Object.keys(inserts), `${table} insert`)) {
        say('insert', ` (${name})`, `insert into ${table} ${inserts[name]}`, value);
      }

      const update = need('update', expect.update);
      const updates = entry.update ?? { '': `${firstColumn(table)} = ${firstColumn(table)}` };
      for (const [name, change] of Object.entries(updates)) {
        const perAttempt = name === '' || typeof update !== 'object' ? update : (update[name] ?? update.rest);
        const what = name === '' ? '' : `, ${name}`;
        onRows('update', need('update', perAttempt), what, (row) => `update ${table} set ${change} where ${row}`);
      }
      if (entry.update && typeof update === 'object') {
        const unknown = Object.keys(update).find((name) => name !== 'rest' && !(name in updates));
        if (unknown !== undefined) throw new Error(`${table} ${role} update: there is no attempt "${unknown}"`);
      }
      onRows('delete', need('delete', expect.delete), '', (row) => `delete from ${table} where ${row}`);
      // No view can be truncated, whoever asks.
      if (table.slice(file.schema.length + 1) in file.tables) {
        say('truncate', '', `truncate ${table}`, need('truncate', expect.truncate));
      }
    }
  }
  for (const [name, call] of Object.entries(file.calls ?? {})) {
    for (const role of ROLES) {
      const value = call.expect[role];
      if (value === undefined) throw new Error(`call "${name}": nothing is said about ${role}`);
      cases.push({
        subject: `${file.schema} calls`,
        name: `${role}: ${name}`,
        role,
        verb: 'call',
        sql: call.sql,
        expected: outcome(value),
      });
    }
  }
  return cases;
}

/** Column rights a file expects: what the table says, else none where the verb is refused altogether, and all elsewhere. */
export function columnRights(
  file: MatrixFile,
  all: (table: string) => readonly string[],
): { table: string; role: string; verb: string; columns: string[] }[] {
  const rights: { table: string; role: string; verb: string; columns: string[] }[] = [];
  for (const [table, entry] of entriesOf(file)) {
    for (const role of GRANTEES) {
      for (const verb of ['select', 'insert', 'update'] as const) {
        const implied =
          role === 'trr_reader' ? verb !== 'select' : isRefusal(expectationOf(file, table, entry, role)[verb]);
        const said: Columns = entry.columns?.[role]?.[verb] ?? (implied ? 'none' : 'all');
        const columns = all(table);
        const named =
          said === 'all'
            ? columns
            : said === 'none'
              ? []
              : 'except' in said
                ? columns.filter((column) => !said.except.includes(column))
                : said;
        rights.push({ table, role, verb, columns: [...named].sort() });
      }
    }
  }
  return rights;
}
