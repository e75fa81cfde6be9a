import type { Duplex } from 'node:stream';
import pg from 'pg';
import { connectionError, errorCode, requireDatabaseUrl } from './errors.ts';
import { recurringNames } from './recurring.ts';
import { clientConfig, DEFAULT_LIMITS, type Limits, sessionSettings, settleSession } from './session.ts';
import type { Row, Statement } from './statement.ts';
import type { Claims, Database, Scope, Session, Transaction, TransactionOptions } from './types.ts';

export interface ConnectOptions {
  readonly url: string;
  /** Connections over both pools; at least 2, one for each. */
  readonly poolMax: number;
  /** Shown in `pg_stat_activity`; scoped transactions add their label to it. */
  readonly applicationName: string;
  readonly limits?: Partial<Limits>;
  /** More settings of every session, by name. */
  readonly settings?: Readonly<Record<string, string>>;
}

/**
 * Opens the two pools; connects on first use. Both start as role `anon`, so a statement outside a scope has the rights of a
 * stranger. `public` is read-only besides. `poolMax` is split in halves, so that neither readers nor writers starve the others.
 * @throws DatabaseUnavailable when the URL is none; failures to connect reach the caller of the first statement.
 */
export function connectDatabase(options: ConnectOptions): Database {
  const { url } = options;
  requireDatabaseUrl(url);
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const { settings: more } = options;
  const readers = Math.max(1, Math.floor(options.poolMax / 2));
  const publicPool = openPool(url, options.applicationName, readers, {
    ...sessionSettings(true, limits),
    ...more,
  });
  const scopedPool = openPool(
    url,
    options.applicationName,
    Math.max(1, options.poolMax - readers),
    { ...sessionSettings(false, limits), ...more },
    { pipeline: true },
  );

  async function transaction<T>(
    label: string,
    settings: Record<string, string>,
    fn: (tx: Transaction) => Promise<T>,
    { rollback = false, statementTimeoutMs, lock, settings: own }: TransactionOptions = {},
  ): Promise<T> {
    const client = await scopedPool.connect().catch((error: unknown) => {
      throw connectionError(error, url) ?? error;
    });
    // A connection that breaks between two statements reports here; the next statement then fails.
    const onError = () => undefined;
    client.on('error', onError);
    let open = true;
    const failures = new FirstCause();
    const packed = packer(client);
    const query = (config: pg.QueryConfig) => {
      if (!open) return Promise.reject(new Error(`transaction "${label}" is over: a statement was not awaited`));
      packed();
      return failures.of(client.query(config));
    };
    let broken: Error | undefined;
    try {
      const local = {
        ...settings,
        ...own,
        application_name: `${options.applicationName}:${label}`.slice(0, 63),
        ...(statementTimeoutMs === undefined ? {} : { statement_timeout: String(statementTimeoutMs) }),
      };
      const sent: Promise<unknown>[] = [query({ text: beginText(local, lock) })];
      const send: Transaction['send'] = (text, values) => {
        sent.push(query(recurringQuery(text, values)));
      };
      const result = await fn({ ...scope(query), send });
      open = false;
      packed();
      // What was sent comes first, so that its own error is told and not that of the end.
      // Deferred constraints are checked at commit: a dry run must meet them too.
      if (rollback) await Promise.all([...sent, client.query('set constraints all immediate; rollback')]);
      else await Promise.all([...sent, commit(client, label)]);
      return result;
    } catch (error) {
      open = false;
      // After a lost connection or a failed rollback the session's state is unknown: it must not go back to the pool.
      await client.query('rollback').catch((failure: unknown) => {
        broken = failure instanceof Error ? failure : new Error(String(failure));
      });
      throw connectionError(error, url) ?? error;
    } finally {
      client.off('error', onError);
      client.release(broken);
    }
  }

  return {
    public: scope((config) =>
      publicPool.query(config).catch((error: unknown) => {
        throw connectionError(error, url) ?? error;
      }),
    ),
    asUser: (claims: Claims, fn, label = 'user') =>
      transaction(label, { role: 'authenticated', 'request.jwt.claims': JSON.stringify(claims) }, fn),
    asService: (reason, fn, transactionOptions) =>
      transaction(
        reason,
        {
          role: 'service_role',
          'request.jwt.claims': JSON.stringify({ role: 'service_role', sub: transactionOptions?.onBehalfOf }),
          'trr.reason': reason,
        },
        fn,
        transactionOptions,
      ),
    session: (reason) => openSession(url, `${options.applicationName}:${reason}`, limits),
    stats: () => ({
      total: publicPool.totalCount + scopedPool.totalCount,
      idle: publicPool.idleCount + scopedPool.idleCount,
      waiting: publicPool.waitingCount + scopedPool.waitingCount,
    }),
    async close() {
      await Promise.all([publicPool.end(), scopedPool.end()]);
    },
  };
}

function openPool(
  url: string,
  applicationName: string,
  max: number,
  settings: Record<string, string>,
  more: { readonly pipeline?: boolean } = {},
): pg.Pool {
  const pool = new pg.Pool({
    ...clientConfig(url, applicationName, settings),
    ...more,
    max,
    idleTimeoutMillis: 30_000,
    onConnect: (client: pg.ClientBase) => settleSession(client, settings),
  } as pg.PoolConfig);
  // An idle connection that the server closes is dropped by the pool; without a listener it would end the process.
  pool.on('error', () => undefined);
  return pool;
}

/** A dead peer is noticed within half a minute, so that its locks do not outlive it for long. */
const PEER_CHECKS = { tcp_keepalives_idle: '10', tcp_keepalives_interval: '5', tcp_keepalives_count: '3' };

async function openSession(url: string, applicationName: string, limits: Limits): Promise<Session> {
  const settings = { ...sessionSettings(false, limits), ...PEER_CHECKS, role: 'service_role' };
  const client = new pg.Client(clientConfig(url, applicationName, settings));
  const ended = new Promise<void>((resolve) => client.once('end', resolve));
  client.on('error', () => undefined); // the running or next statement reports it
  try {
    await client.connect();
    await settleSession(client, settings);
  } catch (error) {
    await client.end().catch(() => undefined);
    throw connectionError(error, url) ?? error;
  }
  const run = scope((config) =>
    client.query(config).catch((error: unknown) => {
      throw connectionError(error, url) ?? error;
    }),
  );
  return {
    ...run,
    async transaction(fn) {
      await client.query('begin');
      try {
        const result = await fn(run);
        await commit(client, applicationName);
        return result;
      } catch (error) {
        await client.query('rollback').catch(() => undefined); // a broken link rolls back by itself
        throw connectionError(error, url) ?? error;
      }
    },
    ended,
    close: () => client.end(),
  };
}

/** Begin and all local settings in one text; the values are quoted as literals. */
function beginText(settings: Record<string, string>, lock?: string): string {
  const calls = Object.entries(settings).map(
    ([name, value]) => `set_config(${pg.escapeLiteral(name)}, ${pg.escapeLiteral(value)}, true)`,
  );
  if (lock !== undefined) calls.push(`pg_advisory_xact_lock(hashtextextended(${pg.escapeLiteral(lock)}, 0))`);
  return `begin; select ${calls.join(', ')}`;
}

/**
 * Returned function: what is sent from now until this turn of the event loop is over goes out in one write. A write wakes the server, which
 * costs more than most statements do.
 */
function packer(client: pg.ClientBase): () => void {
  const { stream } = (client as unknown as { connection: { stream: Duplex } }).connection;
  let corked = false;
  return () => {
    if (corked) return;
    corked = true;
    stream.cork();
    process.nextTick(() => {
      corked = false;
      stream.uncork();
    });
  };
}

/** Once a statement has failed, those behind it in its transaction fail for that only: they fail with its error. */
class FirstCause {
  #cause: unknown;

  /** The answer, awaited by somebody or not. */
  of<T>(answer: Promise<T>): Promise<T> {
    const told = answer.catch((error: unknown) => {
      if (errorCode(error) === IN_FAILED_TRANSACTION) throw this.#cause ?? error;
      this.#cause = error;
      throw error;
    });
    told.catch(() => undefined);
    return told;
  }
}

const IN_FAILED_TRANSACTION = '25P02';

/** PostgreSQL answers COMMIT of a failed transaction with ROLLBACK and no error: a caller who swallowed one must hear of it. */
async function commit(client: pg.ClientBase, label: string): Promise<void> {
  const done = await client.query('commit');
  if (done.command !== 'COMMIT') {
    throw new Error(`transaction "${label}" was rolled back: an error inside it was caught and ignored`);
  }
}

/** One for the process: sessions come and go, texts stay. */
const nameOf = recurringNames();

type Run = (config: pg.QueryConfig) => Promise<pg.QueryResult>;

function scope(run: Run): Scope {
  const query = async <S extends Statement>(statement: S, values: readonly unknown[] = []): Promise<Row<S>[]> => {
    const result = await run({ name: statement.name, text: statement.text, values: [...values] });
    return result.rows as Row<S>[];
  };
  return {
    query,
    one: async (statement, values) => (await query(statement, values))[0],
    raw: async <R extends Record<string, unknown>>(text: string, values?: readonly unknown[]) => {
      const result = await run(values === undefined ? { text } : { text, values: [...values] });
      return result.rows as R[];
    },
    recurring: async (text, values) => (await run(recurringQuery(text, values))).rows,
  };
}

function recurringQuery(text: string, values: readonly unknown[]): pg.QueryConfig {
  const name = nameOf(text);
  return { ...(name === undefined ? {} : { name }), text, values: [...values] };
}
