import type { Config } from '../config/types.ts';
import { connectDatabase } from './connect.ts';
import { type EmbeddedServer, ensureEmbedded } from './embedded/index.ts';
import { errorCode } from './errors.ts';
import { poolLogin } from './login.ts';
import type { MigrationFile } from './migrate/files.ts';
import { type MigrationState, refuseOutdated } from './migrate/history.ts';
import { migrate, migrationState } from './migrate/migrate.ts';
import { withOwner } from './owner.ts';
import { checkServer, type ServerFacts } from './server-check.ts';
import type { Database } from './types.ts';
import { withDatabase } from './url.ts';

/** Name of our database in the embedded cluster. */
const EMBEDDED_DATABASE = 'trr';

export interface OpenOptions {
  /** `trr serve`, `trr sync`: shown in `pg_stat_activity`. */
  readonly applicationName: string;
  /**
   * Bring the database to the newest version first. Default: yes for the embedded database, no for one of somebody else's,
   * where an operator decides when (`trr db migrate`) and any other version than ours is refused.
   */
  readonly migrate?: boolean;
  readonly onMigration?: (file: MigrationFile) => void;
  /** More settings of every session (`ConnectOptions.settings`). */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface OpenedDatabase {
  readonly db: Database;
  /** The owner's URL, for migrations, pg-boss and seeds; contains the password, never print it. */
  readonly ownerUrl: string;
  readonly embedded: boolean;
  /** Closes the pools; the last process to leave the embedded server stops it. */
  close(): Promise<void>;
}

/**
 * The one way into the database for every command: starts the embedded server or checks the configured one, migrates when
 * asked, and opens the pools.
 * @throws DatabaseUnavailable or MigrationRefused, each with one line for a person.
 */
export async function openDatabase(config: Config, options: OpenOptions): Promise<OpenedDatabase> {
  const owner = await openOwner(config, options.applicationName);
  try {
    if (options.migrate ?? owner.embedded) {
      await migrate({
        url: owner.ownerUrl,
        ...(options.onMigration === undefined ? {} : { onFile: options.onMigration }),
      });
    } else {
      refuseOutdated(await migrationState(owner.ownerUrl));
    }
    const db = connectDatabase({
      url: owner.embedded ? await poolLogin(owner.ownerUrl) : owner.ownerUrl,
      poolMax: config.database.poolMax,
      applicationName: options.applicationName,
      ...(options.settings === undefined ? {} : { settings: options.settings }),
    });
    return {
      db,
      ownerUrl: owner.ownerUrl,
      embedded: owner.embedded,
      async close() {
        await db.close();
        await owner.close();
      },
    };
  } catch (error) {
    await owner.close();
    throw error;
  }
}

export interface OpenedOwner {
  readonly ownerUrl: string;
  readonly embedded: boolean;
  readonly facts: ServerFacts;
  close(): Promise<void>;
}

/** The server without pools and without migrating: what `trr db ...` and `trr doctor` need. */
export async function openOwner(config: Config, applicationName: string): Promise<OpenedOwner> {
  if (config.database.kind === 'url') {
    const ownerUrl = config.database.url;
    const facts = await checkServer(ownerUrl, applicationName);
    return { ownerUrl, embedded: false, facts, close: async () => undefined };
  }
  const server = await ensureEmbedded({ dataDir: config.dataDir });
  try {
    const ownerUrl = await ensureOwnDatabase(server);
    const facts = await checkServer(ownerUrl, applicationName);
    return { ownerUrl, embedded: true, facts, close: () => server.close() };
  } catch (error) {
    await server.close();
    throw error;
  }
}

async function ensureOwnDatabase(server: EmbeddedServer): Promise<string> {
  await withOwner(server.url, async (client) => {
    const found = await client.query('select 1 from pg_database where datname = $1', [EMBEDDED_DATABASE]);
    if (found.rowCount !== 0) return;
    await client.query(`create database ${EMBEDDED_DATABASE} template template0`).catch((error: unknown) => {
      // Two first starts at once: the other one made it (42P04), or is about to (23505 on the name).
      if (errorCode(error) !== '42P04' && errorCode(error) !== '23505') throw error;
    });
  });
  return withDatabase(server.url, EMBEDDED_DATABASE);
}

/** What `trr doctor` and the health check say about the database. */
export interface DatabaseDiagnosis {
  readonly server: ServerFacts;
  readonly embedded: boolean;
  readonly migrations: {
    readonly applied: number;
    readonly latest: string | null;
    readonly pending: readonly string[];
    readonly unknown: readonly string[];
    readonly changed: readonly string[];
    readonly gaps: readonly string[];
  };
}

/** Looks at the database without changing it. @throws DatabaseUnavailable */
export async function diagnoseDatabase(config: Config, folder?: string): Promise<DatabaseDiagnosis> {
  const owner = await openOwner(config, 'trr doctor');
  try {
    const state = await migrationState(owner.ownerUrl, folder);
    return { server: owner.facts, embedded: owner.embedded, migrations: summarise(state) };
  } finally {
    await owner.close();
  }
}

function summarise(state: MigrationState): DatabaseDiagnosis['migrations'] {
  return {
    applied: state.applied.length,
    latest: state.applied.at(-1)?.version ?? null,
    pending: state.pending.map((file) => file.version),
    unknown: state.unknown,
    changed: state.changed,
    gaps: state.gaps,
  };
}
