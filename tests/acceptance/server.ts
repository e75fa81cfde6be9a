import type { Config } from '../../src/platform/config/types.ts';
import { createLogger } from '../../src/platform/log/logger.ts';
import { type AppParts, buildApp } from '../../src/server/app.ts';
import { createTestDatabase, type TestDatabase } from '../helpers/database.ts';
import { FIXTURE } from './fixture.ts';

export interface Target {
  readonly baseUrl: string;
  /** The database behind it, when the suite started the server itself; undefined for `TRR_BASE_URL`. */
  readonly own: TestDatabase | undefined;
  close(): Promise<void>;
}

export const TEST_CONFIG: Pick<Config, 'server' | 'sources'> = {
  server: { host: '127.0.0.1', port: 0, publicUrl: null, trustProxy: [], corsAllowOrigins: null },
  sources: { live: new Set(), publishLicences: new Set(['tmdb', 'cc-by-sa', 'own', 'identifiers']), contactUrl: null },
};

/** The server under test: the one at `TRR_BASE_URL`, else our own over a database holding the fixture. */
export async function startTarget(): Promise<Target> {
  const given = process.env['TRR_BASE_URL'];
  if (given !== undefined && given !== '') {
    return { baseUrl: given.replace(/\/+$/, ''), own: undefined, close: async () => undefined };
  }
  return startOwnServer();
}

/** A server of our own, whatever the environment says; `parts` changes how it is built. */
export async function startOwnServer(parts: Partial<AppParts> = {}): Promise<Target & { readonly own: TestDatabase }> {
  const own = await createTestDatabase();
  await own.owner(FIXTURE);
  const app = await buildApp({ config: TEST_CONFIG, db: own.db, log: createLogger({ level: 'silent' }), ...parts });
  const baseUrl = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    baseUrl,
    own,
    async close() {
      await app.close();
      await own.drop();
    },
  };
}
