import { hash } from 'node:crypto';
import { decodeJwt, errors } from 'jose';
import type { Authentication, Authenticator, Caller } from '../../platform/auth/caller.ts';
import type { AuthConfig } from '../../platform/config/auth.ts';
import { errorCode } from '../../platform/db/errors.ts';
import { statement } from '../../platform/db/statement.ts';
import type { Database } from '../../platform/db/types.ts';
import type { Logger } from '../../platform/log/logger.ts';
import { createIssuers, type Subject, TokenRefused } from './issuers.ts';
import { KeySetUnavailable } from './key-set.ts';

/** Values: issuer, subject, email or null, id the user keeps or null, when the token was issued or null. */
const RESOLVE_USER = statement(
  'identity.accounts.resolve',
  'select identity.resolve_user($1, $2, $3, $4::uuid, to_timestamp($5::float8)) as id',
  { id: 'uuid?' },
);
const IS_ADMIN = statement('identity.admins.isAdmin', 'select identity.is_admin() as admin', { admin: 'bool?' });

/** What a token said is believed this long without looking again: how long a deletion elsewhere may go unnoticed by reads. */
const REMEMBER_MS = 60_000;
const REMEMBER_TOKENS = 10_000;
const MAX_TOKEN_LENGTH = 8_192;

export interface AuthenticatorOptions {
  readonly db: Database;
  readonly auth: AuthConfig;
  /** Secret of `trr token`; null when this server does not accept such tokens. */
  readonly localSecret: Uint8Array | null;
  /** Told when an issuer's keys cannot be read: clients only see a 503. */
  readonly log?: Logger;
}

interface Remembered {
  /** Milliseconds since 1970. */
  readonly until: number;
  readonly answer: Promise<Authentication>;
  /** Null while it is looked up. */
  caller: Caller | null;
}

/** The authenticator of this process: verifies tokens locally, makes users at first sight, remembers both for a minute. */
export function createAuthenticator({ db, auth, localSecret, log }: AuthenticatorOptions): Authenticator {
  const { byName, keySets } = createIssuers(auth, localSecret, (url, error) =>
    log?.warn({ err: error, url }, 'keys of a token issuer cannot be read'),
  );
  // By hash, so that no token lies in memory longer than its request.
  const remembered = new Map<string, Remembered>();

  async function verify(token: string): Promise<Authentication> {
    let subject: Subject;
    try {
      const { iss } = decodeJwt(token);
      const issuer = typeof iss === 'string' ? byName.get(iss) : undefined;
      if (issuer === undefined) return { ok: false, code: 'unknown_issuer' };
      subject = await issuer.verify(token);
    } catch (error) {
      return { ok: false, code: refusalCode(error) };
    }
    try {
      return await callerOf(subject);
    } catch (error) {
      if (errorCode(error) === 'TR004') return { ok: false, code: 'account_deleted' };
      throw error;
    }
  }

  async function callerOf(subject: Subject): Promise<Authentication> {
    const { issuer, expiresAt } = subject;
    if (subject.kind === 'service') return { ok: true, caller: { kind: 'service', issuer, expiresAt } };
    const { email, sessionId } = subject;
    const keptId = subject.keepsId ? subject.subject : null;
    const row = await db.asService('resolve user', (tx) =>
      tx.one(RESOLVE_USER, [issuer, subject.subject, email, keptId, subject.issuedAt]),
    );
    if (row?.id == null) return { ok: false, code: 'token_invalid' };
    const claims = {
      sub: row.id,
      role: 'authenticated' as const,
      iss: issuer,
      ...(email === null ? {} : { email }),
      ...(sessionId === null ? {} : { session_id: sessionId }),
    };
    return { ok: true, caller: { kind: 'user', userId: row.id, claims, expiresAt } };
  }

  return {
    authenticate(token) {
      if (token === '' || token.length > MAX_TOKEN_LENGTH) return Promise.resolve({ ok: false, code: 'token_invalid' });
      const key = hash('sha256', token, 'base64');
      const now = Date.now();
      const known = remembered.get(key);
      if (known !== undefined && known.until > now) return stillValid(known.answer);
      const answer = verify(token);
      const entry: Remembered = { until: now + REMEMBER_MS, answer, caller: null };
      remembered.delete(key);
      remembered.set(key, entry);
      const forgetThis = () => {
        if (remembered.get(key) === entry) remembered.delete(key);
      };
      // Refusals and failures are cheap to repeat, and the reason may pass.
      answer.then((result) => {
        if (result.ok) entry.caller = result.caller;
        else forgetThis();
      }, forgetThis);
      for (const oldest of remembered.keys()) {
        if (remembered.size <= REMEMBER_TOKENS) break;
        remembered.delete(oldest);
      }
      return answer;
    },
    async isAdmin(caller) {
      if (caller.kind === 'service') return true;
      const row = await db.asUser(caller.claims, (tx) => tx.one(IS_ADMIN), 'isAdmin');
      return row?.admin === true;
    },
    forget(userId) {
      for (const [key, { caller }] of remembered) {
        // Whoever is being looked up just now may be the one: looked up again next time.
        if (caller === null || isUser(caller, userId)) remembered.delete(key);
      }
    },
    async close() {
      await Promise.all(keySets.map((set) => set.close()));
    },
  };
}

function isUser(caller: Caller, userId: string): boolean {
  return caller.kind === 'user' && caller.userId === userId;
}

/** A remembered token may have ended since. */
async function stillValid(answer: Promise<Authentication>): Promise<Authentication> {
  const result = await answer;
  const ended = result.ok && result.caller.expiresAt + 60 < Date.now() / 1000;
  return ended ? { ok: false, code: 'token_expired' } : result;
}

/** What a client is told; a TypeError is the library's word for a key that does not fit. Errors of ours pass on and become a 5xx. */
function refusalCode(error: unknown): string {
  if (error instanceof TokenRefused) return error.code;
  if (error instanceof KeySetUnavailable) return 'key_set_unavailable';
  if (error instanceof errors.JWTExpired) return 'token_expired';
  if (error instanceof errors.JWTClaimValidationFailed) {
    return error.claim === 'nbf' ? 'token_not_yet_valid' : error.claim === 'aud' ? 'wrong_audience' : 'token_invalid';
  }
  if (error instanceof errors.JWKSNoMatchingKey) return 'unknown_key';
  if (error instanceof errors.JOSEError || error instanceof TypeError) return 'token_invalid';
  throw error;
}
