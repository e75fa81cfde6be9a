import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import type { Authenticator } from '../../platform/auth/caller.ts';
import type { Database } from '../../platform/db/types.ts';
import { Problem } from '../../platform/errors/problem.ts';
import { isLoopback } from '../../platform/http/address.ts';
import { createMetrics, type Metrics } from '../../platform/metrics/registry.ts';

/**
 * Counts and times every request, and serves `/metrics` to this machine and to programs with the internal token (design 4): numbers
 * about traffic are nobody else's business.
 */
export function metricsPlugin(app: FastifyInstance, db: Database, authenticator: Authenticator): Metrics {
  const metrics = createMetrics();
  metrics.gauge('trr_db_connections', 'Connections of both pools', () => db.stats().total);
  metrics.gauge('trr_db_connections_idle', 'Connections waiting for work', () => db.stats().idle);
  metrics.gauge('trr_db_waiting', 'Callers waiting for a connection', () => db.stats().waiting);
  app.addHook('onRequest', (_request, _reply, done) => {
    metrics.requestStarted();
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    metrics.requestEnded();
    const operation = request.routeOptions.schema?.operationId ?? 'none';
    metrics.observeRequest(operation, request.method, reply.statusCode, reply.elapsedTime / 1000);
    done();
  });
  app.get(
    '/metrics',
    {
      schema: {
        operationId: 'getMetrics',
        summary: "Counts and times in Prometheus' text format; for this machine or with the internal token",
        tags: ['meta'],
        response: { 200: { description: 'Metrics', content: { 'text/plain': { schema: Type.String() } } } },
      },
    },
    async (request, reply) => {
      // The connection's own address: what a proxy says about somebody else's does not make them local.
      const local = isLoopback(request.socket.remoteAddress ?? '') && request.headers['x-forwarded-for'] === undefined;
      const identified = local ? null : await request.identify();
      const isService = identified?.ok === true && (await authenticator.isAdmin(identified.caller));
      if (!local && !isService) {
        throw new Problem({
          status: 403,
          code: 'metrics_are_private',
          detail: 'Metrics are for this machine and its services',
        });
      }
      return reply
        .header('cache-control', 'no-store')
        .type(metrics.contentType)
        .send((await metrics.text()) as never);
    },
  );
  return metrics;
}
