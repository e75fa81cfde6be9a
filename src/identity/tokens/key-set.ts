import { createLocalJWKSet, errors, importJWK, type JSONWebKeySet, type JWK, type JWTVerifyGetKey } from 'jose';
import {
  createOutboundAgent,
  type Dispatcher,
  loopbackAuthorities,
  outboundRequest,
} from '../../platform/outbound/index.ts';

/** Keys are asked for again after this long, in the background. */
const FRESH_MS = 10 * 60_000;
/** After this long without an answer keys are asked for before they are used: one may have been withdrawn since. */
const STALE_MS = 60 * 60_000;
/** Unknown key ids make us ask at most this often: whoever invents them must not make us ask at will. */
const COOLDOWN_MS = 30_000;
const MAX_BYTES = 256 * 1024;
const TIMEOUT_MS = 5_000;

/** The keys of an issuer cannot be had at the moment, and none are remembered. */
export class KeySetUnavailable extends Error {
  override readonly name = 'KeySetUnavailable';
}

/** An issuer's published keys: fetched at first use, refreshed in the background, and kept when the issuer is down. */
export interface KeySet {
  readonly key: JWTVerifyGetKey;
  close(): Promise<void>;
}

export interface KeySetOptions {
  /** Told of each question to the issuer that failed, whether or not remembered keys serve meanwhile. */
  readonly onProblem?: (url: string, error: unknown) => void;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
}

/** @throws OutboundError, KeySetUnavailable, SyntaxError */
async function download(agent: Dispatcher, url: string, signal?: AbortSignal): Promise<JSONWebKeySet> {
  const response = await outboundRequest(agent, {
    url,
    method: 'GET',
    headers: { accept: 'application/json' },
    maxBytes: MAX_BYTES,
    timeoutMs: TIMEOUT_MS,
    ...(signal === undefined ? {} : { signal }),
  });
  if (response.status !== 200) throw new KeySetUnavailable(`${url} answered ${response.status}`);
  return JSON.parse(response.body.toString('utf8')) as JSONWebKeySet;
}

function agentFor(url: string): Dispatcher {
  return createOutboundAgent({ loopback: loopbackAuthorities([url]), connections: 1 });
}

/**
 * Asks an issuer once, for diagnosis, and counts its keys: those that could verify a token, and others (shared, for encryption, broken).
 * @throws OutboundError, KeySetUnavailable, SyntaxError
 */
export async function readKeys(url: string, signal?: AbortSignal): Promise<{ usable: number; unusable: number }> {
  const agent = agentFor(url);
  try {
    const set = await download(agent, url, signal);
    if (!Array.isArray(set.keys)) throw new KeySetUnavailable(`${url} gave no list of keys`);
    const good = await Promise.all(set.keys.map(canVerify));
    const usable = good.filter(Boolean).length;
    return { usable, unusable: good.length - usable };
  } finally {
    await agent.destroy();
  }
}

/** The algorithm a key is for when it does not say; shared keys verify nothing here. */
const ALGORITHMS: Readonly<Record<string, string>> = {
  RSA: 'RS256',
  'EC P-256': 'ES256',
  'EC P-384': 'ES384',
  'EC P-521': 'ES512',
  'OKP Ed25519': 'EdDSA',
};

async function canVerify(key: JWK): Promise<boolean> {
  const algorithm = ALGORITHMS[key.kty === 'RSA' ? 'RSA' : `${key.kty} ${key.crv}`];
  if (algorithm === undefined || key.use === 'enc') return false;
  return importJWK(key, key.alg ?? algorithm).then(
    () => true,
    () => false,
  );
}

/** @param url where the issuer publishes its keys (RFC 7517); `http` and this machine only as configured */
export function createKeySet(url: string, options: KeySetOptions = {}): KeySet {
  const { onProblem = () => undefined, clock = Date.now } = options;
  const agent = agentFor(url);
  let known: JWTVerifyGetKey | undefined;
  let fetchedAt = Number.NEGATIVE_INFINITY;
  let askedAt = Number.NEGATIVE_INFINITY;
  let asking: Promise<void> | undefined;

  async function ask(): Promise<void> {
    askedAt = clock();
    known = createLocalJWKSet(await download(agent, url));
    fetchedAt = clock();
  }
  /** One request at a time, whoever asks. */
  const refresh = () => {
    asking ??= ask()
      .catch((error: unknown) => {
        onProblem(url, error);
        throw error;
      })
      .finally(() => {
        asking = undefined;
      });
    return asking;
  };

  return {
    async key(header, token) {
      if (known === undefined) {
        if (asking === undefined && clock() - askedAt < 1_000)
          throw new KeySetUnavailable(`${url}: asked a moment ago`);
        await refresh().catch((cause: unknown) => {
          throw new KeySetUnavailable(`${url} cannot be read`, { cause });
        });
      } else if (clock() - fetchedAt > FRESH_MS && clock() - askedAt > COOLDOWN_MS) {
        const refreshed = refresh().catch(() => undefined); // when it fails, the keys we have go on serving
        if (clock() - fetchedAt > STALE_MS) await refreshed;
      }
      try {
        return await currentKeys()(header, token);
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey) || clock() - askedAt < COOLDOWN_MS) throw error;
        // Perhaps a new key: look once.
        await refresh().catch(() => undefined);
        return currentKeys()(header, token);
      }
    },
    close: () => agent.close(),
  };

  function currentKeys(): JWTVerifyGetKey {
    if (known === undefined) throw new KeySetUnavailable(`${url} gave no keys`);
    return known;
  }
}
