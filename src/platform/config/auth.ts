import type { EnvReader } from './read.ts';

/** An issuer of tokens whose keys are published (OIDC: Firebase, Auth0, Keycloak, ...). */
export interface IssuerConfig {
  /** As it stands in `iss`. */
  readonly issuer: string;
  readonly jwksUrl: string;
  /** One of these must stand in `aud`. */
  readonly audience: readonly string[];
}

export interface AuthConfig {
  /** The hosted platform: `SUPABASE_URL` + `/auth/v1`. */
  readonly supabase: {
    readonly issuer: string;
    readonly jwksUrl: string;
    /** `SUPABASE_JWT_SECRET`; null when the project signs with asymmetric keys only. */
    readonly jwtSecret: Uint8Array | null;
  } | null;
  /** `AUTH_ISSUERS`. */
  readonly issuers: readonly IssuerConfig[];
  /** `TRR_INTERNAL_JWT_SECRET`: the one in use first, then the one being retired. */
  readonly internalSecrets: readonly Uint8Array[];
  /** `TRR_SECRET`: proves keys of anonymous people; null: one is kept in the data folder. */
  readonly secret: Uint8Array | null;
}

const MIN_SECRET_BYTES = 32;

export function readAuth(env: EnvReader): AuthConfig {
  const url = env.url('SUPABASE_URL', null);
  const jwtSecret = secretOf(env, 'SUPABASE_JWT_SECRET', env.text('SUPABASE_JWT_SECRET'));
  if (url === null && jwtSecret !== null) {
    env.problems.push('SUPABASE_JWT_SECRET needs SUPABASE_URL, which says whose tokens it signs');
  }
  if (url !== null && !isKeyUrl(url)) {
    env.problems.push('SUPABASE_URL must be an https URL (http only on this machine): keys are fetched from it');
  }
  const internal = (env.list('TRR_INTERNAL_JWT_SECRET') ?? []).map((text) =>
    secretOf(env, 'TRR_INTERNAL_JWT_SECRET', text),
  );
  if (internal.length > 2)
    env.problems.push('TRR_INTERNAL_JWT_SECRET takes at most two secrets: the new and the old one');
  const issuers = readIssuers(env);
  const names = [...issuers.map(({ issuer }) => issuer), ...(url === null ? [] : [`${url}/auth/v1`])];
  for (const twice of new Set(names.filter((name, at) => names.indexOf(name) !== at))) {
    env.problems.push(`AUTH_ISSUERS names the issuer ${twice} again: list all its audiences in one entry`);
  }
  return {
    supabase:
      url === null ? null : { issuer: `${url}/auth/v1`, jwksUrl: `${url}/auth/v1/.well-known/jwks.json`, jwtSecret },
    issuers,
    internalSecrets: internal.filter((secret) => secret !== null),
    secret: secretOf(env, 'TRR_SECRET', env.text('TRR_SECRET')),
  };
}

function secretOf(env: EnvReader, name: string, text: string | null): Uint8Array | null {
  if (text === null) return null;
  const bytes = new TextEncoder().encode(text);
  if (bytes.length < MIN_SECRET_BYTES) env.problems.push(`${name} must have at least ${MIN_SECRET_BYTES} bytes`);
  return bytes;
}

/** `[{"issuer": "https://...", "jwks_url": "https://...", "audience": "app" or ["a", "b"]}]` */
function readIssuers(env: EnvReader): IssuerConfig[] {
  const text = env.text('AUTH_ISSUERS');
  if (text === null) return [];
  const list = parsed(text);
  if (!Array.isArray(list)) {
    env.problems.push('AUTH_ISSUERS must be a JSON list of {"issuer", "jwks_url", "audience"}');
    return [];
  }
  return list.flatMap((item: unknown, at) => {
    const given = (typeof item === 'object' && item !== null ? item : {}) as Record<string, unknown>;
    const { issuer, jwks_url: jwksUrl } = given;
    const audience = [given['audience']].flat();
    const problem = issuerProblem(issuer, jwksUrl, audience);
    if (problem !== null) {
      env.problems.push(`AUTH_ISSUERS[${at}]: ${problem}`);
      return [];
    }
    return [{ issuer: String(issuer), jwksUrl: String(jwksUrl), audience: audience.map(String) }];
  });
}

function issuerProblem(issuer: unknown, jwksUrl: unknown, audience: readonly unknown[]): string | null {
  if (typeof issuer !== 'string' || issuer === '' || issuer.length > 500) {
    return 'issuer must be the text that stands in "iss", at most 500 characters';
  }
  if (issuer.startsWith('trr-')) return 'issuer must not begin with "trr-", which is ours';
  if (issuer === 'supabase') return 'issuer must not be "supabase": set SUPABASE_URL';
  if (typeof jwksUrl !== 'string' || !isKeyUrl(jwksUrl)) {
    return 'jwks_url must be an https URL (http only on this machine), without credentials';
  }
  if (audience.length === 0 || audience.some((one) => typeof one !== 'string' || one === '')) {
    return 'audience must be a text or a list of texts: a token for another app must not open this one';
  }
  return null;
}

function isKeyUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  const local = url.hostname === 'localhost' || url.hostname === '127.0.0.1' || url.hostname === '[::1]';
  return (
    (url.protocol === 'https:' || (url.protocol === 'http:' && local)) && url.username === '' && url.password === ''
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
