import { errors, jwtVerify } from 'jose';
import type { Authentication, Authenticator } from '../../platform/auth/caller.ts';
import { statement } from '../../platform/db/statement.ts';
import type { Database } from '../../platform/db/types.ts';

export const LOCAL_ISSUER = 'trr-local';
const AUDIENCE = 'trr';
const LEEWAY_SECONDS = 60;

const RESOLVE_USER = statement(
  'identity.accounts.resolve',
  'select identity.resolve_user($1, $2, $3, $4::uuid) as id',
  { id: 'uuid?' },
);
const IS_ADMIN = statement('identity.admins.isAdmin', 'select identity.is_admin() as admin', { admin: 'bool?' });

export interface AuthenticatorOptions {
  readonly db: Database;
  /** Secret of `trr token`; null when this server does not accept such tokens. */
  readonly localSecret: Uint8Array | null;
}

/** The authenticator of this process. */
export function createAuthenticator({ db, localSecret }: AuthenticatorOptions): Authenticator {
  return {
    async authenticate(token): Promise<Authentication> {
      if (localSecret === null) return { ok: false, code: 'token_invalid' };
      try {
        const { payload } = await jwtVerify(token, localSecret, {
          algorithms: ['HS256'],
          issuer: LOCAL_ISSUER,
          audience: AUDIENCE,
          requiredClaims: ['sub', 'exp'],
          clockTolerance: LEEWAY_SECONDS,
        });
        const email = typeof payload['email'] === 'string' ? payload['email'] : null;
        const row = await db.asService('resolve user', (tx) =>
          tx.one(RESOLVE_USER, [LOCAL_ISSUER, payload.sub, email, payload.sub]),
        );
        if (row?.id == null) return { ok: false, code: 'token_invalid' };
        return {
          ok: true,
          caller: {
            kind: 'user',
            userId: row.id,
            claims: { sub: row.id, role: 'authenticated', iss: LOCAL_ISSUER, ...(email === null ? {} : { email }) },
            expiresAt: payload.exp ?? 0,
          },
        };
      } catch (error) {
        if (error instanceof errors.JWTExpired) return { ok: false, code: 'token_expired' };
        if (error instanceof errors.JOSEError) return { ok: false, code: 'token_invalid' };
        throw error;
      }
    },
    async isAdmin(caller) {
      if (caller.kind === 'service') return true;
      const row = await db.asUser(caller.claims, (tx) => tx.one(IS_ADMIN));
      return row?.admin === true;
    },
    forget() {
      // Nothing is remembered yet.
    },
  };
}
