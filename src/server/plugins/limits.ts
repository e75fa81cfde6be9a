import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { LimitsConfig } from '../../platform/config/limits.ts';
import { Problem } from '../../platform/errors/problem.ts';
import { clientNetwork } from '../../platform/http/address.ts';

const WINDOW_SECONDS = 60;
/** Counters kept in memory; the oldest go first. */
const MAX_COUNTERS = 50_000;
const READS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** One page shows dozens of images; they count apart. */
const IMAGES_PER_READ = 20;

/**
 * Requests per minute: of a person when signed in, else of an address (/64 for IPv6); reads and writes apart. A token that is not
 * believed counts for its address, so that inventing tokens gains nothing. Counted per process: several servers allow as many times.
 */
export async function limitsPlugin(app: FastifyInstance, limits: LimitsConfig): Promise<void> {
  const { exempt: addresses, ...numbers } = limits;
  if (Object.values(numbers).every((limit) => limit === 0)) return;
  const exempt = new Set(addresses);
  await app.register(rateLimit, {
    global: true,
    // After the token is known, before anything is looked up.
    hook: 'preParsing',
    cache: MAX_COUNTERS,
    timeWindow: WINDOW_SECONDS * 1000,
    keyGenerator: async (request) => `${kindOf(request)} ${await whoAsks(request)}`,
    max: async (request) => limitOf(request, limits, (await person(request)) !== null),
    allowList: async (request) =>
      limitOf(request, limits, (await person(request)) !== null) === 0 ||
      exempt.has(request.ip) ||
      request.url.startsWith('/health') ||
      request.url === '/metrics',
    addHeadersOnExceeding: NO_HEADERS,
    addHeaders: NO_HEADERS,
    onExceeding: () => undefined,
    errorResponseBuilder: (_request, { ttl }) =>
      new Problem({
        status: 429,
        code: 'rate_limited',
        detail: 'Too many requests: wait as long as Retry-After says',
        retryable: true,
        retryAfterMs: Math.max(1, Math.ceil(ttl)),
      }),
  });
  // The fields of the IETF draft (RateLimit, RateLimit-Policy) instead of the plugin's own names.
  app.addHook('onSend', (_request, reply, _payload, done) => {
    const [limit, remaining, reset] = ['limit', 'remaining', 'reset'].map((name) =>
      reply.getHeader(`x-ratelimit-${name}`),
    );
    if (limit === undefined) return done();
    for (const name of ['limit', 'remaining', 'reset']) reply.removeHeader(`x-ratelimit-${name}`);
    reply.header('ratelimit-policy', `"minute";q=${limit};w=${WINDOW_SECONDS}`);
    reply.header('ratelimit', `"minute";r=${remaining};t=${reset}`);
    done();
  });
}

const NO_HEADERS = {
  'x-ratelimit-limit': true,
  'x-ratelimit-remaining': true,
  'x-ratelimit-reset': true,
  'retry-after': false,
};

/** What is counted apart: images, other reads, writes. */
function kindOf(request: FastifyRequest): 'i' | 'r' | 'w' {
  if (!READS.has(request.method)) return 'w';
  return request.url.startsWith('/media/') ? 'i' : 'r';
}

function limitOf(request: FastifyRequest, limits: LimitsConfig, signedIn: boolean): number {
  const kind = kindOf(request);
  if (kind === 'w') return signedIn ? limits.userWrites : limits.addressWrites;
  return (signedIn ? limits.userReads : limits.addressReads) * (kind === 'i' ? IMAGES_PER_READ : 1);
}

async function whoAsks(request: FastifyRequest): Promise<string> {
  return (await person(request)) ?? clientNetwork(request.ip);
}

/** Failures to look are not this plugin's business: the route meets them, too. */
async function person(request: FastifyRequest): Promise<string | null> {
  const identified = await request.identify().catch(() => null);
  if (identified?.ok !== true) return null;
  const { caller } = identified;
  return caller.kind === 'user' ? caller.userId : `service ${caller.issuer}`;
}
