import type { FastifyInstance } from 'fastify';

/** The API hands out data only: nothing in an answer may run, be framed or be taken for another type. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'cross-origin',
};

/**
 * Constant security headers on every answer. A plain object and not @fastify/helmet: its per-request middleware chain is made for pages;
 * these are the ones that mean something for JSON. `/docs` overrides the policy for its own page.
 * @param https whether clients reach us by https (`PUBLIC_URL`); only then may we ask for it in future
 */
export function securityPlugin(app: FastifyInstance, https: boolean): void {
  const headers = https ? { ...SECURITY_HEADERS, 'strict-transport-security': 'max-age=31536000' } : SECURITY_HEADERS;
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(headers);
    done();
  });
}
