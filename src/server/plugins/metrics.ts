import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { type Usage, usage } from '../../media/upkeep/usage.ts';
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
  mediaMetrics(metrics, db);
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

/** Long enough that scraping costs nothing, short enough to see mirroring at work. */
const MEDIA_MS = 60_000;

/** Images and bytes by table and source (`spec/media.md` V4), counted at most once a minute. */
function mediaMetrics(metrics: Metrics, db: Database): void {
  let known: { readonly at: number; readonly usage: Promise<Usage> } | undefined;
  const counted = () => {
    if (known === undefined || Date.now() - known.at > MEDIA_MS) known = { at: Date.now(), usage: usage(db) };
    return known.usage;
  };
  const byTable = (name: string, help: string, value: (row: Usage['images'][number]) => number) =>
    metrics.table(name, help, ['table', 'source'], async () =>
      (await counted()).images.map((row) => ({
        labels: { table: row.table_name, source: row.source },
        value: value(row),
      })),
    );
  byTable('trr_media_images', 'Images known', (row) => row.images);
  byTable('trr_media_hosted_images', 'Images with a copy of ours', (row) => row.hosted);
  byTable('trr_media_files', 'Files behind those copies', (row) => row.files);
  byTable('trr_media_bytes', 'Bytes of those files', (row) => Number(row.bytes));
  metrics.table('trr_media_store_bytes', 'Bytes in the store, by what they are', ['what'], async () => {
    const { totals } = await counted();
    return [
      { labels: { what: 'original' }, value: Number(totals.file_bytes) },
      { labels: { what: 'smaller' }, value: Number(totals.variant_bytes) },
      { labels: { what: 'unknown' }, value: Number(totals.stray_bytes) },
    ];
  });
}
