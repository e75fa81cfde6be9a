import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import type { Database } from '../../platform/db/types.ts';
import { sendPublic } from '../../platform/http/public-answer.ts';
import { type CatalogueOptions, ShowParams, showReference } from '../params.ts';
import { SeasonParams } from '../seasons/schema.ts';
import { bySeason } from '../seasons/service.ts';
import { LIST_CAST, LIST_SEASON_CAST } from './queries.ts';
import { CastMember } from './schema.ts';

/** `GET /shows/{id}/cast` (S9) and the cast of one season. */
export function castRoutes(db: Database, options: CatalogueOptions): FastifyPluginAsyncTypebox {
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
        const row = await db.public.one(LIST_CAST, [...showReference(request.params.id), options.licences]);
        return sendPublic(request, reply, { body: row?.body ?? '[]' });
      },
    );
    app.get(
      '/:id/seasons/:number/cast',
      {
        schema: {
          operationId: 'listSeasonCast',
          summary: 'Who appears in a season, with their credit in the show',
          tags: ['shows', 'people'],
          params: Type.Object({ ...ShowParams.properties, ...SeasonParams }),
          response: { 200: Type.Array(CastMember) },
        },
      },
      async (request, reply) =>
        sendPublic(
          request,
          reply,
          await bySeason(db, options, LIST_SEASON_CAST, request.params.id, request.params.number),
        ),
    );
  };
}
