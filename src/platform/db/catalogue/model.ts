/**
 * What a database says about itself, as `readCatalogue` reads it and as `supabase/schema_docs/*.json` stores it. Names follow
 * the predecessor's schema docs where they had one. Lists are sorted by name (columns keep their order), so that the same
 * structure always gives the same text.
 */

/** Privileges by role; `PUBLIC` is everybody. The owner's own are left out. */
export type Grants = Readonly<Record<string, readonly string[]>>;

export interface ColumnModel {
  readonly name: string;
  /** As SQL writes it: `timestamp with time zone`, `integer[]`, `numeric(10,3)`. */
  readonly data_type: string;
  readonly is_nullable: boolean;
  readonly default: string | null;
  readonly is_identity: boolean;
  readonly is_generated: boolean;
  readonly generation_expression: string | null;
  readonly comment: string | null;
}

export interface KeyModel {
  readonly name: string;
  readonly columns: readonly string[];
}

export interface UniqueModel extends KeyModel {
  readonly nulls_not_distinct: boolean;
}

export interface ForeignKeyModel {
  readonly constraint: string;
  readonly columns: readonly string[];
  readonly references: { readonly schema: string; readonly table: string; readonly columns: readonly string[] };
  readonly on_delete: string;
  readonly on_update: string;
  readonly deferrable: boolean;
  readonly validated: boolean;
}

export interface CheckModel {
  readonly name: string;
  readonly expression: string;
  readonly validated: boolean;
}

export interface IndexModel {
  readonly name: string;
  /** Columns or expressions, `desc` included. */
  readonly columns: readonly string[];
  readonly unique: boolean;
  readonly method: string;
  readonly predicate: string | null;
  readonly valid: boolean;
  /** Made by a constraint of the same name. */
  readonly constraint: boolean;
  readonly definition: string;
}

export interface TriggerModel {
  readonly name: string;
  readonly timing: string;
  readonly events: readonly string[];
  readonly update_of: readonly string[];
  readonly level: string;
  readonly function: string;
  readonly enabled: boolean;
  readonly definition: string;
}

export interface PolicyModel {
  readonly name: string;
  readonly command: string;
  readonly permissive: boolean;
  readonly roles: readonly string[];
  readonly using: string | null;
  readonly with_check: string | null;
}

/** Column privileges: role, then privilege, then columns. */
export type ColumnGrants = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

export interface TableModel {
  readonly schema: string;
  readonly table: string;
  readonly comment: string | null;
  readonly columns: readonly ColumnModel[];
  readonly primary_key: KeyModel | null;
  readonly foreign_keys: readonly ForeignKeyModel[];
  readonly unique_constraints: readonly UniqueModel[];
  readonly check_constraints: readonly CheckModel[];
  readonly exclusion_constraints: readonly CheckModel[];
  readonly indexes: readonly IndexModel[];
  readonly triggers: readonly TriggerModel[];
  readonly rls_enabled: boolean;
  readonly rls_forced: boolean;
  readonly policies: readonly PolicyModel[];
  readonly grants: Grants;
  readonly column_grants: ColumnGrants;
}

export interface ViewModel {
  readonly schema: string;
  readonly view: string;
  readonly comment: string | null;
  readonly materialized: boolean;
  readonly columns: readonly { readonly name: string; readonly data_type: string }[];
  readonly security_invoker: boolean;
  readonly insertable: boolean;
  readonly updatable: boolean;
  readonly grants: Grants;
  readonly column_grants: ColumnGrants;
  /** As the server writes it: the text differs between major versions. */
  readonly definition: string;
}

export interface FunctionModel {
  readonly schema: string;
  readonly name: string;
  readonly kind: string;
  /** Types only: what tells overloads apart. */
  readonly signature: string;
  readonly arguments: string;
  readonly returns: string;
  readonly language: string;
  readonly volatility: string;
  readonly strict: boolean;
  readonly security_definer: boolean;
  readonly config: readonly string[];
  readonly grants: Grants;
  readonly body_md5: string;
  /** `begin atomic` or `return`: its names were resolved when it was made, and its text differs between major versions. */
  readonly standard_body: boolean;
  /** The same without outer blanks, and with every run of blanks as one: dumps differ in that. */
  readonly body_md5_variants: readonly string[];
  readonly comment: string | null;
}

export interface SchemaModel {
  readonly schema: string;
  readonly comment: string | null;
  readonly grants: Grants;
  /** Enumerations and domains as `create type` would say them. */
  readonly types: readonly { readonly name: string; readonly definition: string }[];
  readonly sequences: readonly { readonly name: string; readonly data_type: string; readonly grants: Grants }[];
}

export interface Catalogue {
  readonly schemas: readonly SchemaModel[];
  readonly tables: readonly TableModel[];
  readonly views: readonly ViewModel[];
  readonly functions: readonly FunctionModel[];
}
