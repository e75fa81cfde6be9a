import pg from 'pg';
import { parsers } from './parsers.ts';
import { splitUrl } from './url.ts';

/** Limits of a session in milliseconds; 0 switches one off. */
export interface Limits {
  /** Longest statement. Requests are short; long maintenance raises it per transaction. */
  readonly statementMs: number;
  /** Longest wait for a lock. */
  readonly lockMs: number;
  /** Longest pause inside a transaction: a caller that hangs must not hold locks. */
  readonly idleInTransactionMs: number;
}

export const DEFAULT_LIMITS: Limits = { statementMs: 15_000, lockMs: 5_000, idleInTransactionMs: 30_000 };

/** What a session is set to when it starts, by name of the server setting. */
export function sessionSettings(readOnly: boolean, limits: Limits): Record<string, string> {
  return {
    role: 'anon',
    TimeZone: 'UTC',
    DateStyle: 'ISO, MDY',
    IntervalStyle: 'iso_8601',
    statement_timeout: String(limits.statementMs),
    lock_timeout: String(limits.lockMs),
    idle_in_transaction_session_timeout: String(limits.idleInTransactionMs),
    ...(readOnly ? { default_transaction_read_only: 'on' } : {}),
  };
}

/** `-c name=value` list of the start-up packet; blanks and backslashes in values are escaped by a backslash. */
export function startupOptions(settings: Record<string, string>): string {
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value.replaceAll(/[\\ ]/g, '\\$&')}`)
    .join(' ');
}

const CONNECT_TIMEOUT_MS = 10_000;

/** Driver settings for a session with these server settings. */
export function clientConfig(url: string, applicationName: string, settings: Record<string, string>): pg.ClientConfig {
  const { connectionString, options } = splitUrl(url);
  const ours = startupOptions(settings);
  return {
    connectionString,
    options: options === '' ? ours : `${options} ${ours}`,
    application_name: applicationName.slice(0, 63),
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    types: parsers,
  };
}

/**
 * Makes sure that a new session has its settings. Poolers in session mode drop the start-up options silently; then they are
 * set by a statement. Without this check such a session would run as the owner.
 */
export async function settleSession(client: pg.ClientBase, settings: Record<string, string>): Promise<void> {
  if (settings.role !== undefined) {
    const shown = await client.query<{ role: string }>("select current_setting('role') as role");
    if (shown.rows[0]?.role === settings.role) return;
  }
  await client.query(
    Object.entries(settings)
      .map(([name, value]) => `select set_config(${pg.escapeLiteral(name)}, ${pg.escapeLiteral(value)}, false)`)
      .join(';'),
  );
}
