import type { Catalogue, TableModel } from '../catalogue/model.ts';

/**
 * One Mermaid entity diagram of a schema: its tables with their keys, and foreign keys, also those into other schemas (whose
 * tables appear by name only).
 */
export function diagramOf(schema: string, catalogue: Catalogue): string {
  const tables = catalogue.tables.filter((table) => table.schema === schema);
  const lines = ['erDiagram'];
  for (const table of tables) {
    lines.push(`  ${entity(table.schema, table.table, schema)} {`);
    for (const column of table.columns) {
      const keys = keysOf(table, column.name);
      if (keys.length > 0) lines.push(`    ${typeWord(column.data_type)} ${column.name} ${keys.join(',')}`);
    }
    lines.push('  }');
  }
  for (const table of tables) {
    for (const key of table.foreign_keys) {
      const parent = entity(key.references.schema, key.references.table, schema);
      const optional = key.columns.some((name) => table.columns.find((column) => column.name === name)?.is_nullable);
      const one = isUnique(table, key.columns);
      lines.push(
        `  ${parent} ${optional ? '|o' : '||'}--${one ? 'o|' : 'o{'} ${entity(table.schema, table.table, schema)} : "${key.columns.join(', ')}"`,
      );
    }
  }
  return `${lines.join('\n')}\n`;
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
