import { createAuthenticator } from '../identity/tokens/authenticator.ts';
import { installationSecret, localTokenSecret } from '../identity/tokens/secrets.ts';
import { openStore } from '../media/stores/open.ts';
import type { Config } from '../platform/config/types.ts';
import { migrationState } from '../platform/db/migrate/migrate.ts';
import { openDatabase } from '../platform/db/open.ts';
import { statement } from '../platform/db/statement.ts';
import type { Database } from '../platform/db/types.ts';
import { createLogger, type Logger } from '../platform/log/logger.ts';
import { prepareFirstStart } from './first-start.ts';
import { assertCanListen, listenError } from './listen.ts';

/** Answers how many rows went. */
const PURGE_EXPIRED = statement('server.purge', 'select identity.purge_expired() as gone', { gone: 'int8?' });

export interface StartOptions {
  /** Apply pending migrations to somebody else's database too; ours is always migrated. */
  readonly migrate: boolean;
  /** Aborted when the process is asked to stop: a first import then ends early, and the next start continues it. */
  readonly signal: AbortSignal;
  /** What takes long, in a few words for a person. */
  readonly onProgress: (line: string) => void;
}

export interface RunningServer {
  /** Where clients reach it, without final slash. */
  readonly url: string;
  /** Stops accepting, lets running requests finish, then leaves the database. */
  close(): Promise<void>;
}

/**
 * Opens the database, fills it at the very first start, and listens.
 * @throws ListenError, DatabaseUnavailable, MigrationRefused, each with one line for a person
 */
export async function startServer(config: Config, options: StartOptions): Promise<RunningServer> {
  await assertCanListen(config.server);
  // Loading the application takes as long as opening the database: do both at once.
  const loading = import('./app.ts');
  const database = await openDatabase(config, {
    applicationName: 'trr serve',
    ...(options.migrate ? { migrate: true } : {}),
  });
  try {
    if (database.embedded) await prepareFirstStart(config, database, options.signal, options.onProgress);
    const { buildApp } = await loading;
    const log = createLogger({ level: config.logLevel });
    const localSecret = await localTokenSecret(config);
    const authenticator = createAuthenticator({ db: database.db, auth: config.auth, localSecret, log });
    if (localSecret === null && config.auth.supabase === null && config.auth.issuers.length === 0) {
      log.warn('nobody can sign in: no issuer of tokens is configured (SUPABASE_URL, AUTH_ISSUERS)');
    }
    const store = await openStore(config.media);
    const app = await buildApp({
      config,
      store,
      db: database.db,
      authenticator,
      secret: await installationSecret(config),
      log,
      readiness: {
        pendingMigrations: async () => (await migrationState(database.ownerUrl)).pending.map((file) => file.version),
      },
    });
    const url = await app
      .listen({ host: config.server.host, port: config.server.port })
      .catch(async (error: unknown) => {
        await app.close();
        throw listenError(error, config.server) ?? error;
      });
    const purge = purgeHourly(database.db, log);
    return {
      url: config.server.publicUrl ?? url,
      async close() {
        clearInterval(purge);
        await app.close();
        store.close();
        await authenticator.close();
        await database.close();
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

const HOUR_MS = 3_600_000;

/** Kept answers and counts of addresses that have had their time. Any number of servers may do it. */
function purgeHourly(db: Database, log: Logger): NodeJS.Timeout {
  const purge = () =>
    db
      .asService('purge expired', (tx) => tx.one(PURGE_EXPIRED))
      .then((row) => log.debug({ rows: row?.gone }, 'purged'))
      // The next hour tries again.
      .catch((error: unknown) => log.warn({ err: error }, 'what has expired could not be purged'));
  return setInterval(() => void purge(), HOUR_MS).unref();
}
