import expected from '../expected-catalogue.json' with { type: 'json' };
import type { Catalogue, ForeignKeyModel, FunctionModel, Grants, TableModel, ViewModel } from './model.ts';

/** The shape of `expected-catalogue.json` (format `schema-catalog/1`), as far as we read it. */
interface ExpectedTable {
  readonly name: string;
  readonly columns: readonly {
    readonly name: string;
    readonly type: string;
    readonly nullable: boolean;
    readonly default?: string;
    readonly generated?: string;
  }[];
  readonly primary_key: { readonly name: string; readonly columns: readonly string[] } | null;
  readonly unique_constraints: readonly { readonly name: string; readonly columns: readonly string[] }[];
  readonly check_constraints: readonly {
    readonly name: string;
    readonly expression: string;
    readonly validated: boolean;
  }[];
  readonly foreign_keys: readonly (Omit<ForeignKeyModel, 'constraint' | 'validated'> & { readonly name: string })[];
  readonly indexes: readonly {
    readonly name: string;
    readonly keys: readonly string[];
    readonly method: string;
    readonly unique: boolean;
    readonly predicate?: string;
    readonly constraint_backed: boolean;
  }[];
  readonly rls_enabled: boolean;
  readonly rls_forced: boolean;
  readonly policies: readonly {
    readonly name: string;
    readonly roles: readonly string[];
    readonly command: string;
    readonly permissive: boolean;
    readonly using?: string;
    readonly with_check?: string;
  }[];
  readonly grants: Grants;
  readonly triggers: readonly {
    readonly name: string;
    readonly level: string;
    readonly events: readonly string[];
    readonly timing: string;
    readonly enabled: boolean;
    readonly function: string;
    readonly update_of?: readonly string[];
  }[];
}

interface ExpectedSchema {
  readonly name: string;
  readonly grants: Grants;
  readonly tables: readonly ExpectedTable[];
  readonly views?: readonly {
    readonly name: string;
    readonly columns: readonly { readonly name: string; readonly type: string }[];
    readonly security_invoker: boolean;
    readonly materialized: boolean;
    readonly insertable: boolean;
    readonly updatable: boolean;
    readonly grants: Grants;
  }[];
  readonly functions: readonly (Omit<
    FunctionModel,
    'schema' | 'signature' | 'body_md5_variants' | 'standard_body' | 'comment'
  > & {
    readonly body_md5: string;
  })[];
}

/** The predecessor's schemas that hold something; its `public` holds nothing. */
export const PREDECESSOR_SCHEMAS = ['core', 'games', 'social', 'surveys'] as const;

/** The predecessor's final structure (its version 0051), from the project's own data file. */
export function predecessorCatalogue(): Catalogue {
  const schemas = (expected.schemas as unknown as readonly ExpectedSchema[]).filter(({ name }) =>
    PREDECESSOR_SCHEMAS.some((schema) => schema === name),
  );
  return {
    schemas: schemas.map(({ name, grants }) => ({ schema: name, comment: null, grants, types: [], sequences: [] })),
    tables: schemas.flatMap((schema) => schema.tables.map((table) => tableOf(schema.name, table))),
    views: schemas.flatMap((schema) =>
      (schema.views ?? []).map(
        (view): ViewModel => ({
          schema: schema.name,
          view: view.name,
          comment: null,
          materialized: view.materialized,
          columns: view.columns.map(({ name, type }) => ({ name, data_type: type })),
          security_invoker: view.security_invoker,
          insertable: view.insertable,
          updatable: view.updatable,
          grants: view.grants,
          column_grants: {},
          definition: '',
        }),
      ),
    ),
    functions: schemas.flatMap((schema) =>
      schema.functions.map((fn) => ({
        ...fn,
        schema: schema.name,
        signature: typesOf(fn.arguments),
        body_md5_variants: [],
        standard_body: false,
        comment: null,
      })),
    ),
  };
}

/** `a uuid, b text` -> `uuid,text`: the predecessor's arguments are all named, without defaults. */
function typesOf(list: string): string {
  return list
    .split(', ')
    .map((argument) => argument.replace(/^\S+ /, ''))
    .join(',');
}

function tableOf(schema: string, table: ExpectedTable): TableModel {
  return {
    schema,
    table: table.name,
    comment: null,
    columns: table.columns.map((column) => ({
      name: column.name,
      data_type: column.type,
      is_nullable: column.nullable,
      default: column.generated === undefined ? (column.default ?? null) : null,
      is_identity: false,
      is_generated: column.generated !== undefined,
      generation_expression: column.generated ?? null,
      comment: null,
    })),
    primary_key: table.primary_key,
    unique_constraints: table.unique_constraints.map((unique) => ({ ...unique, nulls_not_distinct: false })),
    check_constraints: table.check_constraints,
    exclusion_constraints: [],
    foreign_keys: table.foreign_keys.map(({ name, ...key }) => ({ ...key, constraint: name, validated: true })),
    indexes: table.indexes.map((index) => ({
      name: index.name,
      columns: index.keys,
      unique: index.unique,
      method: index.method,
      predicate: index.predicate ?? null,
      valid: true,
      constraint: index.constraint_backed,
      definition: '',
    })),
    triggers: table.triggers.map((trigger) => ({ ...trigger, update_of: trigger.update_of ?? [], definition: '' })),
    rls_enabled: table.rls_enabled,
    rls_forced: table.rls_forced,
    policies: table.policies.map((policy) => ({
      ...policy,
      using: policy.using ?? null,
      with_check: policy.with_check ?? null,
    })),
    grants: table.grants,
    column_grants: {},
  };
}
