import type { ObjectStore } from '../../src/media/stores/store.ts';
import { createLogger } from '../../src/platform/log/logger.ts';
import { buildApp } from '../../src/server/app.ts';
import { TEST_CONFIG } from '../acceptance/server.ts';
import { generatedWorld, type Simulator, startSimulator } from '../simulator/index.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { createMediaHarness, type MediaHarness } from './media.ts';
import { LOCAL_SECRET, testAuthenticator } from './tokens.ts';

export type App = Awaited<ReturnType<typeof buildApp>>;

/** The HTTP application over a test database and a store; `config` says where addresses lead. */
export function appOver(database: TestDatabase, store: ObjectStore, config = TEST_CONFIG): Promise<App> {
  return buildApp({
    config,
    db: database.db,
    store,
    authenticator: testAuthenticator(database.db),
    secret: LOCAL_SECRET,
    log: createLogger({ level: 'silent' }),
  });
}

export interface MediaServer {
  readonly simulator: Simulator;
  readonly database: TestDatabase;
  readonly media: MediaHarness;
  readonly app: App;
  close(): Promise<void>;
}

/** Image host, database, mirroring and the HTTP application over what it stores. */
export async function startMediaServer(seed: (database: TestDatabase) => Promise<unknown>): Promise<MediaServer> {
  const simulator = await startSimulator({ world: generatedWorld({ shows: 1 }), auth: 'none' });
  const database = await createTestDatabase();
  await seed(database);
  const media = createMediaHarness(database, simulator.imageBaseUrl);
  const app = await appOver(database, media.store);
  return {
    simulator,
    database,
    media,
    app,
    async close() {
      await app.close();
      await media.close();
      await database.drop();
      await simulator.close();
    },
  };
}
