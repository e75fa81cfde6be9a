import { withOwner } from '../owner.ts';
import type {
  Catalogue,
  CheckModel,
  ColumnGrants,
  ColumnModel,
  ForeignKeyModel,
  FunctionModel,
  Grants,
  IndexModel,
  PolicyModel,
  SchemaModel,
  TableModel,
  TriggerModel,
  UniqueModel,
  ViewModel,
} from './model.ts';
import * as sql from './queries.ts';

/** Schemas this program owns and describes; the queue's own (`pgboss`) is made at run time and not ours to describe. */
export const DESCRIBED_SCHEMAS = [
  'core',
  'games',
  'identity',
  'live',
  'media',
  'pipeline',
  'social',
  'surveys',
] as const;

/** Runs one statement and gives its rows. */
export type Query = <R extends Record<string, unknown>>(text: string, values?: unknown[]) => Promise<R[]>;

interface Row<T> extends Record<string, unknown> {
  readonly schema: string;
  readonly relation: string;
  readonly item: T;
}

interface Relation {
  readonly kind: string;
  readonly comment: string | null;
  readonly rls_enabled: boolean;
  readonly rls_forced: boolean;
  readonly security_invoker: boolean;
  readonly insertable: boolean;
  readonly updatable: boolean;
  readonly definition: string | null;
  readonly grants: Grants;
  readonly column_grants: ColumnGrants;
}

interface Constraint extends UniqueModel, CheckModel {
  readonly kind: string;
  readonly references: ForeignKeyModel['references'];
  readonly on_delete: string;
  readonly on_update: string;
  readonly deferrable: boolean;
}

/**
 * Reads the structure of these schemas. The session's search path must name none of them, or names come unqualified.
 * Schemas that do not exist are left out.
 */
export async function readCatalogue(query: Query, schemas: readonly string[] = DESCRIBED_SCHEMAS): Promise<Catalogue> {
  const rows = <T>(text: string) => query<Row<T>>(text, [schemas]);
  const relations = await rows<Relation>(sql.RELATIONS);
  const columns = byRelation(await rows<ColumnModel>(sql.COLUMNS));
  const constraints = byRelation(await rows<Constraint>(sql.CONSTRAINTS));
  const indexes = byRelation(await rows<IndexModel>(sql.INDEXES));
  const triggers = byRelation(await rows<TriggerModel>(sql.TRIGGERS));
  const policies = byRelation(await rows<PolicyModel>(sql.POLICIES));
  const tables: TableModel[] = [];
  const views: ViewModel[] = [];
  for (const { schema, relation, item } of relations) {
    const of = <T>(map: Map<string, T[]>) => map.get(`${schema}.${relation}`) ?? [];
    if (item.kind === 'v' || item.kind === 'm') {
      views.push(viewOf(schema, relation, item, of(columns)));
      continue;
    }
    const keys = of(constraints);
    const ofKind = (kind: string) => keys.filter((key) => key.kind === kind);
    const primary = ofKind('p')[0];
    tables.push({
      schema,
      table: relation,
      comment: item.comment,
      columns: of(columns),
      primary_key: primary === undefined ? null : { name: primary.name, columns: primary.columns },
      foreign_keys: ofKind('f').map(foreignKeyOf),
      unique_constraints: ofKind('u').map(({ name, columns: of, nulls_not_distinct }) => ({
        name,
        columns: of,
        nulls_not_distinct,
      })),
      check_constraints: ofKind('c').map(checkOf),
      exclusion_constraints: ofKind('x').map(checkOf),
      indexes: of(indexes),
      triggers: of(triggers),
      rls_enabled: item.rls_enabled,
      rls_forced: item.rls_forced,
      policies: of(policies),
      grants: sortedGrants(item.grants),
      column_grants: item.column_grants,
    });
  }
  const functions = (await rows<FunctionModel>(sql.FUNCTIONS)).map((row) => row.item);
  const found = (await rows<SchemaModel>(sql.SCHEMAS)).map((row) => row.item);
  return { schemas: found, tables, views, functions };
}

/** Reads the structure behind the owner's URL in one snapshot, changing nothing. @throws DatabaseUnavailable */
export async function readCatalogueOf(url: string, schemas?: readonly string[]): Promise<Catalogue> {
  return withOwner(
    url,
    async (client) => {
      await client.query("begin isolation level repeatable read read only; select set_config('search_path', '', true)");
      const query: Query = async <R extends Record<string, unknown>>(text: string, values?: unknown[]) =>
        (await client.query<R>(text, values)).rows;
      const found = await readCatalogue(query, schemas);
      await client.query('commit');
      return found;
    },
    { applicationName: 'trr catalogue' },
  );
}

function byRelation<T>(rows: readonly Row<T>[]): Map<string, T[]> {
  const map = new Map<string, T[]>();
  for (const { schema, relation, item } of rows) {
    const name = `${schema}.${relation}`;
    const list = map.get(name);
    if (list === undefined) map.set(name, [item]);
    else list.push(item);
  }
  return map;
}

function viewOf(schema: string, view: string, item: Relation, columns: readonly ColumnModel[]): ViewModel {
  return {
    schema,
    view,
    comment: item.comment,
    materialized: item.kind === 'm',
    columns: columns.map(({ name, data_type }) => ({ name, data_type })),
    security_invoker: item.security_invoker,
    insertable: item.insertable,
    updatable: item.updatable,
    grants: sortedGrants(item.grants),
    column_grants: item.column_grants,
    definition: item.definition ?? '',
  };
}

function foreignKeyOf(key: Constraint): ForeignKeyModel {
  return {
    constraint: key.name,
    columns: key.columns,
    references: key.references,
    on_delete: key.on_delete,
    on_update: key.on_update,
    deferrable: key.deferrable,
    validated: key.validated,
  };
}

function checkOf({ name, expression, validated }: Constraint): CheckModel {
  return { name, expression, validated };
}

function sortedGrants(grants: Grants): Grants {
  return Object.fromEntries(Object.entries(grants).sort(([a], [b]) => (a < b ? -1 : 1)));
}
