import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS'];
/** HEAD needs no permission from us (Fetch standard: CORS-safelisted), so asking for it is not an error. */
const REQUESTABLE = new Set([...METHODS, 'HEAD']);
const ALLOWED_HEADERS = [
  'authorization',
  'content-type',
  'idempotency-key',
  'if-none-match',
  'last-event-id',
  'x-request-id',
  'x-anonymous-key',
];
const SAFELISTED_HEADERS = ['accept', 'accept-language', 'content-language', 'range'];
const REQUESTABLE_HEADERS = new Set([...ALLOWED_HEADERS, ...SAFELISTED_HEADERS]);
const EXPOSED_HEADERS = [
  'ETag',
  'Link',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'X-Request-Id',
  'X-Anonymous-Key',
  'Idempotency-Replayed',
].join(', ');
const MAX_AGE_SECONDS = 600;
/** What of a request an answer may depend on (design 11). */
export const VARY = 'Authorization, Accept, Origin';

/**
 * Cross-origin rules M1-M4 (spec/api.md). Ours and not @fastify/cors because clients rely on the answers to a preflight: 200 "OK",
 * 400 naming what is not allowed, whatever the path.
 * @param origins allowed origins, with credentials; null allows any origin without credentials
 */
export function corsPlugin(app: FastifyInstance, origins: readonly string[] | null): void {
  const allowed = origins === null ? null : new Set(origins);
  app.addHook('onRequest', (request, reply, done) => {
    const { origin } = request.headers;
    reply.header('vary', VARY);
    if (allowed === null) reply.header('access-control-allow-origin', '*');
    else if (origin !== undefined && allowed.has(origin)) {
      reply.header('access-control-allow-origin', origin).header('access-control-allow-credentials', 'true');
    }
    if (request.method === 'OPTIONS' && origin !== undefined && requestedMethod(request) !== undefined) {
      answerPreflight(request, reply, allowed === null || allowed.has(origin));
      return;
    }
    if (origin !== undefined) reply.header('access-control-expose-headers', EXPOSED_HEADERS);
    done();
  });
}

function requestedMethod(request: FastifyRequest): string | undefined {
  return request.headers['access-control-request-method'];
}

function answerPreflight(request: FastifyRequest, reply: FastifyReply, originAllowed: boolean): FastifyReply {
  const refused = [
    originAllowed ? [] : ['origin'],
    REQUESTABLE.has(requestedMethod(request) ?? '') ? [] : ['method'],
    headersAllowed(request.headers['access-control-request-headers']) ? [] : ['headers'],
  ].flat();
  reply
    .header('access-control-allow-methods', METHODS.join(', '))
    .header('access-control-allow-headers', ALLOWED_HEADERS.join(', '))
    .header('access-control-max-age', MAX_AGE_SECONDS)
    .type('text/plain; charset=utf-8');
  return refused.length === 0
    ? reply.code(200).send('OK')
    : reply.code(400).send(`Disallowed CORS ${refused.join(', ')}`);
}

function headersAllowed(requested: string | undefined): boolean {
  if (requested === undefined) return true;
  return requested.split(',').every((name) => name.trim() === '' || REQUESTABLE_HEADERS.has(name.trim().toLowerCase()));
}
