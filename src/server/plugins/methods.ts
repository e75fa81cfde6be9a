import { METHODS } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { Problem } from '../../platform/errors/problem.ts';

/**
 * A known path asked with the wrong method is 405 with `Allow`, not 404 (C7). Collects the methods of every path as routes are
 * registered; `close()` after the last one fills in the others.
 */
export function methodsPlugin(app: FastifyInstance): { close(): void } {
  const methodsByUrl = new Map<string, Set<string>>();
  app.addHook('onRoute', (route) => {
    const methods = methodsByUrl.get(route.url) ?? new Set();
    for (const method of [route.method].flat()) methods.add(method.toUpperCase());
    methodsByUrl.set(route.url, methods);
  });
  for (const method of METHODS) {
    // CONNECT never reaches a route: Node hands it to its own event.
    if (method !== 'CONNECT' && !app.supportedMethods.includes(method)) app.addHttpMethod(method);
  }
  return {
    close() {
      for (const [url, methods] of [...methodsByUrl]) {
        if (url.includes('*')) continue;
        const allow = [...methods].sort().join(', ');
        app.route({
          url,
          method: app.supportedMethods.filter((method) => !methods.has(method)),
          schema: { hide: true },
          // Before the body is read: what it holds does not matter.
          onRequest: async () => {
            throw new Problem({
              status: 405,
              code: 'method_not_allowed',
              detail: 'Method Not Allowed',
              headers: { allow },
            });
          },
          handler: async () => undefined,
        });
      }
    },
  };
}
