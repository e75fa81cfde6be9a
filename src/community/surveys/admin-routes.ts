import { Readable } from 'node:stream';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { asAdmin } from '../../platform/auth/caller.ts';
import { adminOnly, callerOf } from '../../platform/auth/guards.ts';
import type { Database, Scope } from '../../platform/db/types.ts';
import { PRIVATE_CACHE_CONTROL, sendPrivate, sendWrite } from '../../platform/http/private-answer.ts';
import * as editing from './editing.ts';
import { type ExportQuestion, exportCsv, exportJson } from './export.ts';
import * as schema from './schema.ts';
import { getSurvey } from './service.ts';

const tags = ['surveys'];

/** What administrators do with surveys. Written as the service in their name: clients have no right to write surveys. */
export function surveyAdminRoutes(db: Database): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.post(
      '/',
      {
        preValidation: adminOnly,
        schema: {
          operationId: 'createSurvey',
          summary: 'Make a draft, with or without questions',
          tags,
          body: schema.NewSurvey,
          response: { 200: schema.SurveyDetail },
        },
      },
      async (request, reply) =>
        sendWrite(request, reply, { db, caller: callerOf(request), reason: 'createSurvey', as: 'service' }, (tx) =>
          editing.createSurvey(tx, request.body),
        ),
    );
    app.put(
      '/:survey_id',
      {
        preValidation: adminOnly,
        schema: {
          operationId: 'updateSurvey',
          summary: 'Change title, texts, window and settings; what is left out goes back to its default',
          tags,
          params: schema.SurveyParams,
          body: schema.SurveyEdit,
          response: { 200: schema.SurveyDetail },
        },
      },
      async (request, reply) =>
        sendWrite(request, reply, { db, caller: callerOf(request), reason: 'updateSurvey', as: 'service' }, (tx) =>
          editing.updateSurvey(tx, request.params.survey_id, request.body),
        ),
    );
    app.put(
      '/:survey_id/questions',
      {
        preValidation: adminOnly,
        schema: {
          operationId: 'setSurveyQuestions',
          summary: 'Replace all questions, as long as nobody has answered',
          tags,
          params: schema.SurveyParams,
          body: schema.Questions,
          response: { 200: schema.SurveyDetail },
        },
      },
      async (request, reply) =>
        sendWrite(
          request,
          reply,
          { db, caller: callerOf(request), reason: 'setSurveyQuestions', as: 'service' },
          (tx) => editing.setQuestions(tx, request.params.survey_id, request.body.questions),
        ),
    );
    for (const [url, operationId, status, summary] of [
      ['/:survey_id/publish', 'publishSurvey', 'published', 'Open a survey for answers'],
      ['/:survey_id/close', 'closeSurvey', 'archived', 'Take no more answers; results stay'],
    ] as const) {
      app.post(
        url,
        {
          preValidation: adminOnly,
          schema: { operationId, summary, tags, params: schema.SurveyParams, response: { 200: schema.SurveyDetail } },
        },
        async (request, reply) =>
          sendWrite(request, reply, { db, caller: callerOf(request), reason: operationId, as: 'service' }, (tx) =>
            editing.setStatus(tx, request.params.survey_id, status),
          ),
      );
    }
    app.delete(
      '/:survey_id',
      {
        preValidation: adminOnly,
        schema: {
          operationId: 'deleteSurvey',
          summary: 'Delete a survey nobody has answered',
          tags,
          params: schema.SurveyParams,
          response: { 200: schema.Deleted },
        },
      },
      async (request, reply) =>
        sendWrite(request, reply, { db, caller: callerOf(request), reason: 'deleteSurvey', as: 'service' }, (tx) =>
          editing.deleteSurvey(tx, request.params.survey_id),
        ),
    );
    app.get(
      '/:survey_id/recount',
      {
        preValidation: adminOnly,
        schema: {
          operationId: 'recountSurvey',
          summary: 'Compare the counters with the answers',
          tags,
          params: schema.SurveyParams,
          response: { 200: schema.Recount },
        },
      },
      async (request, reply) =>
        sendPrivate(
          reply,
          await asAdmin(db, callerOf(request), 'recountSurvey', (tx) => editing.recount(tx, request.params.survey_id)),
        ),
    );
    app.get(
      '/:survey_id/export',
      {
        preValidation: adminOnly,
        schema: {
          operationId: 'exportSurvey',
          summary: 'All responses as JSON or CSV, without user ids',
          tags,
          params: schema.SurveyParams,
          querystring: schema.ExportQuery,
          response: { 200: Type.Array(schema.ExportedResponse) },
        },
      },
      async (request, reply) => {
        const { survey_id } = request.params;
        const read = <T>(fn: (tx: Scope) => Promise<T>) => asAdmin(db, callerOf(request), 'exportSurvey', fn);
        const survey = JSON.parse((await read((tx) => getSurvey(tx, survey_id))).body) as {
          questions: ExportQuestion[];
        };
        const isCsv = request.query.format === 'csv';
        reply
          .header('cache-control', PRIVATE_CACHE_CONTROL)
          .header('content-disposition', `attachment; filename="survey-${survey_id}.${isCsv ? 'csv' : 'json'}"`)
          .type(isCsv ? 'text/csv; charset=utf-8' : 'application/json; charset=utf-8');
        const pieces = isCsv ? exportCsv(read, survey_id, survey.questions) : exportJson(read, survey_id);
        return reply.send(Readable.from(pieces) as never);
      },
    );
  };
}
