import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { PROJECT_ROOT } from '../../config/load.ts';
import { namesIn } from '../../folder-files.ts';
import type { Catalogue, FunctionModel, SchemaModel, TableModel, ViewModel } from '../catalogue/model.ts';

/** The committed docs. */
export const DOCS_FOLDER = path.join(PROJECT_ROOT, 'supabase', 'schema_docs');

/**
 * The structure the committed docs describe: what `trr db verify` expects of a database.
 * @throws Error when the folder holds no docs
 */
export async function readDocs(folder = DOCS_FOLDER): Promise<{ catalogue: Catalogue; serverMajor: number }> {
  const names = (await namesIn(folder)).filter((name) => name.endsWith('.json'));
  const schemas: SchemaModel[] = [];
  const tables: TableModel[] = [];
  const views: ViewModel[] = [];
  const functions: FunctionModel[] = [];
  let serverMajor = 0;
  for (const name of names) {
    // Written by renderDocs and checked byte by byte in CI.
    const value = JSON.parse(await readFile(path.join(folder, name), 'utf8'));
    if (name === '_server.json') serverMajor = Number(value.view_definitions_of_postgresql);
    else if (name.startsWith('_schema.')) schemas.push(value);
    else if (name.startsWith('_functions.')) functions.push(...value);
    else if (value.kind === 'table') tables.push(value);
    else views.push(value);
  }
  if (schemas.length === 0) throw new Error(`no schema docs in ${path.basename(folder)}: run npm run schema:docs`);
  return { catalogue: { schemas, tables, views, functions }, serverMajor };
}
