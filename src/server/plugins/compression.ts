import compress from '@fastify/compress';
import type { FastifyInstance } from 'fastify';

/** Shorter answers fit one packet anyway. */
const THRESHOLD_BYTES = 1_400;

/**
 * Compressed answers where the client asks (brotli, gzip), at settings that cost less than they save. Answers for one caller are
 * compressed, too: they hold no secret that a stranger could guess byte by byte (BREACH needs his own text beside a secret; tokens and
 * keys are never in bodies but the anonymous key, which is random each time it is made).
 */
export async function compressionPlugin(app: FastifyInstance): Promise<void> {
  await app.register(compress, {
    global: true,
    encodings: ['br', 'gzip', 'identity'],
    threshold: THRESHOLD_BYTES,
    customTypes: /^application\/(problem\+)?json|^text\/(csv|plain)/,
    brotliOptions: { params: { [BROTLI_QUALITY]: 4 } },
    zlibOptions: { level: 5 },
  });
}

/** `zlib.constants.BROTLI_PARAM_QUALITY` */
const BROTLI_QUALITY = 1;
