import type { Claims, Database, Scope } from '../db/types.ts';

/** A person whose token was verified. */
export interface UserCaller {
  readonly kind: 'user';
  /** Our own id, `identity.users.id`. */
  readonly userId: string;
  /** Rebuilt for the database; never the token's own claims. */
  readonly claims: Claims;
  /** When the token ends, seconds since 1970. */
  readonly expiresAt: number;
}

/** A program with the internal service token, or with the platform's `service_role`. Has every admin right and is no user. */
export interface ServiceCaller {
  readonly kind: 'service';
  /** Who signed the token, for records. */
  readonly issuer: string;
  readonly expiresAt: number;
}

export type Caller = UserCaller | ServiceCaller;

export type Authentication =
  | { readonly ok: true; readonly caller: Caller }
  /** `code` names what is wrong with the token, e.g. `token_expired`; it reaches the client, so nothing internal in it. */
  | { readonly ok: false; readonly code: string };

/** Turns a bearer token into who it speaks of. One per process; made by `identity`, used through the guards. */
export interface Authenticator {
  authenticate(token: string): Promise<Authentication>;
  /** Whether the caller may do what administrators do; asks the database for users. */
  isAdmin(caller: Caller): Promise<boolean>;
  /** Forgets what is remembered of a user, so that a deletion holds at once in this process. */
  forget(userId: string): void;
  close(): Promise<void>;
}

/**
 * One transaction with the caller's rights: as the user, or as the service role for a service caller.
 * @param operation labels the session; for a service it is also the reason why row security is set aside
 */
export function asCaller<T>(
  db: Database,
  caller: Caller,
  operation: string,
  fn: (tx: Scope) => Promise<T>,
): Promise<T> {
  return caller.kind === 'user' ? db.asUser(caller.claims, fn, operation) : db.asService(operation, fn);
}

/**
 * One transaction as the service role for an administrator, who has been recognised by the guard `adminOnly`. What it records
 * names them. For what no client may do in the database: overrides, merging, images.
 */
export function asAdmin<T>(db: Database, caller: Caller, operation: string, fn: (tx: Scope) => Promise<T>): Promise<T> {
  return db.asService(operation, fn, caller.kind === 'user' ? { onBehalfOf: caller.userId } : {});
}
