import pg from 'pg';
import { connectionError, DatabaseUnavailable, poolerError, requireDatabaseUrl } from './errors.ts';
import { clientConfig, DEFAULT_LIMITS, sessionSettings } from './session.ts';
import { targetOf } from './url.ts';

/** Oldest PostgreSQL our SQL runs on (views with the caller's rights, `strategy` of create database, merge). */
export const OLDEST_MAJOR = 15;

export interface ServerFacts {
  /** `18.4`. */
  readonly version: string;
  readonly major: number;
  readonly database: string;
  readonly user: string;
  /** Whether the user may skip row security (superuser or bypassrls). */
  readonly privileged: boolean;
  /** Connections the server allows in all. */
  readonly maxConnections: number;
}

/**
 * Connects twice at once and looks whether this is a server we can work with.
 * @throws DatabaseUnavailable when it cannot be reached or entered, is too old, or is a transaction pooler.
 */
export async function checkServer(url: string, applicationName = 'trr check'): Promise<ServerFacts> {
  requireDatabaseUrl(url);
  // Everything a session of ours sets except the role, which the migrations make.
  const { role: _role, ...settings } = sessionSettings(true, DEFAULT_LIMITS);
  const config = clientConfig(url, applicationName, settings);
  const clients = [new pg.Client(config), new pg.Client(config)] as const;
  try {
    for (const client of clients) {
      client.on('error', () => undefined);
      await client.connect();
    }
    // Two open connections must have two backends that stay theirs. A transaction pooler gives an idle backend to whoever
    // asks: one after the other both get the same one, at the same time they may swap.
    const first = [await backend(clients[0])];
    const second = [await backend(clients[1])];
    for (let round = 0; round < 3; round += 1) {
      const [a, b] = await Promise.all([backend(clients[0]), backend(clients[1])]);
      first.push(a);
      second.push(b);
    }
    if (new Set(first).size > 1 || new Set(second).size > 1 || first[0] === second[0]) {
      throw poolerError(url, 'a connection does not keep its session');
    }
    return await facts(clients[0], url);
  } catch (error) {
    throw connectionError(error, url) ?? error;
  } finally {
    await Promise.all(clients.map((client) => client.end().catch(() => undefined)));
  }
}

async function backend(client: pg.Client): Promise<number> {
  const row = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return row.rows[0]?.pid ?? 0;
}

async function facts(client: pg.Client, url: string): Promise<ServerFacts> {
  const found = await client.query<
    { number: number; encoding: string; version: string; privileged: boolean; max: number } & ServerFacts
  >(
    `select current_setting('server_encoding') as encoding, current_setting('server_version_num')::int as number, current_setting('server_version') as version,
            current_database() as database, current_user::text as "user",
            current_setting('max_connections')::int as max,
            (select rolsuper or rolbypassrls from pg_roles where rolname = current_user) as privileged`,
  );
  const row = found.rows[0];
  if (row === undefined) throw new Error('the server answered without a row');
  const major = Math.floor(row.number / 10_000);
  refuseOld(major, row.version, url);
  if (row.encoding !== 'UTF8') {
    throw new DatabaseUnavailable(
      'encoding',
      `${targetOf(url)} stores text as ${row.encoding}, and this program needs UTF8`,
      "make the database with: create database NAME encoding 'UTF8' template template0",
    );
  }
  return {
    version: row.version.split(' ')[0] ?? row.version,
    major,
    database: row.database,
    user: row.user,
    privileged: row.privileged,
    maxConnections: row.max,
  };
}

/** @throws DatabaseUnavailable when the server's major version is below the oldest we support. */
export function refuseOld(major: number, version: string, url: string): void {
  if (major >= OLDEST_MAJOR) return;
  throw new DatabaseUnavailable(
    'too_old',
    `${targetOf(url)} is PostgreSQL ${version}, and this program needs ${OLDEST_MAJOR} or newer`,
    `upgrade the server, or leave DATABASE_URL empty to use the bundled PostgreSQL`,
  );
}
