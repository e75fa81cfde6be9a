import { decodeProtectedHeader, errors, type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose';
import type { AuthConfig } from '../../platform/config/auth.ts';
import { createKeySet, type KeySet, type KeySetOptions } from './key-set.ts';

export const LOCAL_ISSUER = 'trr-local';
export const INTERNAL_ISSUER = 'trr-internal';
export const OWN_AUDIENCE = 'trr';
/** Longest life of an internal token, from `iat` to `exp`. */
export const INTERNAL_MAX_SECONDS = 300;
const LEEWAY_SECONDS = 60;
const ASYMMETRIC = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];

/** Whom a verified token speaks of. */
export type Subject =
  | {
      readonly kind: 'user';
      readonly issuer: string;
      readonly subject: string;
      /** The id the user keeps here: subjects of the hosted platform and of `trr token`. */
      readonly keepsId: boolean;
      readonly email: string | null;
      readonly sessionId: string | null;
      /** Seconds since 1970; null when the token does not say. */
      readonly issuedAt: number | null;
      readonly expiresAt: number;
    }
  | { readonly kind: 'service'; readonly issuer: string; readonly expiresAt: number };

export class TokenRefused extends Error {
  override readonly name = 'TokenRefused';
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

/** One issuer this server believes: its tokens' algorithms, audience and keys are fixed here, never taken from the token. */
export interface Issuer {
  verify(token: string): Promise<Subject>;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The issuers of a configuration by the text of `iss`, and what to close at the end. */
export function createIssuers(
  auth: AuthConfig,
  localSecret: Uint8Array | null,
  onKeySetProblem?: KeySetOptions['onProblem'],
): { readonly byName: ReadonlyMap<string, Issuer>; readonly keySets: readonly KeySet[] } {
  const byName = new Map<string, Issuer>();
  const keySets: KeySet[] = [];
  const keysAt = (url: string) => {
    const set = createKeySet(url, onKeySetProblem === undefined ? {} : { onProblem: onKeySetProblem });
    keySets.push(set);
    return set;
  };
  for (const { issuer, jwksUrl, audience } of auth.issuers) {
    const { key } = keysAt(jwksUrl);
    byName.set(issuer, {
      verify: async (token) => {
        const { payload } = await jwtVerify(token, key, {
          ...common(issuer, ASYMMETRIC),
          audience: [...audience],
          requiredClaims: ['sub', 'exp'],
        });
        // Whatever role it claims: only the hosted platform speaks of roles (design 6).
        return user(payload, issuer, false);
      },
    });
  }
  if (auth.supabase !== null) {
    const { issuer, jwtSecret, jwksUrl } = auth.supabase;
    const { key } = keysAt(jwksUrl);
    const verify = async (token: string, names: string[], audience?: string) => {
      // The algorithm decides which of the two kinds of key is used, and each kind takes its own algorithms only.
      const symmetric = decodeProtectedHeader(token).alg === 'HS256';
      const options = { issuer: names, ...(audience === undefined ? {} : { audience }) };
      if (!symmetric) return jwtVerify(token, key, { ...common(issuer, ASYMMETRIC), ...options });
      if (jwtSecret === null) throw new TokenRefused('token_invalid');
      return jwtVerify(token, jwtSecret, { ...common(issuer, ['HS256']), ...options });
    };
    byName.set(issuer, {
      verify: async (token) => supabaseSubject((await verify(token, [issuer], 'authenticated')).payload, issuer),
    });
    // The platform's own service keys: signed with the project's secret, without subject and audience.
    if (jwtSecret !== null) {
      byName.set('supabase', {
        verify: async (token) => {
          const { payload } = await verify(token, ['supabase']);
          if (payload['role'] !== 'service_role') throw new TokenRefused('token_without_user');
          return { kind: 'service', issuer, expiresAt: payload.exp ?? 0 };
        },
      });
    }
  }
  if (auth.internalSecrets.length > 0) {
    byName.set(INTERNAL_ISSUER, { verify: (token) => verifyInternal(token, auth.internalSecrets) });
  }
  if (localSecret !== null) {
    byName.set(LOCAL_ISSUER, {
      verify: async (token) => {
        const { payload } = await jwtVerify(token, localSecret, {
          ...common(LOCAL_ISSUER, ['HS256']),
          audience: OWN_AUDIENCE,
          requiredClaims: ['sub', 'exp'],
        });
        return user(payload, LOCAL_ISSUER, true);
      },
    });
  }
  return { byName, keySets };
}

function common(issuer: string, algorithms: string[]): JWTVerifyOptions {
  return { issuer, algorithms, clockTolerance: LEEWAY_SECONDS, requiredClaims: ['exp'] };
}

function supabaseSubject(payload: JWTPayload, issuer: string): Subject {
  if (payload['role'] === 'service_role') return { kind: 'service', issuer, expiresAt: payload.exp ?? 0 };
  if (payload['role'] !== 'authenticated') throw new TokenRefused('token_without_user');
  return user(payload, issuer, true);
}

function user(payload: JWTPayload, issuer: string, keepsId: boolean): Subject {
  const { sub, exp, iat, email, email_verified: verified, session_id: session } = payload;
  if (!isText(sub, 500) || (keepsId && !UUID.test(sub))) {
    throw new TokenRefused('token_without_user');
  }
  return {
    kind: 'user',
    issuer,
    subject: keepsId ? sub.toLowerCase() : sub,
    keepsId,
    // An address nobody has verified proves nothing about anybody.
    email: isText(email, 320) && verified !== false ? email : null,
    sessionId: isText(session, 500) ? session : null,
    issuedAt: typeof iat === 'number' ? iat : null,
    expiresAt: exp ?? 0,
  };
}

/** A text the database stores as it is: two subjects that differ in a lone surrogate only would become one person. */
function isText(value: unknown, maxLength: number): value is string {
  return (
    typeof value === 'string' &&
    value !== '' &&
    value.length <= maxLength &&
    !value.includes('\0') &&
    value.isWellFormed()
  );
}

async function verifyInternal(token: string, secrets: readonly Uint8Array[]): Promise<Subject> {
  let last: unknown;
  for (const secret of secrets) {
    try {
      const { payload } = await jwtVerify(token, secret, {
        ...common(INTERNAL_ISSUER, ['HS256']),
        audience: OWN_AUDIENCE,
        requiredClaims: ['exp', 'iat'],
      });
      const { iat = 0, exp = 0 } = payload;
      // A token issued in the future would live longer than its two times say.
      if (iat > Date.now() / 1000 + LEEWAY_SECONDS) throw new TokenRefused('token_not_yet_valid');
      if (exp - iat > INTERNAL_MAX_SECONDS) throw new TokenRefused('token_lives_too_long');
      return { kind: 'service', issuer: INTERNAL_ISSUER, expiresAt: exp };
    } catch (error) {
      last = error;
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) break;
    }
  }
  throw last;
}
