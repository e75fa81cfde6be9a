import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { anyone } from '../../platform/auth/guards.ts';
import type { Database } from '../../platform/db/types.ts';
import { Problem } from '../../platform/errors/problem.ts';
import { sendRead, sendWrite, WithHeaders } from '../../platform/http/private-answer.ts';
import { surveyAdminRoutes } from './admin-routes.ts';
import type { AnonymousKeys } from './anonymous.ts';
import * as schema from './schema.ts';
import * as service from './service.ts';

const tags = ['surveys'];

/** Surveys and their results, under `/api/v1/surveys` (spec/api.md 2). */
export function surveyRoutes(db: Database, keys: AnonymousKeys): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/',
      {
        preValidation: anyone,
        schema: {
          operationId: 'listSurveys',
          summary: 'Surveys, newest first',
          tags,
          querystring: schema.SurveysQuery,
          response: { 200: Type.Array(schema.Survey) },
        },
      },
      async (request, reply) => {
        const { query } = request;
        if (query.status !== 'published' && !(await request.isAdmin())) throw service.adminsOnly();
        return sendRead(request, reply, { db, reason: 'listSurveys' }, (scope) => service.listSurveys(scope, query));
      },
    );
    app.get(
      '/:survey_id',
      {
        preValidation: anyone,
        schema: {
          operationId: 'getSurvey',
          summary: 'One survey with its questions',
          tags,
          params: schema.SurveyParams,
          response: { 200: schema.SurveyDetail },
        },
      },
      async (request, reply) =>
        sendRead(request, reply, { db, reason: 'getSurvey', live: true }, (scope) =>
          service.getSurvey(scope, request.params.survey_id),
        ),
    );
    app.get(
      '/:survey_id/results',
      {
        preValidation: anyone,
        schema: {
          operationId: 'getSurveyResults',
          summary: 'Live results',
          tags,
          params: schema.SurveyParams,
          response: { 200: schema.Results },
        },
      },
      async (request, reply) =>
        sendRead(request, reply, { db, reason: 'getSurveyResults', live: true }, (scope) =>
          service.getResults(scope, request.params.survey_id),
        ),
    );
    app.post(
      '/:survey_id/submit',
      {
        preValidation: anyone,
        schema: {
          operationId: 'submitSurvey',
          summary: 'Answer a survey, signed in or not; the answer holds the results with this response in them',
          tags,
          params: schema.SurveyParams,
          body: schema.Submission,
          response: { 200: schema.Submitted },
        },
      },
      async (request, reply) => {
        const { survey_id } = request.params;
        const { answers, anonymous_key: inBody } = request.body;
        const caller = request.caller?.kind === 'user' ? request.caller : null;
        const anonymous =
          caller === null
            ? anonymousAuthor(keys, inBody ?? headerOf(request.headers['x-anonymous-key']), request.ip, survey_id)
            : null;
        return sendWrite(request, reply, { db, caller, reason: 'submitSurvey' }, async (tx) => {
          const { id, results } = await service.submit(tx, survey_id, { answers, anonymous });
          const key = anonymous?.key ?? null;
          const body = `{"response_id":"${id}","results":${results},"anonymous_key":${JSON.stringify(key)}}`;
          return key === null ? body : new WithHeaders(body, { 'x-anonymous-key': key });
        });
      },
    );
    await app.register(surveyAdminRoutes(db));
  };
}

/** The author of an anonymous answer: known by the key they sent, or new, and then counted by their address. */
function anonymousAuthor(keys: AnonymousKeys, given: string | undefined, address: string, survey: string) {
  if (given === undefined) return { ...keys.mint(), addressHash: keys.addressHash(address, survey) };
  const id = keys.verify(given);
  if (id !== null) return { id, key: given, addressHash: null };
  throw new Problem({
    status: 400,
    code: 'bad_anonymous_key',
    detail: 'The anonymous key is not one of ours: leave it out to get a new one',
  });
}

function headerOf(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
