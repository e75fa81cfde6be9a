import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { anyone, signedIn, userOf } from '../../platform/auth/guards.ts';
import type { Database } from '../../platform/db/types.ts';
import { sendPrivate, sendRead, sendWrite } from '../../platform/http/private-answer.ts';
import * as schema from './schema.ts';
import * as service from './service.ts';

const tags = ['discussions'];

/** Threads and posts, under `/api/v1/discussions` (spec/api.md 3). */
export function discussionRoutes(db: Database): FastifyPluginAsyncTypebox {
  return async (app) => {
    await app.register(threadRoutes(db));
    await app.register(postRoutes(db));
    await app.register(reactionRoutes(db));
  };
}

function threadRoutes(db: Database): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/episodes/:episode_id/threads',
      {
        preValidation: anyone,
        schema: {
          operationId: 'listThreads',
          summary: "An episode's threads, newest first",
          tags,
          params: schema.EpisodeParams,
          querystring: schema.TimePageQuery,
          response: { 200: Type.Array(schema.Thread) },
        },
      },
      async (request, reply) =>
        sendRead(request, reply, { db, reason: 'listThreads', live: true }, (scope) =>
          service.listThreads(scope, request.params.episode_id, request.query),
        ),
    );
    app.post(
      '/episodes/:episode_id/threads',
      {
        preValidation: signedIn,
        schema: {
          operationId: 'createThread',
          summary: 'Begin a thread',
          tags,
          params: schema.EpisodeParams,
          body: schema.NewThread,
          response: { 200: schema.Thread },
        },
      },
      async (request, reply) =>
        sendWrite(request, reply, { db, caller: userOf(request), reason: 'createThread' }, (tx) =>
          service.createThread(tx, request.params.episode_id, request.body.title, request.body.type),
        ),
    );
    app.get(
      '/threads/:thread_id',
      {
        preValidation: anyone,
        schema: {
          operationId: 'getThread',
          summary: 'One thread',
          tags,
          params: schema.ThreadParams,
          response: { 200: schema.Thread },
        },
      },
      async (request, reply) =>
        sendRead(request, reply, { db, reason: 'getThread', live: true }, (scope) =>
          service.getThread(scope, request.params.thread_id),
        ),
    );
    app.put(
      '/threads/:thread_id',
      {
        preValidation: signedIn,
        schema: {
          operationId: 'updateThread',
          summary: 'Rename an own thread',
          tags,
          params: schema.ThreadParams,
          body: schema.ThreadEdit,
          response: { 200: schema.Thread },
        },
      },
      async (request, reply) =>
        sendWrite(request, reply, { db, caller: userOf(request), reason: 'updateThread' }, (tx) =>
          service.updateThread(tx, request.params.thread_id, request.body.title),
        ),
    );
  };
}

function postRoutes(db: Database): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/threads/:thread_id/posts',
      {
        preValidation: anyone,
        schema: {
          operationId: 'listPosts',
          summary: 'Posts of a thread, or replies to one of them, oldest first',
          tags,
          params: schema.ThreadParams,
          querystring: schema.PostsQuery,
          response: { 200: Type.Array(schema.ListedPost) },
        },
      },
      async (request, reply) =>
        sendRead(request, reply, { db, reason: 'listPosts', live: true }, (scope) =>
          service.listPosts(scope, request.params.thread_id, request.query.parent_post_id, request.query),
        ),
    );
    app.post(
      '/threads/:thread_id/posts',
      {
        preValidation: signedIn,
        schema: {
          operationId: 'createPost',
          summary: 'Write into a thread, or answer a post',
          tags,
          params: schema.ThreadParams,
          body: schema.NewPost,
          response: { 200: schema.Post },
        },
      },
      async (request, reply) =>
        sendWrite(request, reply, { db, caller: userOf(request), reason: 'createPost' }, (tx) =>
          service.createPost(tx, request.params.thread_id, request.body.body, request.body.parent_post_id),
        ),
    );
    app.get(
      '/posts/:post_id',
      {
        preValidation: anyone,
        schema: {
          operationId: 'getPost',
          summary: 'One post',
          tags,
          params: schema.PostParams,
          response: { 200: schema.Post },
        },
      },
      async (request, reply) =>
        sendRead(request, reply, { db, reason: 'getPost', live: true }, (scope) =>
          service.getPost(scope, request.params.post_id),
        ),
    );
    app.put(
      '/posts/:post_id',
      {
        preValidation: signedIn,
        schema: {
          operationId: 'updatePost',
          summary: 'Change the text of an own post; the old text is kept',
          tags,
          params: schema.PostParams,
          body: schema.PostEdit,
          response: { 200: schema.Post },
        },
      },
      async (request, reply) =>
        sendWrite(request, reply, { db, caller: userOf(request), reason: 'updatePost' }, (tx) =>
          service.updatePost(tx, request.params.post_id, request.body.body),
        ),
    );
    app.delete(
      '/posts/:post_id',
      {
        preValidation: signedIn,
        schema: {
          operationId: 'deletePost',
          summary: 'Take an own post back; moderators: any, recorded. Replies stay',
          tags,
          params: schema.PostParams,
          querystring: Type.Object({ reason: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })) }),
          response: { 200: schema.Post },
        },
      },
      async (request, reply) =>
        sendWrite(request, reply, { db, caller: userOf(request), reason: 'deletePost' }, (tx) =>
          service.deletePost(tx, request.params.post_id, request.query.reason),
        ),
    );
    app.get(
      '/posts/:post_id/revisions',
      {
        preValidation: signedIn,
        schema: {
          operationId: 'listRevisions',
          summary: 'What an own post said before, oldest first; moderators: any post',
          tags,
          params: schema.PostParams,
          response: { 200: Type.Array(schema.Revision) },
        },
      },
      async (request, reply) =>
        sendPrivate(
          reply,
          await db.asUser(userOf(request).claims, (tx) => service.listRevisions(tx, request.params.post_id)),
        ),
    );
  };
}

function reactionRoutes(db: Database): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/posts/:post_id/reactions',
      {
        preValidation: anyone,
        schema: {
          operationId: 'getReactions',
          summary: 'How often each reaction was chosen',
          tags,
          params: schema.PostParams,
          response: { 200: schema.PostReactions },
        },
      },
      async (request, reply) =>
        sendRead(request, reply, { db, reason: 'getReactions', live: true }, (scope) =>
          service.getReactions(scope, request.params.post_id),
        ),
    );
    app.post(
      '/posts/:post_id/reactions',
      {
        preValidation: signedIn,
        schema: {
          operationId: 'toggleReaction',
          summary: 'Put a reaction on, or off when it is on',
          tags,
          params: schema.PostParams,
          body: schema.NewReaction,
          response: { 200: schema.ReactionChange },
        },
      },
      async (request, reply) =>
        sendWrite(request, reply, { db, caller: userOf(request), reason: 'toggleReaction' }, (tx) =>
          service.setReaction(tx, request.params.post_id, request.body.reaction),
        ),
    );
    for (const [method, operationId, wanted] of [
      ['PUT', 'addReaction', true],
      ['DELETE', 'removeReaction', false],
    ] as const) {
      app.route({
        method,
        url: '/posts/:post_id/reactions/:reaction',
        preValidation: signedIn,
        schema: {
          operationId,
          summary: wanted ? 'Put a reaction on; again changes nothing' : 'Put a reaction off; again changes nothing',
          tags,
          params: schema.ReactionParams,
          response: { 200: schema.ReactionChange },
        },
        handler: async (request, reply) =>
          sendWrite(request, reply, { db, caller: userOf(request), reason: operationId }, (tx) =>
            service.setReaction(tx, request.params.post_id, request.params.reaction, wanted),
          ),
      });
    }
  };
}
