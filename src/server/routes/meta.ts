import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';

/** `/` and the checks that need no database (M5, M6). */
export const metaRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/',
    {
      schema: {
        operationId: 'getRoot',
        summary: 'What this is',
        tags: ['meta'],
        response: { 200: Type.Object({ status: Type.Literal('ok'), service: Type.Literal('trr-backend') }) },
      },
    },
    async () => ({ status: 'ok' as const, service: 'trr-backend' as const }),
  );

  const Healthy = Type.Object({ status: Type.Literal('healthy') });
  for (const [url, operationId] of [
    ['/health', 'getHealth'],
    ['/health/live', 'getLiveness'],
  ] as const) {
    app.get(
      url,
      {
        schema: {
          operationId,
          summary: 'Whether the process answers; does not touch the database',
          tags: ['meta'],
          response: { 200: Healthy },
        },
      },
      async (_request, reply) => {
        reply.header('cache-control', 'no-store');
        return { status: 'healthy' as const };
      },
    );
  }
};
