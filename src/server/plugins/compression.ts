import { pipeline, Readable } from 'node:stream';
import { brotliCompress, constants, createBrotliCompress, createGzip, gzip } from 'node:zlib';
import type { FastifyInstance, FastifyReply } from 'fastify';

/** Shorter answers fit one packet anyway. */
const THRESHOLD_BYTES = 1_400;
const COMPRESSIBLE = /^application\/(problem\+)?json|^text\//;
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };
const GZIP = { level: 5 };

/**
 * Compressed answers where the client asks (brotli, gzip), at settings that cost less than they save, off the main thread. Ours and not
 * @fastify/compress, which costs the lightest reads a twenty-fifth of their speed also where nobody asks (bench/api). Answers for one caller
 * are compressed, too: they hold no secret that a stranger could guess byte by byte (BREACH needs his own text beside a secret; the only
 * secret in a body is an anonymous key, random each time it is made).
 */
export function compressionPlugin(app: FastifyInstance): void {
  app.addHook('onSend', (request, reply, payload, done) => {
    const accepted = request.headers['accept-encoding'];
    if (accepted === undefined || !isCompressible(reply)) return done(null, payload);
    reply.header('vary', `${String(reply.getHeader('vary') ?? '')}, Accept-Encoding`.replace(/^, /, ''));
    const encoding = chosen(String(accepted));
    if (encoding === undefined) return done(null, payload);
    if (payload instanceof Readable) {
      encoded(reply, encoding);
      const packer = encoding === 'br' ? createBrotliCompress(BROTLI) : createGzip(GZIP);
      // An error of either ends the answer early, which the client notices; Fastify logs it.
      return done(
        null,
        pipeline(payload, packer, () => undefined),
      );
    }
    if (typeof payload !== 'string' || Buffer.byteLength(payload) < THRESHOLD_BYTES) return done(null, payload);
    const finish = (error: Error | null, packed: Buffer) => {
      if (error !== null) return done(error as never, payload);
      encoded(reply, encoding);
      done(null, packed);
    };
    if (encoding === 'br') brotliCompress(payload, BROTLI, finish);
    else gzip(payload, GZIP, finish);
  });
}

function isCompressible(reply: FastifyReply): boolean {
  if (reply.statusCode === 304 || reply.request.method === 'HEAD' || reply.hasHeader('content-encoding')) return false;
  return COMPRESSIBLE.test(String(reply.getHeader('content-type') ?? ''));
}

function encoded(reply: FastifyReply, encoding: string): void {
  reply.header('content-encoding', encoding);
  reply.removeHeader('content-length');
}

/** The best encoding a client accepts (RFC 9110 12.5.3); undefined: none of ours. */
function chosen(accepted: string): 'br' | 'gzip' | undefined {
  const names = accepted
    .toLowerCase()
    .split(',')
    .map((item) => item.trim())
    .filter((item) => !/;\s*q=0(\.0*)?$/.test(item))
    .map((item) => item.replace(/;.*$/, '').trim());
  if (names.includes('br')) return 'br';
  return names.includes('gzip') || names.includes('*') ? 'gzip' : undefined;
}
