import type {
  Catalogue,
  ColumnGrants,
  FunctionModel,
  Grants,
  SchemaModel,
  TableModel,
  ViewModel,
} from '../catalogue/model.ts';
import { diagramOf, diagramOfTable } from './diagram.ts';
import type { ExampleRow } from './live-rows.ts';

const code = (text: string) => (text === '' ? '' : `\`${text.replaceAll('|', '\\|').replaceAll('`', "'")}\``);
const cell = (text: string | null) => (text ?? '').replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ');
const names = (list: readonly string[]) => list.map(code).join(', ');

/** A heading and lines below it; nothing when there are none. */
function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`## ${title}`, '', ...lines, ''];
}

function rows(head: readonly string[], body: readonly (readonly string[])[]): string[] {
  if (body.length === 0) return [];
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...body.map(line)];
}

function sorted<T>(record: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}

function grantLines(grants: Grants, columns: ColumnGrants): string[] {
  return [
    ...sorted(grants).map(([role, privileges]) => `- ${code(role)}: ${[...privileges].sort().join(', ')}`),
    ...sorted(columns).flatMap(([role, byPrivilege]) =>
      sorted(byPrivilege).map(([privilege, on]) => `- ${code(role)}: ${privilege} on ${names(on)}`),
    ),
  ];
}

function diagram(chart: string): string[] {
  return section('Diagram', ['```mermaid', chart, '```']);
}

/** @param live the row is one of the database's own */
export function tableMarkdown(table: TableModel, catalogue: Catalogue, row: ExampleRow, live: boolean): string {
  const columns = table.columns.map((column) => [
    code(column.name),
    code(column.data_type),
    column.is_nullable ? 'yes' : 'no',
    column.is_generated
      ? `generated ${code(column.generation_expression ?? '')}`
      : column.is_identity
        ? 'identity'
        : code(column.default ?? ''),
    cell(column.comment),
  ]);
  const key = table.primary_key;
  const security = `Row security is ${table.rls_enabled ? 'on' : 'OFF'}${table.rls_forced ? ', also for the owner' : ''}.`;
  return [
    `# ${table.schema}.${table.table}`,
    '',
    ...(table.comment === null ? [] : [table.comment, '']),
    ...section('Columns', rows(['Column', 'Type', 'Null', 'Default', 'Comment'], columns)),
    ...diagram(diagramOfTable(table, catalogue)),
    ...section('Primary key', key === null ? ['None.'] : [`${code(key.name)}: ${names(key.columns)}`]),
    ...section(
      'Foreign keys',
      table.foreign_keys.map((foreign) => {
        const { schema, table: target, columns: to } = foreign.references;
        const update = foreign.on_update === 'no action' ? '' : `, on update ${foreign.on_update}`;
        return `- ${code(foreign.constraint)}: (${names(foreign.columns)}) to ${code(`${schema}.${target}`)} (${names(to)}), on delete ${foreign.on_delete}${update}`;
      }),
    ),
    ...section(
      'Unique constraints',
      table.unique_constraints.map(
        (unique) =>
          `- ${code(unique.name)}: ${names(unique.columns)}${unique.nulls_not_distinct ? ', nulls not distinct' : ''}`,
      ),
    ),
    ...section(
      'Checks',
      [...table.check_constraints, ...table.exclusion_constraints].map(
        (check) => `- ${code(check.name)}: ${code(check.expression)}`,
      ),
    ),
    ...section(
      'Indexes',
      table.indexes.map(({ name, definition }) => `- ${code(name)}: ${code(definition)}`),
    ),
    ...section(
      'Triggers',
      table.triggers.map(({ name, definition }) => `- ${code(name)}: ${code(definition)}`),
    ),
    '## Row security',
    '',
    security,
    '',
    ...rows(
      ['Policy', 'For', 'To', 'Using', 'With check'],
      table.policies.map((policy) => [
        code(policy.name),
        policy.permissive ? policy.command : `${policy.command} (restrictive)`,
        policy.roles.join(', '),
        code(policy.using ?? ''),
        code(policy.with_check ?? ''),
      ]),
    ),
    ...(table.policies.length === 0 ? ['No policy: for the service role alone.'] : []),
    '',
    ...section('Grants', grantLines(table.grants, table.column_grants)),
    live ? '## A row of this database, secrets left out' : '## Example row',
    '',
    '```json',
    JSON.stringify(row, null, 2),
    '```',
    '',
  ].join('\n');
}

export function viewMarkdown(view: ViewModel): string {
  return [
    `# ${view.schema}.${view.view}`,
    '',
    ...(view.comment === null ? [] : [view.comment, '']),
    `${view.materialized ? 'Materialised view' : 'View'} with ${view.security_invoker ? "the caller's" : "the owner's"} rights.`,
    '',
    ...section(
      'Columns',
      rows(
        ['Column', 'Type'],
        view.columns.map(({ name, data_type }) => [code(name), code(data_type)]),
      ),
    ),
    ...section('Grants', grantLines(view.grants, view.column_grants)),
    '## Definition',
    '',
    '```sql',
    view.definition.trim(),
    '```',
    '',
  ].join('\n');
}

/** One schema on one page: who may use it, how its tables hang together, and what is in it. */
export function schemaMarkdown(schema: SchemaModel, catalogue: Catalogue): string {
  const name = schema.schema;
  const page = (item: string) => `[${name}.${item}](${name}.${item}.md)`;
  const tables = catalogue.tables.filter((table) => table.schema === name);
  const views = catalogue.views.filter((view) => view.schema === name);
  const functions = catalogue.functions.filter((fn) => fn.schema === name);
  return [
    `# Schema ${name}`,
    '',
    ...(schema.comment === null ? [] : [schema.comment, '']),
    ...section('Grants', grantLines(schema.grants, {})),
    ...(tables.length === 0 ? [] : diagram(diagramOf(name, catalogue))),
    ...section(
      'Tables',
      rows(
        ['Table', 'Row security', 'Policies', 'anon may', 'authenticated may'],
        tables.map((table) => [
          page(table.table),
          table.rls_enabled ? 'on' : 'OFF',
          String(table.policies.length),
          rightsOf('anon', table),
          rightsOf('authenticated', table),
        ]),
      ),
    ),
    ...section(
      'Views',
      views.map((view) => `- ${page(view.view)}`),
    ),
    ...section(
      'Types',
      schema.types.map((type) => `- ${code(type.name)}: ${code(type.definition)}`),
    ),
    ...section(
      'Sequences',
      schema.sequences.map((sequence) => {
        const grants = grantLines(sequence.grants, {}).map((line) => line.slice(2));
        return `- ${code(sequence.name)}: ${sequence.data_type}${grants.length === 0 ? '' : `; ${grants.join('; ')}`}`;
      }),
    ),
    ...section('Functions', functions.length === 0 ? [] : [`[${functions.length} functions](_functions.${name}.md)`]),
  ].join('\n');
}

/** What a role may do with a table, columns counted as the whole. */
function rightsOf(role: string, table: TableModel): string {
  const rights = [...(table.grants[role] ?? []), ...Object.keys(table.column_grants[role] ?? {})];
  return [...new Set(rights)].sort().join(', ').toLowerCase();
}

/** All functions of one schema on one page. */
export function functionsMarkdown(schema: string, functions: readonly FunctionModel[]): string {
  return [
    `# Functions of ${schema}`,
    '',
    ...functions.flatMap((fn) => [
      `## ${fn.name}(${fn.signature})`,
      '',
      ...(fn.comment === null ? [] : [fn.comment, '']),
      `- Arguments: ${fn.arguments === '' ? 'none' : code(fn.arguments)}`,
      `- Returns: ${fn.returns === '' ? 'nothing' : code(fn.returns)}`,
      `- Language: ${fn.language}, ${fn.volatility}${fn.strict ? ', strict' : ''}`,
      `- Runs with the rights of: ${fn.security_definer ? 'its owner (security definer)' : 'the caller'}`,
      `- Settings: ${fn.config.length === 0 ? 'none' : names(fn.config)}`,
      `- Executable by: ${Object.keys(fn.grants).length === 0 ? 'the owner only' : Object.keys(fn.grants).sort().join(', ')}`,
      `- Body: md5 ${code(fn.body_md5)}`,
      '',
    ]),
  ].join('\n');
}
