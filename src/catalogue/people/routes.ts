import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Database } from '../../platform/db/types.ts';
import { notFound } from '../../platform/errors/problem.ts';
import { sendPublic } from '../../platform/http/public-answer.ts';
import { type CatalogueOptions, PersonParams } from '../params.ts';
import { GET_PERSON } from './queries.ts';
import { Person } from './schema.ts';

/** `GET /shows/people/{person_id}` (S11). */
export function personRoutes(db: Database, { licences }: CatalogueOptions): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/people/:person_id',
      {
        schema: {
          operationId: 'getPerson',
          summary: 'One person',
          tags: ['people'],
          params: PersonParams,
          response: { 200: Person },
        },
      },
      async (request, reply) => {
        const row = await db.public.one(GET_PERSON, [request.params.person_id, licences]);
        if (row === undefined) throw notFound('Person');
        return sendPublic(request, reply, row);
      },
    );
  };
}
