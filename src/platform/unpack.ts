import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';

/** A body larger than allowed (packed or unpacked), or one that cannot be unpacked. The message is one line. */
export class UnpackError extends Error {
  override readonly name = 'UnpackError';
  readonly failure: 'too_large' | 'encoding';

  constructor(failure: UnpackError['failure'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.failure = failure;
  }
}

/**
 * Reads a whole body and unpacks it (`gzip`, `br`, `deflate`, also chained), never holding more than `maxBytes` of packed or of
 * unpacked data: a bomb is dropped at the first chunk over the cap.
 * @throws UnpackError `too_large` or `encoding`; errors of the stream itself pass through
 */
export async function readBody(
  stream: AsyncIterable<Uint8Array>,
  encoding: string | undefined,
  maxBytes: number,
): Promise<Buffer> {
  let chunks: AsyncIterable<Uint8Array> = capped(stream, maxBytes);
  for (const name of codings(encoding).reverse()) chunks = capped(unpacked(chunks, name), maxBytes);
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

/** Same for bytes already in memory. */
export async function unpackBytes(bytes: Uint8Array, encoding: string | undefined, maxBytes: number): Promise<Buffer> {
  return readBody(single(bytes), encoding, maxBytes);
}

function codings(encoding: string | undefined): string[] {
  const names = (encoding ?? '').toLowerCase().split(',');
  return names.map((name) => name.trim()).filter((name) => name !== '' && name !== 'identity');
}

async function* single(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

async function* capped(stream: AsyncIterable<Uint8Array>, maxBytes: number): AsyncIterable<Uint8Array> {
  let total = 0;
  for await (const chunk of stream) {
    total += chunk.byteLength;
    if (total > maxBytes) throw new UnpackError('too_large', `the answer is larger than ${maxBytes} bytes`);
    yield chunk;
  }
}

async function* unpacked(packed: AsyncIterable<Uint8Array>, coding: string): AsyncIterable<Uint8Array> {
  const chunks = packed[Symbol.asyncIterator]();
  const first = await chunks.next();
  // An empty body (304, HEAD-like answers) may still carry the header.
  if (first.done === true) return;
  const unpacker = createUnpacker(coding, first.value);
  const feeding = feed(unpacker, first.value, chunks);
  // Looked at below; a reader that stops early must not leave a rejection nobody handles.
  feeding.catch(() => undefined);
  try {
    for await (const chunk of unpacker) yield chunk as Buffer;
    await feeding;
  } catch (error) {
    unpacker.destroy();
    const fault = await feeding.then(
      () => error,
      (reason: unknown) => reason,
    );
    if (fault instanceof UnpackError) throw fault;
    if (isZlibError(fault))
      throw new UnpackError('encoding', `the ${coding} body cannot be unpacked`, { cause: fault });
    throw fault;
  } finally {
    unpacker.destroy();
  }
}

/** Pushes the packed chunks in, at the pace at which they are read; a broken upstream breaks the unpacker too. */
async function feed(unpacker: Transform, first: Uint8Array, rest: AsyncIterator<Uint8Array>): Promise<void> {
  try {
    for (let next: IteratorResult<Uint8Array> = { value: first }; next.done !== true; next = await rest.next()) {
      if (unpacker.destroyed) return;
      if (!unpacker.write(next.value)) await drained(unpacker);
    }
    unpacker.end();
  } catch (error) {
    unpacker.destroy(error instanceof Error ? error : new Error(String(error)));
    throw error;
  }
}

function drained(unpacker: Transform): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      unpacker.off('drain', done).off('close', done).off('error', done);
      resolve();
    };
    unpacker.on('drain', done).on('close', done).on('error', done);
  });
}

function createUnpacker(coding: string, first: Uint8Array): Transform {
  if (coding === 'gzip' || coding === 'x-gzip') return createGunzip();
  if (coding === 'br') return createBrotliDecompress();
  if (coding === 'deflate') {
    // Servers send both zlib-wrapped and raw data under this name; the zlib header's low nibble is always 8.
    return ((first[0] ?? 0) & 0x0f) === 8 ? createInflate() : createInflateRaw();
  }
  throw new UnpackError('encoding', `unknown content encoding "${coding.slice(0, 20)}"`);
}

function isZlibError(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^(Z_|ERR__ERROR|ERR_BROTLI)/.test(code);
}
