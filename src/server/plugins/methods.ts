import type { FastifyInstance } from 'fastify';
import findMyWay from 'find-my-way';
import { Problem } from '../../platform/errors/problem.ts';

/**
 * A known path asked with the wrong method is 405 with `Allow`, not 404 (C7). Paths are looked up in a router of their own, made of those
 * that were registered: the application's own router answers only for the methods a path has, and giving every path every method would
 * be thirty times as many routes.
 */
export function methodsPlugin(app: FastifyInstance): void {
  const methodsByUrl = new Map<string, Set<string>>();
  app.addHook('onRoute', (route) => {
    if (route.url.includes('*')) return;
    const methods = methodsByUrl.get(route.url) ?? new Set();
    for (const method of [route.method].flat()) methods.add(method.toUpperCase());
    methodsByUrl.set(route.url, methods);
  });

  const { ignoreTrailingSlash, maxParamLength } = app.initialConfig.routerOptions ?? {};
  const paths = findMyWay({
    ...(ignoreTrailingSlash === undefined ? {} : { ignoreTrailingSlash }),
    ...(maxParamLength === undefined ? {} : { maxParamLength }),
  });
  app.addHook('onReady', (done) => {
    for (const [url, methods] of methodsByUrl) paths.on('GET', url, () => undefined, methods);
    done();
  });

  // Before the body is read: what it holds does not matter.
  app.addHook('onRequest', (request, _reply, done) => {
    if (!request.is404) return done();
    const [path = ''] = request.url.split('?');
    const methods: Set<string> | undefined = paths.find('GET', path)?.store;
    if (methods === undefined) return done();
    done(
      new Problem({
        status: 405,
        code: 'method_not_allowed',
        detail: 'Method Not Allowed',
        headers: { allow: [...methods].sort().join(', ') },
      }),
    );
  });
}
