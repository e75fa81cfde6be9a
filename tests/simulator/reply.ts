import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { constants, gzipSync } from 'node:zlib';
import { errors, type Json } from './answers/answer.ts';
import type { Fault } from './faults.ts';
import { retryAfterValue } from './limiter.ts';

/** An answer ready to be written. */
export interface Reply {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

const JSON_TYPE = 'application/json;charset=utf-8';

/** As recorded answers have it: a weak ETag over the bytes and a public max-age of hours. Errors carry neither. */
export function jsonReply(status: number, body: Json, options: { cacheSeconds: number }): Reply {
  const bytes = Buffer.from(JSON.stringify(body));
  const headers: Record<string, string> = { 'content-type': JSON_TYPE, vary: 'accept-encoding, Origin' };
  if (status === 200) {
    headers['cache-control'] = `public, max-age=${options.cacheSeconds}`;
    headers.etag = `W/"${createHash('md5').update(bytes).digest('hex')}"`;
  }
  return { status, headers, body: bytes };
}

/** 304 when one of the tags the client holds is this answer's. Weak comparison. */
export function notModified(reply: Reply, ifNoneMatch: string | undefined): Reply {
  const tag = reply.headers.etag;
  if (reply.status !== 200 || tag === undefined || ifNoneMatch === undefined) return reply;
  const bare = (text: string) => text.trim().replace(/^W\//, '');
  const held = ifNoneMatch.split(',').map(bare);
  if (!held.includes('*') && !held.includes(bare(tag))) return reply;
  const { 'content-type': _type, ...headers } = reply.headers;
  return { status: 304, headers, body: Buffer.alloc(0) };
}

/** Compresses when the client accepts gzip and it is worth it. */
export function compressed(reply: Reply, acceptEncoding: string | undefined): Reply {
  if (!/\bgzip\b/.test(acceptEncoding ?? '') || reply.body.length < 512) return reply;
  const body = gzipSync(reply.body, { level: constants.Z_BEST_SPEED });
  return { ...reply, headers: { ...reply.headers, 'content-encoding': 'gzip' }, body };
}

/** What a fault makes of the answer's content. Faults of the connection are left to `send`. */
export function spoiled(reply: Reply, body: Json, fault: Fault | undefined, now: number): Reply {
  const remake = (changed: Json) => ({ ...jsonReply(reply.status, changed, { cacheSeconds: 0 }) });
  switch (fault?.kind) {
    case 'status':
      return statusReply(fault, now);
    case 'cut-json':
      return { ...reply, body: reply.body.subarray(0, Math.floor(reply.body.length / 2)) };
    case 'not-json':
      return { ...reply, body: Buffer.from('upstream connect error or disconnect/reset before headers') };
    case 'not-object':
      return { ...reply, body: Buffer.from('[null]') };
    case 'html':
      return {
        status: fault.status ?? 200,
        headers: { 'content-type': 'text/html; charset=utf-8' },
        body: Buffer.from(
          '<!doctype html><title>Just a moment...</title><p>Please wait while we check your browser.</p>',
        ),
      };
    case 'missing-blocks':
      return remake(Object.fromEntries(Object.entries(body).filter(([key]) => !fault.blocks.includes(key))));
    case 'wrong-id':
      return remake({ ...body, id: fault.id ?? 999_999_999 });
    case 'replace-fields':
      return remake({ ...body, ...fault.fields });
    case 'oversize':
      return {
        ...reply,
        body: Buffer.concat([reply.body, Buffer.alloc(Math.max(0, fault.bytes - reply.body.length), ' ')]),
      };
    default:
      return reply;
  }
}

function statusReply(fault: Extract<Fault, { kind: 'status' }>, now: number): Reply {
  const retry =
    fault.retryAfter === undefined
      ? {}
      : { 'retry-after': retryAfterValue(fault.retryAfter, fault.retryAfterForm, now) };
  const known = { 401: errors.badKey(), 404: errors.notFound(), 429: errors.overLimit(41, 40) }[fault.status];
  const body = fault.body ?? JSON.stringify((known ?? errors.internal(fault.status)).body);
  return {
    status: fault.status,
    headers: { 'content-type': JSON_TYPE, ...retry, ...fault.headers },
    body: Buffer.from(body),
  };
}

/** Writes an answer, cutting or slowing it as the fault says. Returns the body bytes written. */
export async function send(
  res: ServerResponse,
  reply: Reply,
  fault: Fault | undefined,
  signal: AbortSignal,
): Promise<number> {
  const { body } = reply;
  res.writeHead(
    reply.status,
    reply.status === 304 ? reply.headers : { ...reply.headers, 'content-length': body.length },
  );
  if (fault?.kind === 'truncated') {
    const part = body.subarray(0, Math.floor(body.length * (fault.part ?? 0.5)));
    await new Promise((resolve) => res.write(part, resolve));
    // Let the part reach the client before the reset overtakes it.
    await sleep(20);
    res.socket?.resetAndDestroy();
    return part.length;
  }
  if (fault?.kind === 'slow-body') {
    const step = Math.max(1, Math.floor(fault.bytesPerSecond / 20));
    for (let at = 0; at < body.length && !res.destroyed; at += step) {
      res.write(body.subarray(at, at + step));
      await sleep(50, undefined, { signal });
    }
    res.end();
    return body.length;
  }
  res.end(body);
  return body.length;
}
