import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import type { Database } from '../../platform/db/types.ts';
import { notFound } from '../../platform/errors/problem.ts';
import { sendPublic } from '../../platform/http/public-answer.ts';
import { type CatalogueOptions, ShowParams, showReference } from '../params.ts';
import { SeasonParams } from '../seasons/schema.ts';
import { bySeason } from '../seasons/service.ts';
import { LIST_IMAGES, LIST_SEASON_IMAGES } from './queries.ts';
import { IMAGE_KINDS, Image, ImagesQuery, SeasonImage } from './schema.ts';

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
        const { kind } = request.query;
        const kinds = kind === undefined ? IMAGE_KINDS : [kind];
        const row = await db.public.one(LIST_IMAGES, [
          ...showReference(request.params.id),
          options.licences,
          kinds,
          options.mediaBaseUrl,
        ]);
        if (row === undefined) throw notFound('Show');
        return sendPublic(request, reply, row);
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
          response: { 200: Type.Array(SeasonImage) },
        },
      },
      async (request, reply) =>
        sendPublic(
          request,
          reply,
          await bySeason(
            db,
            options,
            LIST_SEASON_IMAGES,
            request.params.id,
            request.params.number,
            options.mediaBaseUrl,
          ),
        ),
    );
  };
}
