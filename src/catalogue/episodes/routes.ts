import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import type { Database } from '../../platform/db/types.ts';
import { notFound } from '../../platform/errors/problem.ts';
import { sendPublic } from '../../platform/http/public-answer.ts';
import { Uuid } from '../../platform/http/schemas.ts';
import { type CatalogueOptions, ShowParams } from '../params.ts';
import { SeasonParams } from '../seasons/schema.ts';
import { bySeason } from '../seasons/service.ts';
import { GET_EPISODE, LIST_EPISODES } from './queries.ts';
import { Episode } from './schema.ts';

/** `GET /shows/{id}/seasons/{number}/episodes` (S8). */
export function episodeRoutes(db: Database, options: CatalogueOptions): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/:id/seasons/:number/episodes',
      {
        schema: {
          operationId: 'listEpisodes',
          summary: 'Episodes of a season by number',
          tags: ['shows'],
          params: Type.Object({ ...ShowParams.properties, ...SeasonParams }),
          response: { 200: Type.Array(Episode) },
        },
      },
      async (request, reply) =>
        sendPublic(
          request,
          reply,
          await bySeason(db, options, LIST_EPISODES, request.params.id, request.params.number, options.mediaBaseUrl),
        ),
    );
  };
}

/** `GET /api/v1/episodes/{episode_id}`. */
export function episodeByIdRoutes(
  db: Database,
  { licences, mediaBaseUrl }: CatalogueOptions,
): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/episodes/:episode_id',
      {
        schema: {
          operationId: 'getEpisode',
          summary: 'One episode',
          tags: ['shows'],
          params: Type.Object({ episode_id: Uuid() }),
          response: { 200: Episode },
        },
      },
      async (request, reply) => {
        const row = await db.public.one(GET_EPISODE, [request.params.episode_id, null, licences, mediaBaseUrl]);
        if (row === undefined) throw notFound('Episode');
        return sendPublic(request, reply, row);
      },
    );
  };
}
