import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import type { Database } from '../../platform/db/types.ts';
import { sendPublic } from '../../platform/http/public-answer.ts';
import { type CatalogueOptions, ShowParams } from '../params.ts';
import { withPosters } from './posters.ts';
import { ListedShow, ListShowsQuery, ShowDetail, ShowQuery } from './schema.ts';
import { getShow, listShows } from './service.ts';

/** `GET /shows` and `GET /shows/{id}` (S1-S5). */
export function showRoutes(db: Database, options: CatalogueOptions): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/',
      {
        schema: {
          operationId: 'listShows',
          summary: 'Shows by name, or by likeness to `q`',
          tags: ['shows'],
          querystring: ListShowsQuery,
          response: { 200: Type.Array(ListedShow) },
        },
      },
      async (request, reply) => {
        const page = await listShows(db, options, request.query);
        const pictured = request.query.include?.includes('images') === true;
        return sendPublic(request, reply, pictured ? await withPosters(db, options, page) : page);
      },
    );

    app.get(
      '/:id',
      {
        schema: {
          operationId: 'getShow',
          summary: 'One show in detail',
          tags: ['shows'],
          params: ShowParams,
          querystring: ShowQuery,
          response: { 200: ShowDetail },
        },
      },
      async (request, reply) =>
        sendPublic(request, reply, await getShow(db, options, request.params.id, request.query.include ?? [])),
    );
  };
}
