import pg from 'pg';
import { connectionError, requireDatabaseUrl } from './errors.ts';
import { clientConfig, settleSession } from './session.ts';

export interface OwnerOptions {
  readonly applicationName?: string;
  /** Default 10 minutes: migrations build indexes. */
  readonly statementTimeoutMs?: number;
  /** Default 10 s: a migration that waits for a lock blocks everybody behind it. */
  readonly lockTimeoutMs?: number;
}

/**
 * Runs `fn` on one connection with the rights of the URL's user (no role option): migrations, seeds and checks only.
 * @throws DatabaseUnavailable when the server cannot be used.
 */
export async function withOwner<T>(
  url: string,
  fn: (client: pg.Client) => Promise<T>,
  options: OwnerOptions = {},
): Promise<T> {
  requireDatabaseUrl(url);
  const settings = {
    TimeZone: 'UTC',
    statement_timeout: String(options.statementTimeoutMs ?? 600_000),
    lock_timeout: String(options.lockTimeoutMs ?? 10_000),
  };
  const client = new pg.Client(clientConfig(url, options.applicationName ?? 'trr owner', settings));
  client.on('error', () => undefined); // the running or next statement reports it
  try {
    await client.connect();
    await settleSession(client, settings);
    return await fn(client);
  } catch (error) {
    throw connectionError(error, url) ?? error;
  } finally {
    await client.end().catch(() => undefined);
  }
}
