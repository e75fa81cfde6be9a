import type { FastifyReply, FastifyRequest } from 'fastify';
import { asAdmin, asCaller, type Caller } from '../auth/caller.ts';
import type { Database, Scope } from '../db/types.ts';
import { type Kept, performOnce } from './idempotency.ts';
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

/** As `sendPrivate`, for a page of a list: the next one in `Link`. */
export function sendPrivatePage(request: FastifyRequest, reply: FastifyReply, page: PublicAnswer): FastifyReply {
  linkNext(request, reply, page.next);
  return sendPrivate(reply, page.body);
}

/**
 * Answers a read that everybody may ask: strangers are served from the shared pool and may cache, whoever is signed in is answered
 * with their own rights (design 11). The route's guard is `anyone`.
 */
export async function sendRead(
  request: FastifyRequest,
  reply: FastifyReply,
  read: { readonly db: Database; readonly reason: string /** Caches must ask each time. */; readonly live?: boolean },
  fn: (scope: Scope) => Promise<PublicAnswer>,
): Promise<FastifyReply> {
  if (request.caller === null) return sendPublic(request, reply, await fn(read.db.public), read.live);
  return sendPrivatePage(request, reply, await asCaller(read.db, request.caller, read.reason, fn));
}

export interface Write {
  readonly db: Database;
  /** Null writes as the service for somebody unknown (anonymous survey answers). */
  readonly caller: Caller | null;
  /** The operation; where the service writes, also why. */
  readonly reason: string;
  /** `service`: an administrator does what no client may do in the database; recorded in their name. */
  readonly as?: 'service';
}

/** What a write answers when it says more than its body. */
export class WithHeaders {
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;

  constructor(body: unknown, headers: Readonly<Record<string, string>>) {
    this.body = body;
    this.headers = headers;
  }
}

/**
 * Performs a write and answers with what `fn` returns (an object, JSON text, or `WithHeaders`), in one transaction with the
 * caller's rights. Every route that changes something goes through here, so that `Idempotency-Key` means the same everywhere:
 * the key is claimed in the same transaction, so an answer is kept exactly when its write is.
 */
export async function sendWrite(
  request: FastifyRequest,
  reply: FastifyReply,
  write: Write,
  fn: (tx: Scope) => Promise<unknown>,
): Promise<FastifyReply> {
  const { body, headers, replayed } = await transaction(write, (tx) =>
    performOnce(request, write.caller, tx, async () => asKept(await fn(tx))),
  );
  reply.headers(headers);
  if (replayed) reply.header('idempotency-replayed', 'true');
  return sendPrivate(reply, body);
}

function transaction<T>({ db, caller, reason, as }: Write, fn: (tx: Scope) => Promise<T>): Promise<T> {
  if (caller === null) return db.asService(reason, fn);
  return as === 'service' ? asAdmin(db, caller, reason, fn) : asCaller(db, caller, reason, fn);
}

function asKept(answer: unknown): Kept {
  const { body, headers } = answer instanceof WithHeaders ? answer : { body: answer, headers: {} };
  return { body: typeof body === 'string' ? body : JSON.stringify(body), headers };
}
