import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PROJECT_ROOT } from '../../config/load.ts';
import type { Catalogue, FunctionModel, SchemaModel, TableModel, ViewModel } from '../catalogue/model.ts';
import type { DocFiles } from './render.ts';

/** The committed docs. */
export const DOCS_FOLDER = path.join(PROJECT_ROOT, 'supabase', 'schema_docs');

/** How the folder differs from what it should hold, by file name. */
export interface DocDifferences {
  readonly stale: readonly string[];
  readonly missing: readonly string[];
  readonly extra: readonly string[];
}

async function namesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort();
}

/** Compares the folder with the files, new files included. */
export async function compareDocs(files: DocFiles, folder = DOCS_FOLDER): Promise<DocDifferences> {
  const present = await namesIn(folder);
  const stale: string[] = [];
  for (const name of present) {
    const wanted = files.get(name);
    if (wanted !== undefined && (await readFile(path.join(folder, name), 'utf8')) !== wanted) stale.push(name);
  }
  return {
    stale,
    missing: [...files.keys()].filter((name) => !present.includes(name)).sort(),
    extra: present.filter((name) => !files.has(name)),
  };
}

/** Makes the folder hold exactly these files. @returns what was different before. */
export async function writeDocs(files: DocFiles, folder = DOCS_FOLDER): Promise<DocDifferences> {
  const before = await compareDocs(files, folder);
  await mkdir(folder, { recursive: true });
  for (const name of before.extra) await rm(path.join(folder, name));
  for (const name of [...before.stale, ...before.missing]) {
    await writeFile(path.join(folder, name), files.get(name) ?? '');
  }
  return before;
}

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
  if (schemas.length === 0) throw new Error(`no schema docs in ${path.basename(folder)}: run trr db docs`);
  return { catalogue: { schemas, tables, views, functions }, serverMajor };
}
