import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { signedIn, userOf } from '../../platform/auth/guards.ts';
import type { Database } from '../../platform/db/types.ts';
import { sendPrivate } from '../../platform/http/private-answer.ts';
import { Uuid } from '../../platform/http/schemas.ts';

/** What people see and set of themselves. */
export function profileRoutes(_db: Database): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/me',
      {
        preValidation: signedIn,
        schema: {
          operationId: 'getMe',
          summary: 'The signed-in person',
          tags: ['identity'],
          response: { 200: Type.Object({ id: Uuid() }, { additionalProperties: false }) },
        },
      },
      async (request, reply) => sendPrivate(reply, { id: userOf(request).userId }),
    );
  };
}
