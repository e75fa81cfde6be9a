import type { Catalogue, ColumnGrants, Grants, TableModel, ViewModel } from './model.ts';

/** One statement about one object, comparable across databases: the same `id` with another `text` is a change. */
export interface Fact {
  /** `column:core.shows.name`, `policy:social.posts.posts_insert_own`, `function:core.merge_shows(uuid,uuid)`. */
  readonly id: string;
  /** `table`, `column`, `foreign key`, `policy`, `grant`, ... */
  readonly kind: string;
  /** The object it is about or belongs to: `core.shows`. */
  readonly on: string;
  /** Its own name inside that; empty when it has none. */
  readonly name: string;
  readonly text: string;
}

export interface FactOptions {
  /**
   * `baseline`: only what is known of the predecessor. `full`: also definitions of triggers and views, comments left out in
   * both.
   */
  readonly detail: 'baseline' | 'full';
  /** False leaves out parsed bodies (views, `begin atomic`), whose text differs between major versions of the server. */
  readonly parsedBodies?: boolean;
}

/** All facts of a catalogue, in its order. Pure. */
export function factsOf(catalogue: Catalogue, options: FactOptions): Fact[] {
  const facts: Fact[] = [];
  const add = (kind: string, on: string, name: string, text: string) =>
    facts.push({ id: `${kind.replaceAll(' ', '-')}:${on}${name === '' ? '' : `.${name}`}`, kind, on, name, text });
  for (const schema of catalogue.schemas) {
    add('schema', schema.schema, '', 'exists');
    addGrants(add, schema.schema, schema.grants);
    for (const type of schema.types) add('type', schema.schema, type.name, type.definition);
    for (const sequence of schema.sequences) {
      add('sequence', schema.schema, sequence.name, sequence.data_type);
      addGrants(add, `${schema.schema}.${sequence.name}`, sequence.grants);
    }
  }
  for (const table of catalogue.tables) addTable(add, table, options);
  for (const view of catalogue.views) addView(add, view, options);
  for (const fn of catalogue.functions) {
    const name = `${fn.schema}.${fn.name}(${fn.signature})`;
    const words = [
      `${fn.kind} (${fn.arguments}) returns ${fn.returns}`,
      fn.language,
      fn.volatility,
      fn.strict ? 'strict' : '',
      fn.security_definer ? 'security definer' : '',
      ...fn.config,
      fn.standard_body && options.parsedBodies === false ? '' : `body ${fn.body_md5}`,
    ];
    add('function', name, '', words.filter((word) => word !== '').join(' '));
    addGrants(add, name, fn.grants);
  }
  return facts;
}

type Add = (kind: string, on: string, name: string, text: string) => void;

function addGrants(add: Add, on: string, grants: Grants, columns: ColumnGrants = {}): void {
  for (const [role, privileges] of Object.entries(grants)) add('grant', on, role, [...privileges].sort().join(','));
  for (const [role, byPrivilege] of Object.entries(columns)) {
    for (const [privilege, names] of Object.entries(byPrivilege)) {
      add('column grant', on, `${role}.${privilege}`, [...names].sort().join(','));
    }
  }
}

function addTable(add: Add, table: TableModel, options: FactOptions): void {
  const on = `${table.schema}.${table.table}`;
  add('table', on, '', `row security ${table.rls_enabled ? 'on' : 'off'}${table.rls_forced ? ' forced' : ''}`);
  for (const column of table.columns) {
    const value = column.is_generated
      ? ` generated ${column.generation_expression}`
      : column.default === null
        ? ''
        : ` default ${column.default}`;
    const identity = column.is_identity ? ' identity' : '';
    add('column', on, column.name, `${column.data_type}${column.is_nullable ? '' : ' not null'}${identity}${value}`);
  }
  const key = table.primary_key;
  if (key !== null) add('primary key', on, key.name, `(${key.columns.join(',')})`);
  for (const unique of table.unique_constraints) {
    add(
      'unique',
      on,
      unique.name,
      `(${unique.columns.join(',')})${unique.nulls_not_distinct ? ' nulls not distinct' : ''}`,
    );
  }
  for (const check of [...table.check_constraints, ...table.exclusion_constraints]) {
    add('check', on, check.name, `${check.expression}${check.validated ? '' : ' not valid'}`);
  }
  for (const foreign of table.foreign_keys) {
    const { schema, table: target, columns } = foreign.references;
    const extra = [
      foreign.on_update === 'no action' ? '' : ` on update ${foreign.on_update}`,
      foreign.deferrable ? ' deferrable' : '',
      foreign.validated ? '' : ' not valid',
    ].join('');
    add(
      'foreign key',
      on,
      foreign.constraint,
      `(${foreign.columns.join(',')}) -> ${schema}.${target} (${columns.join(',')}) ${foreign.on_delete}${extra}`,
    );
  }
  for (const index of table.indexes) {
    const where = index.predicate === null ? '' : ` where ${index.predicate}`;
    add(
      'index',
      on,
      index.name,
      `${index.unique ? 'unique ' : ''}${index.method} (${index.columns.join(',')})${where}${index.valid ? '' : ' invalid'}`,
    );
  }
  for (const trigger of table.triggers) {
    const of = trigger.update_of.length === 0 ? '' : ` of ${[...trigger.update_of].sort().join(',')}`;
    const text = `${trigger.timing} ${[...trigger.events].sort().join(',')}${of} per ${trigger.level} ${trigger.function}${trigger.enabled ? '' : ' disabled'}`;
    add('trigger', on, trigger.name, options.detail === 'full' ? `${text}: ${trigger.definition}` : text);
  }
  for (const policy of table.policies) {
    const using = policy.using === null ? '' : ` using ${policy.using}`;
    const check = policy.with_check === null ? '' : ` with check ${policy.with_check}`;
    add(
      'policy',
      on,
      policy.name,
      `${policy.permissive ? '' : 'restrictive '}for ${policy.command} to ${[...policy.roles].sort().join(',')}${using}${check}`,
    );
  }
  addGrants(add, on, table.grants, table.column_grants);
}

function addView(add: Add, view: ViewModel, options: FactOptions): void {
  const on = `${view.schema}.${view.view}`;
  add('view', on, '', `insertable ${view.insertable} updatable ${view.updatable}`);
  add('view rights', on, '', view.security_invoker ? "the caller's" : "the owner's");
  view.columns.forEach((column, at) => {
    add('view column', on, column.name, `${at + 1} ${column.data_type}`);
  });
  if (options.detail === 'full' && options.parsedBodies !== false) {
    add('view definition', on, '', view.definition.replaceAll(/\s+/g, ' ').trim());
  }
  addGrants(add, on, view.grants, view.column_grants);
}
