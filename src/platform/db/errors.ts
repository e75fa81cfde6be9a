import { hasPassword, isDatabaseUrl, targetOf } from './url.ts';

export type UnavailableReason =
  | 'refused'
  | 'unreachable'
  | 'authentication'
  | 'no_database'
  | 'bad_url'
  | 'tls'
  | 'too_old'
  | 'encoding'
  | 'too_many_connections'
  | 'starting'
  | 'transaction_pooler'
  | 'not_migrated'
  | 'embedded';

/** The database cannot be used. `message` is one line for a person, `fix` says what to do; neither contains a secret. */
export class DatabaseUnavailable extends Error {
  override readonly name = 'DatabaseUnavailable';
  readonly reason: UnavailableReason;
  readonly fix: string;

  constructor(reason: UnavailableReason, message: string, fix: string, cause?: unknown) {
    super(message.replaceAll(/\s*\n\s*/g, ' '), cause === undefined ? {} : { cause });
    this.reason = reason;
    this.fix = fix;
  }

  /** `message (fix)` as the command line prints it. */
  get line(): string {
    return `${this.message}. Fix: ${this.fix}`;
  }
}

/** @throws DatabaseUnavailable when the text is no URL of a PostgreSQL database; it is not repeated, it may hold a password. */
export function requireDatabaseUrl(url: string): void {
  if (isDatabaseUrl(url)) return;
  throw new DatabaseUnavailable(
    'bad_url',
    'the database URL is not a valid postgresql:// URL',
    'write it as postgresql://user:password@host:5432/database and percent-encode special characters',
  );
}

/** SQLSTATE or system error code of an error of the driver, or undefined. */
export function errorCode(error: unknown): string | undefined {
  if (error instanceof AggregateError && error.errors.length > 0) return errorCode(error.errors[0]);
  if (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string')
    return error.code;
  return undefined;
}

function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return messageOf(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}

/** Transaction poolers refuse our start-up options with one of these texts (PgBouncer, by version; Odyssey). */
const POOLER_TEXT = /unsupported startup parameter|unrecognized configuration parameter "?pool|pgbouncer|supavisor/i;

/** The line for every situation in which a pooler takes away the session state that scopes rest on. */
export function poolerError(url: string, seen: string, cause?: unknown): DatabaseUnavailable {
  return new DatabaseUnavailable(
    'transaction_pooler',
    `${targetOf(url)} looks like a transaction pooler (${seen}), which does not keep roles and prepared statements`,
    'use the direct address of the database, or the pooler in session mode (on Supabase port 5432 instead of 6543; PgBouncer with ignore_startup_parameters = options)',
    cause,
  );
}

const REFUSED = new Set(['ECONNREFUSED', 'ENOENT']);
const UNREACHABLE = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ECONNRESET',
  'EPIPE',
  'EHOSTDOWN',
]);
const DROPPED =
  /connection terminated|connection timeout|encountered a connection error|client was closed|timeout exceeded when trying to connect|closed the connection/i;
const TLS = /self.signed|certificate|does not support SSL|SSL connection|tls|no pg_hba\.conf entry.*(SSL|encryption)/i;

/**
 * Turns a failure to connect (or to keep a connection) into its typed line; undefined when the error is about a statement,
 * which is the caller's business.
 */
export function connectionError(error: unknown, url: string): DatabaseUnavailable | undefined {
  if (error instanceof DatabaseUnavailable) return error;
  const code = errorCode(error);
  const text = messageOf(error);
  const where = targetOf(url);
  const make = (reason: UnavailableReason, message: string, fix: string) =>
    new DatabaseUnavailable(reason, message, fix, error);

  if (code === '28P01' || code === '28000') {
    if (TLS.test(text)) {
      return make('tls', `${where} wants an encrypted connection`, 'add ?sslmode=require to the database URL');
    }
    if (!hasPassword(url)) {
      return make('authentication', `${where} wants a password and got none`, 'put the password into the database URL');
    }
    return make(
      'authentication',
      `${where} refused the user name or password`,
      'check user and password in the database URL (percent-encode special characters)',
    );
  }
  if (code === '3D000') {
    return make('no_database', `${where} has no such database`, 'create the database, or correct its name in the URL');
  }
  if (/role "(anon|authenticated|service_role)" does not exist/.test(text)) {
    return make('not_migrated', `${where} is not prepared for this program`, 'run trr db migrate');
  }
  if (code === '53300') {
    return make(
      'too_many_connections',
      `${where} has no free connection`,
      'lower DB_POOL_MAX or raise max_connections',
    );
  }
  if (code === '57P03' || code === '57P02' || code === '57P01') {
    return make('starting', `${where} is starting up or shutting down`, 'try again in some seconds');
  }
  if (code === '08P01' || POOLER_TEXT.test(text)) return poolerError(url, 'it refuses start-up options', error);
  if (code !== undefined && REFUSED.has(code)) {
    return make('refused', `nothing listens at ${where}`, 'start the database server, or correct the database URL');
  }
  if ((code !== undefined && UNREACHABLE.has(code)) || DROPPED.test(text)) {
    return make(
      'unreachable',
      `${where} cannot be reached (${code ?? 'connection lost'})`,
      'check host, port and network of the database URL',
    );
  }
  if (TLS.test(text) || code?.startsWith('ERR_TLS') || code === 'DEPTH_ZERO_SELF_SIGNED_CERT') {
    return make(
      'tls',
      `${where}: encrypted connection failed (${text})`,
      "name the server's certificate authority with sslrootcert=FILE in the URL, or use sslmode=disable on a private network",
    );
  }
  return undefined;
}

/** What a server may refuse although our statement is right, by SQLSTATE: class or code, and what to do about it. */
const REFUSALS: readonly (readonly [codes: RegExp, fix: string])[] = [
  [/^42501$/, 'connect as the owner of the database, or have its owner grant the right'],
  [/^53100$/, 'free some space on the disk of the database server'],
  [/^(53|54|58|XX00[12])/, "look at the database server's log"],
  [/^25006$/, 'connect to the primary server, or switch default_transaction_read_only off'],
  [/^55P03$/, 'another session holds what is needed: end it, or try again when it is done'],
  [/^(57014|25P0[34])$/, 'the server was too slow or busy: try again'],
  [/^(40001|40P01)$/, 'two programs worked on the same rows: try again'],
];

/**
 * One line for a statement that failed for a reason a person can mend (rights, space, locks, time); undefined for every other
 * error, which is a bug. Server messages of these kinds name objects, never values.
 */
export function serverRefusal(error: unknown): string | undefined {
  const code = errorCode(error);
  if (code === undefined || !(error instanceof Error && 'severity' in error)) return undefined;
  const [, fix] = REFUSALS.find(([codes]) => codes.test(code)) ?? [];
  return fix && `the database refused: ${error.message.replaceAll(/\s*\n\s*/g, ' ')} (${code}). Fix: ${fix}`;
}
