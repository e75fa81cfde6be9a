import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { statement } from '../../platform/db/statement.ts';
import type { Database } from '../../platform/db/types.ts';
import { notFound } from '../../platform/errors/problem.ts';
import { decodePlace, nextPlace } from '../../platform/http/cursor.ts';
import { sendPublic } from '../../platform/http/public-answer.ts';
import { Nullable, Uuid } from '../../platform/http/schemas.ts';
import { type CatalogueOptions, ShowParams, showReference } from '../params.ts';
import { jsonObject, licensed, PEOPLE_ORDER, SHOW_ID } from '../sql.ts';
import { isVisible, watchProviders } from './answer.ts';
import { WatchProviderGroup } from './schema.ts';

const NamedShow = Type.Object(
  { id: Uuid(), name: Type.String(), slug: Nullable(Type.String()), alternative_names: Type.Array(Type.String()) },
  { additionalProperties: false },
);

const NamesQuery = Type.Object({
  limit: Type.Integer({ minimum: 0, maximum: 1000, default: 1000, description: 'At most this many rows' }),
  offset: Type.Integer({ minimum: 0, maximum: 2_147_483_647, default: 0, description: 'Rows to skip' }),
  cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 1000, description: 'Opaque, from `Link: rel="next"`' })),
});

const RegionQuery = Type.Object({
  region: Type.Optional(Type.String({ pattern: '^[A-Za-z]{2}$', description: 'ISO 3166-1 country code' })),
});

/** Values: limit, offset, licences. For pickers and matching: every show with the names it goes by. */
const SHOW_NAMES = statement(
  'catalogue.shows.names',
  `/* listShowNames */
with s as (
  select p.*, row_number() over (order by p.name ${PEOPLE_ORDER}, p.id) as n from (
    select s.id, s.name from core.shows s where ${isVisible('$3')}
    order by s.name ${PEOPLE_ORDER}, s.id limit $1::int + 1 offset $2::int
  ) p
)
select coalesce(json_agg(${jsonObject({
    id: 's.id',
    name: 's.name',
    slug: '(select g.slug from core.show_slugs g where g.show_id = s.id and g.is_current)',
    alternative_names: `coalesce((select json_agg(distinct a.name) from core.alternative_names a
      where a.show_id = s.id and ${licensed('a', 'name', '$3')}), '[]'::json)`,
  })} order by s.n) filter (where s.n <= $1::int), '[]'::json)::text as body, count(*) > $1::int as more
from s`,
  { body: 'text', more: 'bool' },
);

/** Values: uuid or null, slug or null, licences, region or null, base of hosted images or null. No row: the show is unknown. */
const OFFERS = statement(
  'catalogue.shows.watchProviders',
  `/* listWatchProviders */ select ${watchProviders('$3', '$5', '($4::text is null or o.region = upper($4))')}::text as body
from core.shows s where s.id = ${SHOW_ID} and ${isVisible('$3')}`,
  { body: 'text' },
);

/** `GET /shows/list` and `GET /shows/{id}/watch-providers`. */
export function showExtraRoutes(db: Database, { licences, mediaBaseUrl }: CatalogueOptions): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/list',
      {
        schema: {
          operationId: 'listShowNames',
          summary: 'Every show with the names it goes by',
          tags: ['shows'],
          querystring: NamesQuery,
          response: { 200: Type.Array(NamedShow) },
        },
      },
      async (request, reply) => {
        const { limit } = request.query;
        const place = decodePlace('show-names', request.query);
        const row = await db.public.one(SHOW_NAMES, [limit, place, licences]);
        if (row === undefined) throw new Error('an aggregate without group by gave no row');
        return sendPublic(request, reply, { body: row.body, next: nextPlace('show-names', place, limit, row.more) });
      },
    );
    app.get(
      '/:id/watch-providers',
      {
        schema: {
          operationId: 'listWatchProviders',
          summary: 'Where a show can be watched, by region and kind of offer',
          tags: ['shows'],
          params: ShowParams,
          querystring: RegionQuery,
          response: { 200: Type.Array(WatchProviderGroup) },
        },
      },
      async (request, reply) => {
        const { region } = request.query;
        const row = await db.public.one(OFFERS, [
          ...showReference(request.params.id),
          licences,
          region ?? null,
          mediaBaseUrl,
        ]);
        if (row === undefined) throw notFound('Show');
        return sendPublic(request, reply, row);
      },
    );
  };
}
