import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { asCaller } from '../../platform/auth/caller.ts';
import { adminOnly, callerOf, signedIn, userOf } from '../../platform/auth/guards.ts';
import type { Database } from '../../platform/db/types.ts';
import { sendPrivatePage, sendWrite } from '../../platform/http/private-answer.ts';
import { Post, PostParams, Thread, ThreadParams } from '../discussions/schema.ts';
import * as schema from './schema.ts';
import * as service from './service.ts';

const tags = ['moderation'];

/** Reports of people and what moderators do, under `/api/v1/moderation`; every act is in the log (`/api/v1/admin/audit`). */
export function moderationRoutes(db: Database): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.post(
      '/reports',
      {
        preValidation: signedIn,
        schema: {
          operationId: 'createReport',
          summary: 'Report a thread, a post, a message of an own conversation or a person',
          tags,
          body: schema.NewReport,
          response: { 200: schema.ReportId },
        },
      },
      async (request, reply) =>
        sendWrite(request, reply, { db, caller: userOf(request), reason: 'createReport' }, (tx) =>
          service.report(tx, request.body),
        ),
    );
    app.get(
      '/reports',
      {
        preValidation: adminOnly,
        schema: {
          operationId: 'listReports',
          summary: 'What people reported, oldest first',
          tags,
          querystring: schema.ReportsQuery,
          response: { 200: Type.Array(schema.Report) },
        },
      },
      async (request, reply) =>
        sendPrivatePage(
          request,
          reply,
          await asCaller(db, callerOf(request), 'listReports', (tx) => service.listReports(tx, request.query)),
        ),
    );
    app.put(
      '/reports/:report_id',
      {
        preValidation: adminOnly,
        schema: {
          operationId: 'resolveReport',
          summary: 'Decide a report',
          tags,
          params: schema.ReportParams,
          body: schema.Resolution,
          response: { 200: schema.Report },
        },
      },
      async (request, reply) =>
        sendWrite(request, reply, { db, caller: callerOf(request), reason: 'resolveReport' }, (tx) =>
          service.resolve(tx, request.params.report_id, request.body),
        ),
    );
    app.put(
      '/threads/:thread_id/lock',
      {
        preValidation: adminOnly,
        schema: {
          operationId: 'setThreadLock',
          summary: 'Stop or allow posts and reactions in a thread',
          tags,
          params: ThreadParams,
          body: schema.Lock,
          response: { 200: Thread },
        },
      },
      async (request, reply) =>
        sendWrite(request, reply, { db, caller: callerOf(request), reason: 'setThreadLock' }, (tx) =>
          service.setLock(tx, request.params.thread_id, request.body.locked, request.body.reason ?? null),
        ),
    );
    app.put(
      '/threads/:thread_id/removed',
      {
        preValidation: adminOnly,
        schema: {
          operationId: 'setThreadRemoved',
          summary: 'Take a thread with its posts out of sight, or back',
          tags,
          params: ThreadParams,
          body: schema.Removal,
          response: { 200: Thread },
        },
      },
      async (request, reply) =>
        sendWrite(request, reply, { db, caller: callerOf(request), reason: 'setThreadRemoved' }, (tx) =>
          service.setRemoved(tx, request.params.thread_id, request.body.removed, request.body.reason ?? null),
        ),
    );
    app.post(
      '/posts/:post_id/restore',
      {
        preValidation: adminOnly,
        schema: {
          operationId: 'restorePost',
          summary: 'Bring back a post that was taken back',
          tags,
          params: PostParams,
          body: schema.Restoration,
          response: { 200: Post },
        },
      },
      async (request, reply) =>
        sendWrite(request, reply, { db, caller: callerOf(request), reason: 'restorePost' }, (tx) =>
          service.restorePost(tx, request.params.post_id, request.body.reason ?? null),
        ),
    );
  };
}
