import type { Row, Statement } from './statement.ts';

/** Something that runs prepared statements: a pool (autocommit) or one transaction. */
export interface Scope {
  /** Runs a statement and returns its rows. Values are positional, `$1` first. */
  query<S extends Statement>(statement: S, values?: readonly unknown[]): Promise<Row<S>[]>;
  /** First row, or undefined. */
  one<S extends Statement>(statement: S, values?: readonly unknown[]): Promise<Row<S> | undefined>;
  /** For text composed at run time (never with values in it); not named, not prepared ahead. */
  raw<R extends Record<string, unknown> = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
  ): Promise<R[]>;
  /** As `raw`, for text that comes again and again: the session keeps it prepared (`recurringNames`). */
  recurring(text: string, values: readonly unknown[]): Promise<Record<string, unknown>[]>;
}

/** One transaction. Its statements go out as they come, without waiting for the answers of those before them. */
export interface Transaction extends Scope {
  /** As `recurring`, for what nobody reads the answer of: its failure is the transaction's. */
  send(text: string, values: readonly unknown[]): void;
}

/** Verified claims of a caller, rebuilt by `identity`; `sub` is our own user id. */
export interface Claims {
  readonly sub: string;
  readonly role: 'authenticated';
  readonly [claim: string]: unknown;
}

export interface Database {
  /** Read-only, autocommit, role `anon`: what is the same for everybody. One round trip per statement. */
  readonly public: Scope;
  /**
   * One transaction as `authenticated` with these claims; commits when `fn` resolves, rolls back when it throws.
   * @param label shown in `pg_stat_activity`: the operation
   */
  asUser<T>(claims: Claims, fn: (tx: Transaction) => Promise<T>, label?: string): Promise<T>;
  /** One transaction as `service_role`. `reason` says why row security is set aside; it labels the session. */
  asService<T>(reason: string, fn: (tx: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /**
   * A connection of its own beside the pools, as `service_role`, each statement its own transaction: for what holds a session lock.
   * @param reason why row security is set aside; labels the session
   */
  session(reason: string): Promise<Session>;
  /** Connections in use and waiting callers, for health and tests. */
  readonly stats: () => { total: number; idle: number; waiting: number };
  close(): Promise<void>;
}

/** One connection. Statements run one after the other; after the link broke every call fails. */
export interface Session extends Scope {
  /** Begin, work, commit; rolled back when `fn` throws. Do not overlap with other calls. */
  transaction<T>(fn: (tx: Scope) => Promise<T>): Promise<T>;
  /** Resolves when the connection is over, however it ended. */
  readonly ended: Promise<void>;
  close(): Promise<void>;
}

export interface TransactionOptions {
  /** Roll back at the end whatever happened: how a dry run leaves no trace. */
  readonly rollback?: boolean;
  readonly statementTimeoutMs?: number;
  /** The administrator a service transaction acts for; the audit log names them. */
  readonly onBehalfOf?: string;
  /** Settings of the transaction, by name: what triggers record about it. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Name of an advisory lock to hold until the end; taken as the transaction begins, before any statement sees the data. */
  readonly lock?: string;
}
