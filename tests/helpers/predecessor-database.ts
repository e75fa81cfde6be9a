import { readFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { PROJECT_ROOT } from '../../src/platform/config/load.ts';
import { predecessorCatalogue } from '../../src/platform/db/catalogue/expected.ts';
import type { Grants, TableModel } from '../../src/platform/db/catalogue/model.ts';
import { withOwner } from '../../src/platform/db/owner.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';

const quote = pg.escapeIdentifier;
const qualified = (name: string) => name.split('.').map(quote).join('.');
const list = (names: readonly string[]) => names.map(quote).join(', ');

/** A body that does nothing but fit the signature: the predecessor's own are not known, only their hashes. */
function standIn(returns: string, language: string): string {
  if (language === 'sql') return `select null::${returns}`;
  if (returns === 'trigger') return 'begin return new; end';
  return returns === 'void' || returns.startsWith('SETOF') ? 'begin return; end' : 'begin return null; end';
}

function createTable(table: TableModel): string {
  const columns = table.columns.map((column) => {
    const value = column.is_generated
      ? ` generated always as (${column.generation_expression}) stored`
      : column.default === null
        ? ''
        : ` default ${column.default}`;
    return `${quote(column.name)} ${column.data_type}${value}${column.is_nullable ? '' : ' not null'}`;
  });
  const key = table.primary_key;
  const constraints = [
    ...(key === null ? [] : [`constraint ${quote(key.name)} primary key (${list(key.columns)})`]),
    ...table.unique_constraints.map((unique) => `constraint ${quote(unique.name)} unique (${list(unique.columns)})`),
    ...table.check_constraints.map((check) => `constraint ${quote(check.name)} check (${check.expression})`),
  ];
  return `create table ${tableName(table)} (${[...columns, ...constraints].join(', ')})`;
}

const tableName = ({ schema, table }: TableModel) => qualified(`${schema}.${table}`);

function grantsOn(what: string, grants: Grants): string[] {
  return Object.entries(grants).map(
    ([role, privileges]) =>
      `grant ${privileges.join(', ')} on ${what} to ${role === 'PUBLIC' ? 'public' : quote(role)}`,
  );
}

function furnish(table: TableModel): string[] {
  const name = tableName(table);
  return [
    ...table.foreign_keys.map(
      (key) =>
        `alter table ${name} add constraint ${quote(key.constraint)} foreign key (${list(key.columns)}) references ${qualified(`${key.references.schema}.${key.references.table}`)} (${list(key.references.columns)}) on delete ${key.on_delete} on update ${key.on_update}`,
    ),
    ...table.indexes
      .filter(({ constraint }) => !constraint)
      .map(
        (index) =>
          `create ${index.unique ? 'unique ' : ''}index ${quote(index.name)} on ${name} using ${index.method} (${index.columns.join(', ')})${index.predicate === null ? '' : ` where ${index.predicate}`}`,
      ),
    ...table.triggers.map((trigger) => {
      const of = trigger.update_of.length === 0 ? '' : ` of ${list(trigger.update_of)}`;
      const events = trigger.events.map((event) => (event === 'update' ? `update${of}` : event)).join(' or ');
      return `create trigger ${quote(trigger.name)} ${trigger.timing} ${events} on ${name} for each ${trigger.level} execute function ${qualified(trigger.function)}()`;
    }),
    ...(table.rls_enabled ? [`alter table ${name} enable row level security`] : []),
    ...table.policies.map((policy) => {
      const roles = policy.roles.map((role) => (role === 'PUBLIC' ? 'public' : quote(role))).join(', ');
      const using = policy.using === null ? '' : ` using (${policy.using})`;
      const check = policy.with_check === null ? '' : ` with check (${policy.with_check})`;
      return `create policy ${quote(policy.name)} on ${name} for ${policy.command} to ${roles}${using}${check}`;
    }),
    ...grantsOn(name, table.grants),
  ];
}

/**
 * The statements that build the predecessor's final structure from its recorded facts: tables, columns, constraints, indexes,
 * views, functions with stand-in bodies, triggers, policies, grants and the history 0001-0051. View definitions are no facts:
 * they come from our baseline, whose columns and updatability are checked against them.
 */
export async function predecessorStatements(): Promise<string[]> {
  const catalogue = predecessorCatalogue();
  const views = await readFile(path.join(PROJECT_ROOT, 'supabase/migrations/0004_core_views.sql'), 'utf8');
  return [
    await readFile(path.join(PROJECT_ROOT, 'src/platform/db/bootstrap.sql'), 'utf8'),
    ...catalogue.schemas.flatMap(({ schema, grants }) => [
      `create schema ${quote(schema)}`,
      ...grantsOn(`schema ${quote(schema)}`, grants),
    ]),
    ...catalogue.tables.map(createTable),
    ...catalogue.functions.map(
      (fn) =>
        `create function ${qualified(`${fn.schema}.${fn.name}`)}(${fn.arguments}) returns ${fn.returns} language ${fn.language} ${fn.volatility}${fn.strict ? ' strict' : ''}${fn.security_definer ? ' security definer' : ''} ${fn.config.map((setting) => `set ${setting.replace('=', ' = ')}`).join(' ')} as ${pg.escapeLiteral(standIn(fn.returns, fn.language))}`,
    ),
    ...catalogue.functions.flatMap((fn) =>
      grantsOn(`function ${qualified(`${fn.schema}.${fn.name}`)}(${fn.signature})`, fn.grants),
    ),
    ...catalogue.tables.flatMap(furnish),
    views,
    ...catalogue.views.flatMap((view) => grantsOn(qualified(`${view.schema}.${view.view}`), view.grants)),
    `create schema supabase_migrations`,
    `create table supabase_migrations.schema_migrations (version text primary key, statements text[], name text)`,
    `insert into supabase_migrations.schema_migrations
     select lpad(n::text, 4, '0'), array['select ' || n], 'step_' || n from generate_series(1, 51) n`,
  ];
}

/** An empty database turned into the predecessor's at version 0051. */
export async function createPredecessorDatabase(): Promise<TestDatabase> {
  const database = await createTestDatabase({ migrated: false });
  try {
    const statements = await predecessorStatements();
    await withOwner(database.url, async (client) => {
      for (const statement of statements) await client.query(statement);
    });
  } catch (error) {
    await database.drop();
    throw error;
  }
  return database;
}
