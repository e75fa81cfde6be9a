import type { FastifyReply, FastifyRequest } from 'fastify';
import { asCaller, type Caller } from '../auth/caller.ts';
import type { Database, Scope } from '../db/types.ts';
import { linkNext, type PublicAnswer, sendPublic } from './public-answer.ts';

/** What was read in a scope is for this caller only (design 11). */
export const PRIVATE_CACHE_CONTROL = 'private, no-store';

/** Sends what may differ per caller; a string is JSON text made by PostgreSQL. */
export function sendPrivate(reply: FastifyReply, body: unknown): FastifyReply {
  reply.header('cache-control', PRIVATE_CACHE_CONTROL);
  return reply
    .header('content-type', 'application/json; charset=utf-8')
    .send(typeof body === 'string' ? body : JSON.stringify(body));
}

/**
 * Answers a read that everybody may ask: strangers are served from the shared pool and may cache, whoever is signed in is answered
 * with their own rights (design 11). The route's guard is `anyone`.
 */
export async function sendRead(
  request: FastifyRequest,
  reply: FastifyReply,
  read: { readonly db: Database; readonly reason: string },
  fn: (scope: Scope) => Promise<PublicAnswer>,
): Promise<FastifyReply> {
  if (request.caller === null) return sendPublic(request, reply, await fn(read.db.public));
  const answer = await asCaller(read.db, request.caller, read.reason, fn);
  linkNext(request, reply, answer.next);
  return sendPrivate(reply, answer.body);
}

/**
 * Performs a write and answers with what `fn` returns, in one transaction with the caller's rights. Every route that changes
 * something goes through here, so that `Idempotency-Key` means the same everywhere: the key is claimed in the same transaction,
 * so an answer is stored exactly when its write is.
 * @param caller null writes as the service (anonymous survey answers); `reason` says why
 */
export async function sendWrite(
  _request: FastifyRequest,
  reply: FastifyReply,
  write: { readonly db: Database; readonly caller: Caller | null; readonly reason: string },
  fn: (tx: Scope) => Promise<unknown>,
): Promise<FastifyReply> {
  const { db, caller, reason } = write;
  const body = caller === null ? await db.asService(reason, fn) : await asCaller(db, caller, reason, fn);
  return sendPrivate(reply, body);
}
