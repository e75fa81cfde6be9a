import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import type { Database } from '../../platform/db/types.ts';
import { sendPublic } from '../../platform/http/public-answer.ts';
import { type CatalogueOptions, ShowParams, showReference } from '../params.ts';
import { LIST_CAST } from './queries.ts';
import { CastMember } from './schema.ts';

/** `GET /shows/{id}/cast` (S9). */
export function castRoutes(db: Database, { licences }: CatalogueOptions): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/:id/cast',
      {
        schema: {
          operationId: 'listCast',
          summary: 'Credits of a show in billing order; empty for an unknown show',
          tags: ['shows', 'people'],
          params: ShowParams,
          response: { 200: Type.Array(CastMember) },
        },
      },
      async (request, reply) => {
        const row = await db.public.one(LIST_CAST, [...showReference(request.params.id), licences]);
        return sendPublic(request, reply, { body: row?.body ?? '[]' });
      },
    );
  };
}
