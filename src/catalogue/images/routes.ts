import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import type { Database } from '../../platform/db/types.ts';
import { notFound } from '../../platform/errors/problem.ts';
import { sendPublic } from '../../platform/http/public-answer.ts';
import { type CatalogueOptions, ShowParams, showReference } from '../params.ts';
import { LIST_IMAGES } from './queries.ts';
import { Image, ImagesQuery } from './schema.ts';

const KINDS = ['poster', 'backdrop', 'logo'];

/** `GET /shows/{id}/images?kind=` (S10). */
export function imageRoutes(db: Database, { licences }: CatalogueOptions): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/:id/images',
      {
        schema: {
          operationId: 'listImages',
          summary: 'Images of a show as TMDb has them',
          tags: ['shows'],
          params: ShowParams,
          querystring: ImagesQuery,
          response: { 200: Type.Array(Image) },
        },
      },
      async (request, reply) => {
        const { kind } = request.query;
        const kinds = kind === undefined ? KINDS : [kind];
        const row = await db.public.one(LIST_IMAGES, [...showReference(request.params.id), licences, kinds]);
        if (row === undefined) throw notFound('Show');
        return sendPublic(request, reply, row);
      },
    );
  };
}
