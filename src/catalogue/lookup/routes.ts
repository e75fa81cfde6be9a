import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import type { Database } from '../../platform/db/types.ts';
import { invalidInput, notFound } from '../../platform/errors/problem.ts';
import { sendPublic } from '../../platform/http/public-answer.ts';
import { Nullable, Uuid } from '../../platform/http/schemas.ts';
import type { CatalogueOptions } from '../params.ts';
import { LOOKUP } from './queries.ts';

const numeric = (description: string) =>
  Type.Optional(Type.Integer({ minimum: 1, maximum: 2_147_483_647, description }));

const LookupQuery = Type.Object({
  imdb: Type.Optional(Type.String({ pattern: '^(tt|nm)[0-9]{5,12}$', description: 'IMDb title or name id' })),
  tmdb: numeric('TMDb id; `type` says of what, by default of a show'),
  tvdb: numeric('TheTVDB id'),
  wikidata: Type.Optional(Type.String({ pattern: '^Q[1-9][0-9]{0,11}$', description: 'Wikidata item' })),
  type: Type.Optional(
    Type.Union(
      ['show', 'season', 'episode', 'person'].map((name) => Type.Literal(name)),
      { description: 'Only this kind of thing' },
    ),
  ),
});

const Found = Type.Object(
  {
    type: Type.String({ description: 'show, season, episode or person' }),
    id: Uuid(),
    name: Nullable(Type.String()),
    show_id: Nullable(Uuid()),
    show_slug: Nullable(Type.String()),
  },
  { additionalProperties: false },
);

const SCHEMES = ['imdb', 'tmdb', 'tvdb', 'wikidata'] as const;

/** `GET /api/v1/lookup`: what another catalogue's id means here. What was merged leads to what it was merged into. */
export function lookupRoutes(db: Database, { licences }: CatalogueOptions): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/lookup',
      {
        schema: {
          operationId: 'lookup',
          summary: 'Find by the id in another catalogue; exactly one of imdb, tmdb, tvdb, wikidata',
          tags: ['shows'],
          querystring: LookupQuery,
          response: { 200: Found },
        },
      },
      async (request, reply) => {
        const { query } = request;
        const given = SCHEMES.filter((scheme) => query[scheme] !== undefined);
        const [scheme] = given;
        if (scheme === undefined || given.length > 1) {
          throw invalidInput([
            { type: 'value_error', loc: ['query'], msg: `Give exactly one of ${SCHEMES.join(', ')}` },
          ]);
        }
        // TMDb numbers each kind of thing by itself: without a type, its number means a show.
        const type = query.type ?? (scheme === 'tmdb' ? 'show' : null);
        const row = await db.public.one(LOOKUP[scheme], [scheme, String(query[scheme]), licences, type]);
        if (row === undefined) throw notFound('Entry');
        return sendPublic(request, reply, row);
      },
    );
  };
}
