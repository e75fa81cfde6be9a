import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { Problem } from '../../platform/errors/problem.ts';

/** Whether this process can do its work: its database answers and has every migration this code needs. */
export interface Readiness {
  /** Versions that are not applied yet. @throws when the database cannot be reached */
  pendingMigrations(): Promise<readonly string[]>;
}

/** A probe every second from several places must not become load: one look serves them all for this long. */
const REMEMBER_MS = 2_000;

/** `GET /health/ready`: 200 when requests can be answered, else 503. */
export function readinessRoutes(readiness: Readiness): FastifyPluginAsyncTypebox {
  return async (app) => {
    let last: { at: number; pending: Promise<readonly string[]> } | undefined;
    const look = () => {
      if (last === undefined || Date.now() - last.at > REMEMBER_MS) {
        last = { at: Date.now(), pending: readiness.pendingMigrations() };
      }
      return last.pending;
    };

    app.get(
      '/health/ready',
      {
        schema: {
          operationId: 'getReadiness',
          summary: 'Whether the database answers and is migrated',
          tags: ['meta'],
          response: {
            200: Type.Object({
              status: Type.Literal('ready'),
              database: Type.Literal('ok'),
              migrations: Type.Literal('current'),
            }),
          },
        },
      },
      async (_request, reply) => {
        const pending = await look();
        if (pending.length > 0) {
          throw new Problem({
            status: 503,
            code: 'migrations_pending',
            detail: `The database lacks ${pending.length} migration(s): run trr db migrate`,
            retryable: true,
            retryAfterMs: 5_000,
          });
        }
        reply.header('cache-control', 'no-store');
        return { status: 'ready' as const, database: 'ok' as const, migrations: 'current' as const };
      },
    );
  };
}
