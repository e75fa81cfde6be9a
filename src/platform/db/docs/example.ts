import type { ColumnModel, TableModel } from '../catalogue/model.ts';

/**
 * A made-up row of a table: values by type and name, the same on every machine, never from a real row. Where a check lists
 * the allowed texts, the first of them.
 */
export function exampleRow(table: TableModel): Record<string, unknown> {
  return Object.fromEntries(table.columns.map((column) => [column.name, exampleValue(column, table)]));
}

const BY_TYPE: readonly (readonly [RegExp, unknown])[] = [
  [/^uuid$/, '00000000-0000-4000-8000-000000000001'],
  [/^boolean$/, true],
  [/^(smallint|integer)$/, 1],
  [/^(bigint|numeric.*)$/, '1'],
  [/^(real|double precision)$/, 0.5],
  [/^date$/, '2025-01-01'],
  [/^timestamp/, '2025-01-01T00:00:00.000000+00:00'],
  [/^jsonb?$/, {}],
  [/^bytea$/, '\\x00'],
];

const BY_NAME: readonly (readonly [RegExp, string])[] = [
  [/^imdb_(id|show_id|series_id|title_id)$/, 'tt0000001'],
  [/^imdb_episode_id$|_imdb_id$/, 'tt0000002'],
  [/^imdb_person_id$/, 'nm0000001'],
  [/_path$/, '/example.jpg'],
  [/url/, 'https://example.org/example'],
  [/email/, 'ada@example.org'],
  [/iso_639_1|^language$/, 'en'],
  [/region|country/, 'US'],
  [/sha256|hash/, '0'.repeat(64)],
  [/slug/, 'example-show'],
];

function exampleValue(column: ColumnModel, table: TableModel): unknown {
  if (column.data_type.endsWith('[]')) {
    const one = exampleValue({ ...column, data_type: column.data_type.slice(0, -2) }, table);
    return [one];
  }
  const found = BY_TYPE.find(([pattern]) => pattern.test(column.data_type));
  if (found !== undefined) return found[1];
  const allowed = table.check_constraints
    .map(({ expression }) => new RegExp(`^\\(${column.name} = ANY \\(ARRAY\\['([^']*)'::text`).exec(expression)?.[1])
    .find((value) => value !== undefined);
  if (allowed !== undefined) return allowed;
  return BY_NAME.find(([pattern]) => pattern.test(column.name))?.[1] ?? `example ${column.name.replaceAll('_', ' ')}`;
}
