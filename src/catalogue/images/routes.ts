import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import type { Database } from '../../platform/db/types.ts';
import { notFound } from '../../platform/errors/problem.ts';
import { decodePlace, nextPlace } from '../../platform/http/cursor.ts';
import { sendPublic } from '../../platform/http/public-answer.ts';
import { type CatalogueOptions, ShowParams, showReference } from '../params.ts';
import { SeasonParams } from '../seasons/schema.ts';
import { bySeason } from '../seasons/service.ts';
import { LIST_IMAGES, LIST_SEASON_IMAGES } from './queries.ts';
import { IMAGE_KINDS, Image, ImagesPageQuery, ImagesQuery, SeasonImage } from './schema.ts';

/** `GET /shows/{id}/images?kind=` (S10). */
export function imageRoutes(db: Database, options: CatalogueOptions): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/:id/images',
      {
        schema: {
          operationId: 'listImages',
          summary: 'Images of a show as TMDb has them, our copies first',
          tags: ['shows'],
          params: ShowParams,
          querystring: ImagesQuery,
          response: { 200: Type.Array(Image) },
        },
      },
      async (request, reply) => {
        const { kind, limit } = request.query;
        const kinds = kind === undefined ? IMAGE_KINDS : [kind];
        const place = decodePlace('images', { ...request.query, offset: 0 });
        const row = await db.public.one(LIST_IMAGES, [
          ...showReference(request.params.id),
          options.licences,
          kinds,
          options.mediaBaseUrl,
          limit,
          place,
        ]);
        if (row === undefined) throw notFound('Show');
        return sendPublic(request, reply, { body: row.body, next: nextPlace('images', place, limit, row.more) });
      },
    );
    app.get(
      '/:id/seasons/:number/images',
      {
        schema: {
          operationId: 'listSeasonImages',
          summary: 'Images of a season, our copies first',
          tags: ['shows'],
          params: Type.Object({ ...ShowParams.properties, ...SeasonParams }),
          querystring: ImagesPageQuery,
          response: { 200: Type.Array(SeasonImage) },
        },
      },
      async (request, reply) => {
        const { id, number } = request.params;
        const { limit } = request.query;
        const place = decodePlace('season-images', { ...request.query, offset: 0 });
        const row = await bySeason(db, options, LIST_SEASON_IMAGES, id, number, options.mediaBaseUrl, limit, place);
        return sendPublic(request, reply, { body: row.body, next: nextPlace('season-images', place, limit, row.more) });
      },
    );
  };
}
