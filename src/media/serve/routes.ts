import { Readable } from 'node:stream';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type { Database } from '../../platform/db/types.ts';
import { notFound, Problem } from '../../platform/errors/problem.ts';
import { FORMATS } from '../inspect/sniff.ts';
import { isKey } from '../keys.ts';
import { type ByteRange, CACHE_CONTROL, type ObjectStore, StoreError } from '../stores/store.ts';
import { SERVABLE_FILE } from './queries.ts';
import { rangeOf } from './range.ts';

/** A file may be looked at, and do nothing: no script, no frame, no origin of ours (S4). */
const POLICY = "default-src 'none'; sandbox";

/** What a file is called in answers: by our own names for files, never by what somebody said when it was stored. */
const TYPES = new Map(Object.values(FORMATS).map(({ extension, contentType }) => [extension, contentType]));

/**
 * `GET /media/images/...`: stored files, as long as an image that shows them may be published. Names are matched strictly before anything
 * is asked; a file never changes under its name, so caches may keep it.
 */
export function mediaRoutes(db: Database, store: ObjectStore, licences: readonly string[]): FastifyPluginAsync {
  return async (app) => {
    app.route<{ Params: { '*': string } }>({
      method: ['GET', 'HEAD'],
      url: '/media/*',
      schema: { hide: true, operationId: 'getMedia' } as object,
      handler: async (request, reply) => {
        const key = request.params['*'];
        if (!isKey(key)) throw notFound('Image');
        const file = await db.public.one(SERVABLE_FILE, [key, licences]);
        const type = file?.key == null ? undefined : TYPES.get(/\.[a-z0-9]+$/.exec(file.key)?.[0] ?? '');
        if (file?.key == null || type === undefined) throw notFound('Image');
        return send(request, reply, store, { key: file.key, type, bytes: await sizeOf(store, file.key, file.bytes) });
      },
    });
  };
}

interface ServedFile {
  readonly key: string;
  readonly type: string;
  readonly bytes: number;
}

async function send(
  request: FastifyRequest,
  reply: FastifyReply,
  store: ObjectStore,
  file: ServedFile,
): Promise<FastifyReply> {
  // The name says the content, so it is a validator of its own.
  const etag = `"${file.key.slice(file.key.lastIndexOf('/') + 1)}"`;
  reply.headers({
    'cache-control': CACHE_CONTROL,
    etag,
    'accept-ranges': 'bytes',
    'content-security-policy': POLICY,
    'x-content-type-options': 'nosniff',
    'content-disposition': 'inline',
  });
  if (matches(request.headers['if-none-match'], etag)) return reply.code(304).send();
  const ifRange = request.headers['if-range'];
  const range = ifRange === undefined || ifRange === etag ? rangeOf(request.headers.range, file.bytes) : 'whole';
  if (range === 'unsatisfiable') {
    reply.headers({ 'cache-control': 'no-store', 'content-range': `bytes */${file.bytes}` });
    throw new Problem({ status: 416, code: 'range_not_satisfiable', detail: `The file has ${file.bytes} bytes` });
  }
  const part: ByteRange = range === 'whole' ? { from: 0, to: file.bytes - 1 } : range;
  reply.headers({ 'content-type': file.type, 'content-length': String(part.to - part.from + 1) });
  if (range !== 'whole') reply.code(206).header('content-range', `bytes ${part.from}-${part.to}/${file.bytes}`);
  if (request.method === 'HEAD') return reply.send();
  const content = await asking(() => store.get(file.key, range === 'whole' ? undefined : part));
  if (content === undefined) throw missing(reply);
  return reply.send(content instanceof Readable ? content : Readable.from(content));
}

/** Adopted rows may not say how large their file is. */
async function sizeOf(store: ObjectStore, key: string, told: string | null): Promise<number> {
  if (told !== null) return Number(told);
  const found = await asking(() => store.head(key));
  if (found === undefined) throw notFound('Image');
  return found.bytes;
}

function missing(reply: FastifyReply): Problem {
  reply.headers({ 'cache-control': 'no-store' });
  for (const name of ['etag', 'content-length', 'content-range', 'content-type']) reply.removeHeader(name);
  return notFound('Image');
}

/** The store's trouble is nobody's business but ours. */
async function asking<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    throw new Problem({
      status: 503,
      code: 'media_unavailable',
      detail: 'Images cannot be read at the moment',
      retryable: true,
      retryAfterMs: 5000,
      cause: error,
    });
  }
}

function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.trim() === '*' || header.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
}
