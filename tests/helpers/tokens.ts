import { randomBytes, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { createAuthenticator } from '../../src/identity/tokens/authenticator.ts';
import { LOCAL_ISSUER } from '../../src/identity/tokens/issuers.ts';
import type { Authenticator } from '../../src/platform/auth/caller.ts';
import type { AuthConfig } from '../../src/platform/config/auth.ts';
import type { Database } from '../../src/platform/db/types.ts';

/** Secret of the servers this process starts. */
export const LOCAL_SECRET = randomBytes(32);

export const NO_ISSUERS: AuthConfig = { supabase: null, issuers: [], internalSecrets: [], secret: null };

export function testAuthenticator(db: Database, auth: AuthConfig = NO_ISSUERS): Authenticator {
  return createAuthenticator({ db, auth, localSecret: LOCAL_SECRET });
}

/** A token as `trr token` signs it. */
export function localToken(
  subject: string = randomUUID(),
  { email, secret = LOCAL_SECRET, seconds = 3600 }: { email?: string; secret?: Uint8Array; seconds?: number } = {},
): Promise<string> {
  return new SignJWT(email === undefined ? {} : { email })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer(LOCAL_ISSUER)
    .setAudience('trr')
    .setSubject(subject)
    .setIssuedAt()
    .setExpirationTime(`${seconds}s`)
    .sign(secret);
}
