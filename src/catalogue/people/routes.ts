import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import type { Row, Statement } from '../../platform/db/statement.ts';
import type { Database } from '../../platform/db/types.ts';
import { notFound } from '../../platform/errors/problem.ts';
import { sendPublic } from '../../platform/http/public-answer.ts';
import { type CatalogueOptions, PersonParams } from '../params.ts';
import { APPEARANCES, CREDITS, GET_PERSON, PERSON_BY_ID, PERSON_WITH_PROVENANCE, PHOTOS } from './queries.ts';
import { Appearance, Credit, PeopleQuery, Person, PersonDetail, PersonQuery, Photo } from './schema.ts';
import { listPeople } from './service.ts';

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

/** People, under `/api/v1/people`. */
export function peopleRoutes(db: Database, { licences, mediaBaseUrl }: CatalogueOptions): FastifyPluginAsyncTypebox {
  const tags = ['people'];
  return async (app) => {
    app.get(
      '/',
      {
        schema: {
          operationId: 'listPeople',
          summary: 'People by name, or by likeness to `q`',
          tags,
          querystring: PeopleQuery,
          response: { 200: Type.Array(Person) },
        },
      },
      async (request, reply) => sendPublic(request, reply, await listPeople(db, licences, request.query)),
    );
    app.get(
      '/:person_id',
      {
        schema: {
          operationId: 'getPersonDetail',
          summary: 'One person in detail',
          tags,
          params: PersonParams,
          querystring: PersonQuery,
          response: { 200: PersonDetail },
        },
      },
      async (request, reply) => {
        const statement = request.query.include?.includes('provenance') ? PERSON_WITH_PROVENANCE : PERSON_BY_ID;
        return sendPublic(request, reply, await ofPerson(statement, request.params.person_id, mediaBaseUrl));
      },
    );
    for (const [name, operationId, summary, statement, more, item] of [
      ['credits', 'listCredits', 'Shows the person has credits in, the newest first', CREDITS, [], Credit],
      ['appearances', 'listAppearances', 'Episodes the person appears in, by show', APPEARANCES, [], Appearance],
      ['photos', 'listPhotos', 'Photos that may be shown, our copies first', PHOTOS, [mediaBaseUrl], Photo],
    ] as const) {
      app.get(
        `/:person_id/${name}`,
        { schema: { operationId, summary, tags, params: PersonParams, response: { 200: Type.Array(item) } } },
        async (request, reply) =>
          sendPublic(request, reply, await ofPerson(statement, request.params.person_id, ...more)),
      );
    }
  };

  async function ofPerson<S extends Statement<{ body: 'text' }>>(
    statement: S,
    person: string,
    ...more: readonly unknown[]
  ): Promise<Row<S>> {
    const row = await db.public.one(statement, [person, licences, ...more]);
    if (row === undefined) throw notFound('Person');
    return row;
  }
}
