import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import type { Database } from '../../platform/db/types.ts';
import { notFound } from '../../platform/errors/problem.ts';
import { decodePlace, nextPlace } from '../../platform/http/cursor.ts';
import { sendPublic } from '../../platform/http/public-answer.ts';
import { PageQuery } from '../../platform/http/schemas.ts';
import type { CatalogueOptions } from '../params.ts';
import { Organisation, Show } from '../shows/schema.ts';
import { NETWORKS, SHOWS_OF_NETWORK } from './queries.ts';

const NetworkParams = Type.Object({ network_id: Type.Integer({ minimum: 1, maximum: 2_147_483_647 }) });

/** Networks and their shows, under `/api/v1/networks`. */
export function networkRoutes(db: Database, { licences, mediaBaseUrl }: CatalogueOptions): FastifyPluginAsyncTypebox {
  const tags = ['shows'];
  return async (app) => {
    app.get(
      '/',
      {
        schema: {
          operationId: 'listNetworks',
          summary: 'Networks by name',
          tags,
          querystring: PageQuery,
          response: {
            200: Type.Array(
              Type.Object({ ...Organisation.properties, show_count: Type.Integer() }, { additionalProperties: false }),
            ),
          },
        },
      },
      async (request, reply) => {
        const place = decodePlace('networks', request.query);
        const row = await db.public.one(NETWORKS, [request.query.limit, place, licences, mediaBaseUrl]);
        if (row === undefined) throw new Error('an aggregate without group by gave no row');
        const next = nextPlace('networks', place, request.query.limit, row.more);
        return sendPublic(request, reply, { body: row.body, next });
      },
    );
    app.get(
      '/:network_id/shows',
      {
        schema: {
          operationId: 'listNetworkShows',
          summary: 'Shows of a network by name',
          tags,
          params: NetworkParams,
          querystring: PageQuery,
          response: { 200: Type.Array(Show) },
        },
      },
      async (request, reply) => {
        const { limit } = request.query;
        const place = decodePlace('network-shows', request.query);
        const row = await db.public.one(SHOWS_OF_NETWORK, [limit, place, licences, request.params.network_id]);
        if (row?.known !== true) throw notFound('Network');
        return sendPublic(request, reply, { body: row.body, next: nextPlace('network-shows', place, limit, row.more) });
      },
    );
  };
}
