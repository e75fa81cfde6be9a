import { hash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** How long a shared cache may answer for us before it asks again (with `If-None-Match`). */
export const PUBLIC_CACHE_CONTROL = 'public, max-age=60, stale-while-revalidate=600';

export interface PublicAnswer {
  /** JSON text, usually built by PostgreSQL; sent as it is. */
  readonly body: string;
  /** Cursor of the next page, when there is one; becomes `Link: rel="next"` (RFC 8288). */
  readonly next?: string | undefined;
}

/**
 * Sends what is the same for everybody: JSON text with an ETag, or 304 when the client holds it already.
 * @param live what changes by the second: caches keep it, but ask each time
 */
export function sendPublic(
  request: FastifyRequest,
  reply: FastifyReply,
  answer: PublicAnswer,
  live = false,
): FastifyReply {
  // Weak: a compressed copy has other bytes and the same meaning.
  const etag = `W/"${hash('sha1', answer.body, 'base64url')}"`;
  reply.header('etag', etag);
  reply.header('cache-control', live ? 'public, no-cache' : PUBLIC_CACHE_CONTROL);
  linkNext(request, reply, answer.next);
  if (matches(request.headers['if-none-match'], etag)) return reply.code(304).send();
  return reply.header('content-type', 'application/json; charset=utf-8').send(answer.body);
}

/** `Link: <...>; rel="next"` when there is a next page (decision C17). */
export function linkNext(request: FastifyRequest, reply: FastifyReply, next: string | undefined): void {
  if (next !== undefined) reply.header('link', `<${nextUrl(request.url, next)}>; rel="next"`);
}

/** Weak comparison of RFC 9110 13.1.2. */
function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === '*') return true;
  const opaque = etag.slice(2);
  return ifNoneMatch.split(',').some((tag) => tag.trim().replace(/^W\//, '') === opaque);
}

/** The same request, continued: everything kept but `offset` and the old cursor. */
function nextUrl(url: string, cursor: string): string {
  const at = url.indexOf('?');
  const path = at < 0 ? url : url.slice(0, at);
  const query = new URLSearchParams(at < 0 ? '' : url.slice(at + 1));
  query.delete('offset');
  query.set('cursor', cursor);
  return `${path}?${query}`;
}
