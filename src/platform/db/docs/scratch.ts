import { chmod, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { ensureEmbedded, stopEmbedded } from '../embedded/index.ts';
import { migrate } from '../migrate/migrate.ts';

/**
 * Runs `fn` on a database of the bundled server that has all migrations, no rows of anybody's, and is gone afterwards: what is
 * made from it is the same wherever it is made.
 */
export async function withMigratedDatabase<T>(fn: (url: string) => Promise<T>): Promise<T> {
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'trr-scratch-'));
  await chmod(dataDir, 0o711); // the server may run as another user
  try {
    const server = await ensureEmbedded({ dataDir, durable: false });
    try {
      await migrate({ url: server.url });
      return await fn(server.url);
    } finally {
      await server.close();
    }
  } finally {
    await stopEmbedded({ dataDir });
    await rm(dataDir, { recursive: true, force: true });
  }
}
