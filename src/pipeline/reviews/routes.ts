import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { Refused } from '../../catalogue/merging/refused.ts';
import type { ChangeOptions } from '../../catalogue/merging/service.ts';
import type { Caller } from '../../platform/auth/caller.ts';
import { adminOnly, callerOf } from '../../platform/auth/guards.ts';
import type { Database } from '../../platform/db/types.ts';
import { Problem } from '../../platform/errors/problem.ts';
import { decodeTimeCursor, encodeTimeCursor } from '../../platform/http/cursor.ts';
import { sendPrivate, sendPrivatePage } from '../../platform/http/private-answer.ts';
import { Cursor, isoTime, Nullable, Timestamp, Uuid } from '../../platform/http/schemas.ts';
import { acceptReview, listReviews, rejectReview } from './service.ts';

const closed = { additionalProperties: false } as const;
const Review = Type.Object(
  {
    id: Uuid(),
    kind: Type.String({
      description:
        'tmdb_id: is this the show? id_conflict: are these two shows one? namesakes: are these two people one?',
    }),
    show_id: Uuid(),
    show_name: Type.String(),
    about: Type.String(),
    candidates: Type.Array(
      Type.Object({ id: Type.String(), name: Nullable(Type.String()), detail: Type.Optional(Type.String()) }, closed),
    ),
    status: Type.String(),
    run_id: Nullable(Uuid()),
    choice: Nullable(Type.String()),
    decided_by: Nullable(Type.String()),
    decided_at: Nullable(Timestamp()),
    reason: Nullable(Type.String()),
    created_at: Timestamp(),
  },
  closed,
);
const Decided = Type.Object(
  { id: Uuid(), status: Type.String(), choice: Nullable(Type.String()), done: Type.String() },
  closed,
);
const reason = Type.Optional(Type.String({ minLength: 1, maxLength: 1000 }));
const tags = ['admin'];

/** The review queue for administrators, under `/api/v1/admin/reviews`; the same service as `trr review`. */
export function reviewRoutes(db: Database): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/',
      {
        preValidation: adminOnly,
        schema: {
          operationId: 'listReviews',
          summary: 'Questions about identity that wait for a person, the newest first',
          tags,
          querystring: Type.Object({
            limit: Type.Integer({ minimum: 1, maximum: 100, default: 50, description: 'At most this many' }),
            cursor: Cursor,
            status: Type.Enum(['open', 'accepted', 'rejected'], { default: 'open' }),
          }),
          response: { 200: Type.Array(Review) },
        },
      },
      async (request, reply) => {
        const { limit, cursor, status } = request.query;
        const after = decodeTimeCursor('reviews', cursor);
        const found = await listReviews(db, { status, limit: limit + 1, ...(after === undefined ? {} : { after }) });
        const page = found.slice(0, limit);
        const last = page.at(-1);
        const next =
          found.length > limit && last !== undefined
            ? encodeTimeCursor('reviews', { time: last.created_at, id: last.id })
            : undefined;
        const body = page.map((review) => ({
          ...review,
          created_at: isoTime(review.created_at),
          decided_at: isoTime(review.decided_at),
        }));
        return sendPrivatePage(request, reply, { body: JSON.stringify(body), next });
      },
    );
    app.post(
      '/:review_id/accept',
      {
        preValidation: adminOnly,
        schema: {
          operationId: 'acceptReview',
          summary: 'Do what a question proposes: set the id, or merge the shows or people',
          tags,
          params: Type.Object({ review_id: Uuid() }),
          body: Type.Object(
            {
              choice: Type.Optional(
                Type.String({
                  minLength: 1,
                  maxLength: 100,
                  description: 'Which candidate; of people: who is kept, default the first',
                }),
              ),
              reason,
            },
            closed,
          ),
          response: { 200: Decided },
        },
      },
      async (request, reply) => {
        const { choice, reason: why } = request.body;
        const options = optionsOf(callerOf(request), why);
        return sendPrivate(reply, await answering(() => acceptReview(db, request.params.review_id, choice, options)));
      },
    );
    app.post(
      '/:review_id/reject',
      {
        preValidation: adminOnly,
        schema: {
          operationId: 'rejectReview',
          summary: 'Leave it: the same candidates are not proposed again',
          tags,
          params: Type.Object({ review_id: Uuid() }),
          body: Type.Object({ reason }, closed),
          response: { 200: Decided },
        },
      },
      async (request, reply) => {
        const options = optionsOf(callerOf(request), request.body.reason);
        return sendPrivate(reply, await answering(() => rejectReview(db, request.params.review_id, options)));
      },
    );
  };
}

function optionsOf(caller: Caller, reason?: string): ChangeOptions {
  return caller.kind === 'user'
    ? { actor: caller.userId, reason, onBehalfOf: caller.userId }
    : { actor: `service ${caller.issuer}`, reason };
}

async function answering<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const status = /not_found/.test(error.code) ? 404 : /choice/.test(error.code) ? 422 : 409;
    throw new Problem({ status, code: error.code.toLowerCase(), detail: error.message, cause: error });
  }
}
