import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { signedIn, userOf } from '../../platform/auth/guards.ts';
import type { Database } from '../../platform/db/types.ts';
import { sendPrivate, sendPrivatePage, sendWrite } from '../../platform/http/private-answer.ts';
import { PageQuery } from '../../platform/http/schemas.ts';
import * as schema from './schema.ts';
import * as service from './service.ts';

const tags = ['messages'];

/** Direct messages, under `/api/v1/dms` (spec/api.md 4). Everything needs a user. */
export function messageRoutes(db: Database): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.post(
      '/',
      {
        preValidation: signedIn,
        schema: {
          operationId: 'createConversation',
          summary: 'The conversation with somebody, begun when there is none',
          tags,
          body: schema.NewConversation,
          response: { 200: schema.Conversation },
        },
      },
      async (request, reply) =>
        sendWrite(request, reply, { db, caller: userOf(request), reason: 'createConversation' }, (tx) =>
          service.beginConversation(tx, request.body.other_user_id),
        ),
    );
    app.get(
      '/',
      {
        preValidation: signedIn,
        schema: {
          operationId: 'listConversations',
          summary: 'Own conversations, the last message first',
          tags,
          querystring: PageQuery,
          response: { 200: Type.Array(schema.Conversation) },
        },
      },
      async (request, reply) =>
        sendPrivatePage(
          request,
          reply,
          await db.asUser(
            userOf(request).claims,
            (tx) => service.listConversations(tx, request.query),
            'listConversations',
          ),
        ),
    );
    app.get(
      '/unread',
      {
        preValidation: signedIn,
        schema: {
          operationId: 'getUnread',
          summary: 'Unread messages over all conversations',
          tags,
          response: { 200: schema.Unread },
        },
      },
      async (request, reply) =>
        sendPrivate(reply, await db.asUser(userOf(request).claims, service.unreadTotal, 'getUnread')),
    );
    app.get(
      '/:conversation_id',
      {
        preValidation: signedIn,
        schema: {
          operationId: 'getConversation',
          summary: 'One own conversation',
          tags,
          params: schema.ConversationParams,
          response: { 200: schema.Conversation },
        },
      },
      async (request, reply) =>
        sendPrivate(
          reply,
          await db.asUser(
            userOf(request).claims,
            (tx) => service.getConversation(tx, request.params.conversation_id),
            'getConversation',
          ),
        ),
    );
    app.get(
      '/:conversation_id/messages',
      {
        preValidation: signedIn,
        schema: {
          operationId: 'listMessages',
          summary: 'Messages of an own conversation, oldest first unless asked otherwise',
          tags,
          params: schema.ConversationParams,
          querystring: schema.MessagesQuery,
          response: { 200: Type.Array(schema.Message) },
        },
      },
      async (request, reply) =>
        sendPrivatePage(
          request,
          reply,
          await db.asUser(
            userOf(request).claims,
            (tx) => service.listMessages(tx, request.params.conversation_id, request.query),
            'listMessages',
          ),
        ),
    );
    app.post(
      '/:conversation_id/messages',
      {
        preValidation: signedIn,
        schema: {
          operationId: 'sendMessage',
          summary: 'Write into an own conversation',
          tags,
          params: schema.ConversationParams,
          body: schema.NewMessage,
          response: { 200: schema.Message },
        },
      },
      async (request, reply) =>
        sendWrite(request, reply, { db, caller: userOf(request), reason: 'sendMessage' }, (tx) =>
          service.sendMessage(tx, request.params.conversation_id, request.body.body),
        ),
    );
    app.post(
      '/:conversation_id/read',
      {
        preValidation: signedIn,
        schema: {
          operationId: 'markRead',
          summary: 'Note how far the caller has read; never moves back',
          tags,
          params: schema.ConversationParams,
          body: schema.ReadUntil,
          response: { 200: schema.Receipt },
        },
      },
      async (request, reply) =>
        sendWrite(request, reply, { db, caller: userOf(request), reason: 'markRead' }, (tx) =>
          service.markRead(tx, request.params.conversation_id, service.messageOf(request.body)),
        ),
    );
  };
}

/** Whom somebody keeps away, under `/api/v1/me/blocks`. */
export function blockRoutes(db: Database): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/',
      {
        preValidation: signedIn,
        schema: {
          operationId: 'listBlocks',
          summary: 'Whom the caller keeps away',
          tags,
          response: { 200: Type.Array(schema.Block) },
        },
      },
      async (request, reply) =>
        sendPrivate(reply, await db.asUser(userOf(request).claims, service.listBlocks, 'listBlocks')),
    );
    app.put(
      '/:user_id',
      {
        preValidation: signedIn,
        schema: {
          operationId: 'blockUser',
          summary: 'Keep somebody away; again changes nothing',
          tags,
          params: schema.BlockParams,
          response: { 200: schema.BlockState },
        },
      },
      async (request, reply) => {
        const caller = userOf(request);
        return sendWrite(request, reply, { db, caller, reason: 'blockUser' }, (tx) =>
          service.block(tx, caller.userId, request.params.user_id),
        );
      },
    );
    app.delete(
      '/:user_id',
      {
        preValidation: signedIn,
        schema: {
          operationId: 'unblockUser',
          summary: 'No longer keep somebody away; again changes nothing',
          tags,
          params: schema.BlockParams,
          response: { 200: schema.BlockState },
        },
      },
      async (request, reply) =>
        sendWrite(request, reply, { db, caller: userOf(request), reason: 'unblockUser' }, (tx) =>
          service.unblock(tx, request.params.user_id),
        ),
    );
  };
}
