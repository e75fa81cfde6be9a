import { Readable } from 'node:stream';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Authenticator } from '../../platform/auth/caller.ts';
import { signedIn, userOf } from '../../platform/auth/guards.ts';
import { errorCode } from '../../platform/db/errors.ts';
import type { Database, Scope } from '../../platform/db/types.ts';
import { notFound, Problem } from '../../platform/errors/problem.ts';
import { PRIVATE_CACHE_CONTROL, sendPrivate, sendWrite } from '../../platform/http/private-answer.ts';
import { sendPublic } from '../../platform/http/public-answer.ts';
import { exportPerson } from './export.ts';
import { DELETE_USER, ME, PROFILE_BY_HANDLE, PROFILE_BY_ID, SET_PROFILE } from './queries.ts';
import * as schema from './schema.ts';

const tags = ['identity'];
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** What people see and set of themselves, and what others see of them. */
export function profileRoutes(db: Database, authenticator: Authenticator): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/me',
      {
        preValidation: signedIn,
        schema: { operationId: 'getMe', summary: 'The signed-in person', tags, response: { 200: schema.Me } },
      },
      async (request, reply) => sendPrivate(reply, await db.asUser(userOf(request).claims, me, 'getMe')),
    );
    app.put(
      '/me',
      {
        preValidation: signedIn,
        schema: {
          operationId: 'updateMe',
          summary: 'Set the own profile; what is left out is taken away',
          tags,
          body: schema.ProfileEdit,
          response: { 200: schema.Me },
        },
      },
      async (request, reply) =>
        sendWrite(request, reply, { db, caller: userOf(request), reason: 'updateMe' }, (tx) =>
          setProfile(tx, request.body),
        ),
    );
    app.get(
      '/me/export',
      {
        preValidation: signedIn,
        schema: {
          operationId: 'exportMe',
          summary: 'Everything kept about the signed-in person',
          tags,
          response: { 200: schema.Export },
        },
      },
      async (request, reply) => {
        const read = <T>(fn: (tx: Scope) => Promise<T>) => db.asService('export for the person it speaks of', fn);
        const pieces = exportPerson(read, userOf(request).userId);
        const first = await pieces.next();
        reply
          .header('cache-control', PRIVATE_CACHE_CONTROL)
          .header('content-disposition', 'attachment; filename="my-data.json"')
          .type('application/json; charset=utf-8');
        return reply.send(Readable.from(joined(first, pieces)) as never);
      },
    );
    app.delete(
      '/me',
      {
        preValidation: signedIn,
        schema: {
          operationId: 'deleteMe',
          summary: 'Delete the own account for good; posts stay without an author',
          tags,
          body: schema.Deletion,
          response: { 200: schema.Deleted },
        },
      },
      async (request, reply) => {
        const { userId } = userOf(request);
        await db.asService('deletion by the person themselves', (tx) => tx.query(DELETE_USER, [userId]));
        authenticator.forget(userId);
        return sendPrivate(reply, { id: userId, deleted: true });
      },
    );
    app.get(
      '/users/:handle',
      {
        schema: {
          operationId: 'getProfile',
          summary: "Somebody's profile",
          tags,
          params: schema.ProfileParams,
          response: { 200: schema.PublicProfile },
        },
      },
      async (request, reply) => {
        const { handle } = request.params;
        const row = await db.public.one(UUID.test(handle) ? PROFILE_BY_ID : PROFILE_BY_HANDLE, [handle]);
        if (row === undefined) throw notFound('User');
        return sendPublic(request, reply, row);
      },
    );
  };
}

async function* joined(first: IteratorResult<string>, rest: AsyncIterable<string>): AsyncGenerator<string> {
  if (first.done !== true) yield first.value;
  yield* rest;
}

async function me(tx: Scope): Promise<string> {
  const row = await tx.one(ME);
  if (row === undefined) throw notFound('User');
  return row.body;
}

async function setProfile(tx: Scope, profile: schema.ProfileEdit): Promise<string> {
  await tx
    .query(SET_PROFILE, [profile.handle, profile.display_name ?? null, profile.avatar_url ?? null])
    .catch((error: unknown) => {
      if (errorCode(error) !== '23505') throw error;
      throw new Problem({ status: 409, code: 'handle_taken', detail: 'Somebody else has this handle' });
    });
  return me(tx);
}
