import type { FolderFiles } from '../../folder-files.ts';
import { readCatalogueOf } from '../catalogue/read.ts';
import { checkServer } from '../server-check.ts';
import { liveRows } from './live-rows.ts';
import { renderDocs } from './render.ts';
import { withMigratedDatabase } from './scratch.ts';

/** The docs of the database behind the owner's URL. */
export async function docsOf(url: string): Promise<FolderFiles> {
  const { major } = await checkServer(url, 'trr db docs');
  return renderDocs(await readCatalogueOf(url), major);
}

/**
 * The docs of the migrations themselves, made from a throw-away database: nobody's live database can leak into them, and they
 * are the same wherever they are made.
 */
export function docsOfMigrations(): Promise<FolderFiles> {
  return withMigratedDatabase(docsOf);
}

/**
 * The docs of the database behind the owner's URL with a row of each table instead of a made-up one, as far as `trr_reader` may
 * read it; what looks like a secret is left out. Not for the repository.
 */
export async function docsWithRows(url: string): Promise<FolderFiles> {
  const { major } = await checkServer(url, 'trr db docs');
  const catalogue = await readCatalogueOf(url);
  return renderDocs(catalogue, major, await liveRows(url, catalogue.tables));
}
