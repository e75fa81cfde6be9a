import { chmod, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { FolderFiles } from '../../folder-files.ts';
import { readCatalogueOf } from '../catalogue/read.ts';
import { ensureEmbedded, stopEmbedded } from '../embedded/index.ts';
import { migrate } from '../migrate/migrate.ts';
import { checkServer } from '../server-check.ts';
import { renderDocs } from './render.ts';

/** The docs of the database behind the owner's URL. */
export async function docsOf(url: string): Promise<FolderFiles> {
  const { major } = await checkServer(url, 'trr db docs');
  return renderDocs(await readCatalogueOf(url), major);
}

/**
 * The docs of the migrations themselves: migrates a throw-away database of the bundled server. Nobody's live database can
 * leak into them, and they are the same wherever they are made.
 */
export async function docsOfMigrations(): Promise<FolderFiles> {
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'trr-docs-'));
  await chmod(dataDir, 0o711); // the server may run as another user
  try {
    const server = await ensureEmbedded({ dataDir, durable: false });
    try {
      await migrate({ url: server.url });
      return await docsOf(server.url);
    } finally {
      await server.close();
    }
  } finally {
    await stopEmbedded({ dataDir });
    await rm(dataDir, { recursive: true, force: true });
  }
}
