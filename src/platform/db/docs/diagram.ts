import type { Catalogue, ColumnModel, TableModel } from '../catalogue/model.ts';

/**
 * One Mermaid entity diagram of a schema: its tables with their keys, and foreign keys, also those into other schemas (whose
 * tables appear by name only).
 */
export function diagramOf(schema: string, catalogue: Catalogue): string {
  const tables = catalogue.tables.filter((table) => table.schema === schema);
  return chart(
    tables.map((table) => entityLines(table, schema, keyColumns(table))),
    tables.flatMap((table) => relations(table, schema)),
  );
}

/** One Mermaid entity diagram of a table with all its columns, and the tables it refers to and those that refer to it. */
export function diagramOfTable(table: TableModel, catalogue: Catalogue): string {
  const own = nameOf(table);
  const children = catalogue.tables.filter((other) => nameOf(other) !== own && refersTo(other, own));
  const incoming = children.flatMap((other) => relations(other, table.schema, own));
  return chart([entityLines(table, table.schema, table.columns)], [...relations(table, table.schema), ...incoming]);
}

function chart(entities: readonly (readonly string[])[], edges: readonly string[]): string {
  return ['erDiagram', ...entities.flat(), ...edges].join('\n');
}

function entityLines(table: TableModel, schema: string, columns: readonly ColumnModel[]): string[] {
  return [
    `  ${entity(table.schema, table.table, schema)} {`,
    ...columns.map(({ name, data_type }) => {
      const keys = keysOf(table, name);
      return `    ${typeWord(data_type)} ${name}${keys.length === 0 ? '' : ` ${keys.join(',')}`}`;
    }),
    '  }',
  ];
}

/** The foreign keys of a table; `only`: those to one table. */
function relations(table: TableModel, schema: string, only?: string): string[] {
  return table.foreign_keys.flatMap(({ columns, references }) => {
    if (only !== undefined && nameOf(references) !== only) return [];
    const optional = columns.some((name) => table.columns.find((column) => column.name === name)?.is_nullable);
    const parent = entity(references.schema, references.table, schema);
    const child = entity(table.schema, table.table, schema);
    const many = isUnique(table, columns) ? 'o|' : 'o{';
    return [`  ${parent} ${optional ? '|o' : '||'}--${many} ${child} : "${columns.join(', ')}"`];
  });
}

function nameOf({ schema, table }: { readonly schema: string; readonly table: string }): string {
  return `${schema}.${table}`;
}

function refersTo(table: TableModel, name: string): boolean {
  return table.foreign_keys.some(({ references }) => nameOf(references) === name);
}

function entity(schema: string, table: string, own: string): string {
  return schema === own ? table : `${schema}__${table}`;
}

/** Mermaid takes one word as a type. */
function typeWord(type: string): string {
  return type
    .replace('timestamp with time zone', 'timestamptz')
    .replaceAll('[]', '_array')
    .replaceAll(/[^A-Za-z0-9_]+/g, '_');
}

function keyColumns(table: TableModel): ColumnModel[] {
  return table.columns.filter(({ name }) => keysOf(table, name).length > 0);
}

function keysOf(table: TableModel, column: string): string[] {
  return [
    ...(table.primary_key?.columns.includes(column) ? ['PK'] : []),
    ...(table.foreign_keys.some(({ columns }) => columns.includes(column)) ? ['FK'] : []),
    ...(table.unique_constraints.some(({ columns }) => columns.includes(column)) ? ['UK'] : []),
  ];
}

function isUnique(table: TableModel, columns: readonly string[]): boolean {
  const keys = [
    table.primary_key?.columns ?? [],
    ...table.unique_constraints.map((unique) => unique.columns),
    ...table.indexes.filter(({ unique, predicate }) => unique && predicate === null).map((index) => index.columns),
  ];
  return keys.some((key) => key.length > 0 && key.every((name) => columns.includes(name)));
}
