import { readKeys } from '../../identity/tokens/key-set.ts';
import { localTokensRefused } from '../../identity/tokens/secrets.ts';
import { type Check, type Context, type Finding, fail, ok, skipped, warn } from './check.ts';

/** Whether tokens can be verified: each issuer's published keys, and which secrets there are (never what they are). */
export const keys: Check = {
  name: 'token keys',
  async run(context) {
    const { supabase, issuers, internalSecrets } = context.config.auth;
    const published = [
      ...(supabase === null ? [] : [{ ...supabase, secret: supabase.jwtSecret !== null }]),
      ...issuers.map((issuer) => ({ ...issuer, secret: false })),
    ];
    const findings = await Promise.all(published.map((issuer) => askIssuer(context, issuer)));
    if (published.length === 0) findings.push(withoutIssuer(context));
    if (internalSecrets.length > 0) findings.push(ok(`internal tokens: ${internalSecrets.length} secret(s)`));
    return findings;
  },
};

function withoutIssuer({ config }: Context): Finding {
  const refused = localTokensRefused(config);
  if (refused === null) return ok('no issuer; tokens of trr token are accepted on this machine');
  return warn(`nobody can sign in (${refused}): set SUPABASE_URL or AUTH_ISSUERS`);
}

interface Asked {
  readonly issuer: string;
  readonly jwksUrl: string;
  /** Signs with a shared secret as well, so that no published key is needed. */
  readonly secret: boolean;
}

async function askIssuer({ offline, signal }: Context, { issuer, jwksUrl, secret }: Asked): Promise<Finding> {
  if (offline) return skipped(`${issuer}: --offline`);
  const answer = await readKeys(jwksUrl, signal).catch((error: unknown) => error);
  if (!(answer !== null && typeof answer === 'object' && 'usable' in answer)) {
    const why = answer instanceof Error ? (answer.message.split('\n')[0] ?? '') : String(answer);
    return fail(`${issuer}: its keys cannot be read (${why}): check SUPABASE_URL or AUTH_ISSUERS`);
  }
  const { usable, unusable } = answer as Awaited<ReturnType<typeof readKeys>>;
  if (usable > 0) return ok(`${issuer}: ${usable} usable key(s)${unusable > 0 ? `, ${unusable} others` : ''}`);
  if (secret) return ok(`${issuer}: no published keys, SUPABASE_JWT_SECRET signs`);
  return fail(`${issuer}: publishes no key a token could be verified with (${unusable} others)`);
}
