import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import type { Database } from '../../platform/db/types.ts';
import { sendPublic } from '../../platform/http/public-answer.ts';
import { type CatalogueOptions, ShowParams } from '../params.ts';
import { Season, SeasonParams } from './schema.ts';
import { getSeason, listSeasons } from './service.ts';

/** `GET /shows/{id}/seasons` and `.../{number}` (S6, S7). */
export function seasonRoutes(db: Database, options: CatalogueOptions): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/:id/seasons',
      {
        schema: {
          operationId: 'listSeasons',
          summary: 'Seasons of a show by number; empty for an unknown show',
          tags: ['shows'],
          params: ShowParams,
          response: { 200: Type.Array(Season) },
        },
      },
      async (request, reply) => sendPublic(request, reply, await listSeasons(db, options, request.params.id)),
    );

    app.get(
      '/:id/seasons/:number',
      {
        schema: {
          operationId: 'getSeason',
          summary: 'One season',
          tags: ['shows'],
          params: Type.Object({ ...ShowParams.properties, ...SeasonParams }),
          response: { 200: Season },
        },
      },
      async (request, reply) =>
        sendPublic(request, reply, await getSeason(db, options, request.params.id, request.params.number)),
    );
  };
}
