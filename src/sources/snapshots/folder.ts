import { readFileSync, realpathSync, type Stats, statSync } from 'node:fs';
import { readFile, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, sep } from 'node:path';
import { UnpackError, unpackBytes } from '../../platform/unpack.ts';
import { withoutCredentials } from '../redact.ts';
import type { SourceRegistry } from '../registry.ts';
import { answerTime, isObject, keptHeaders, LIMITS, type SavedAnswer, SnapshotError } from './format.ts';

/**
 * Reads a snapshot folder's index; bodies are read when asked for.
 * @throws SnapshotError naming the first entry that is not as it should be
 */
export function readFolder(folder: string, registry: SourceRegistry): SavedAnswer[] {
  const root = realpathSync(folder);
  const { entries, time } = readIndex(join(root, 'index.json'));
  return entries.map((entry, at) => {
    try {
      return toAnswer(entry, root, registry, time);
    } catch (error) {
      if (!(error instanceof SnapshotError)) throw error;
      throw new SnapshotError(`snapshot index.json: entry ${at}: ${error.message}`, { cause: error });
    }
  });
}

/** @throws SnapshotError when the file is not an index */
export function readIndex(path: string): { entries: readonly unknown[]; time: Date } {
  const stats = statFile(path);
  if (stats === null) throw new SnapshotError('snapshot folder has no index.json');
  // A pipe would be waited for without end.
  if (!stats.isFile()) throw new SnapshotError('snapshot index.json is not a file');
  if (stats.size > LIMITS.indexBytes) throw new SnapshotError(`snapshot index.json is over ${LIMITS.indexBytes} bytes`);
  let index: unknown;
  try {
    index = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new SnapshotError('snapshot index.json is not JSON', { cause: error });
  }
  if (!isObject(index) || index['version'] !== 1 || !Array.isArray(index['entries'])) {
    throw new SnapshotError('snapshot index.json must be {"version": 1, "entries": [...]}');
  }
  if (index['entries'].length > LIMITS.entries) {
    throw new SnapshotError(`snapshot index.json has over ${LIMITS.entries} entries`);
  }
  return { entries: index['entries'], time: stats.mtime };
}

function toAnswer(entry: unknown, root: string, registry: SourceRegistry, fileTime: Date): SavedAnswer {
  if (!isObject(entry)) throw new SnapshotError('must be an object');
  const { method, url: address, status, body = null } = entry;
  if (method !== 'GET' && method !== 'POST') throw new SnapshotError('method must be GET or POST');
  if (typeof address !== 'string' || !URL.canParse(address)) throw new SnapshotError('url must be an absolute URL');
  const url = new URL(address);
  if (registry.sourceOf(url) === null) throw new SnapshotError(`host ${url.host} belongs to no known source`);
  if (!Number.isInteger(status) || Number(status) < 200 || Number(status) > 599) {
    throw new SnapshotError('status must be a whole number from 200 to 599');
  }
  const headers = readHeaders(entry['headers']);
  const path = readBodyPath(body, root);
  const requestBody = entry['requestBody'];
  return {
    method,
    url: registry.canonical(withoutCredentials(url)),
    status: Number(status),
    headers: keptHeaders(Object.entries(headers)),
    at: answerTime(entry['at'], headers, fileTime),
    requestBody: typeof requestBody === 'string' ? requestBody : null,
    ...(typeof entry['redirectedTo'] === 'string' ? { redirectedTo: entry['redirectedTo'].slice(0, 2000) } : {}),
    read: () => readBodyFile(path, root, headers['content-encoding']),
  };
}

function readHeaders(value: unknown): Record<string, string> {
  if (value === undefined || value === null) return {};
  if (!isObject(value)) throw new SnapshotError('headers must be an object');
  const headers: Record<string, string> = {};
  for (const [name, content] of Object.entries(value)) {
    const text = Array.isArray(content) ? content.join(', ') : content;
    if (typeof text !== 'string') throw new SnapshotError(`header ${name.slice(0, 40)} must be text`);
    headers[name.toLowerCase()] = text;
  }
  return headers;
}

function readBodyPath(body: unknown, root: string): string | null {
  if (body === null) return null;
  if (typeof body !== 'string' || body === '' || body.includes('\0')) {
    throw new SnapshotError('body must be a path inside the folder or null');
  }
  if (isAbsolute(body) || body.split(/[\\/]/).includes('..')) throw new SnapshotError('body points outside the folder');
  const path = join(root, body);
  const stats = statFile(path);
  if (stats === null) throw new SnapshotError(`body file ${body.slice(0, 100)} is missing`);
  if (!realpathSync(path).startsWith(root + sep)) throw new SnapshotError('body points outside the folder');
  if (!stats.isFile()) throw new SnapshotError('body must be a file');
  if (stats.size > LIMITS.bodyBytes) throw new SnapshotError(`body is over ${LIMITS.bodyBytes} bytes`);
  return path;
}

async function readBodyFile(path: string | null, root: string, encoding: string | undefined): Promise<Buffer> {
  if (path === null) return Buffer.alloc(0);
  let bytes: Buffer;
  try {
    // Looked at again: the folder may have changed since the index was read.
    const [real, stats] = await Promise.all([realpath(path), stat(path)]);
    if (!real.startsWith(root + sep) || !stats.isFile() || stats.size > LIMITS.bodyBytes) {
      throw new SnapshotError('snapshot body changed into something that may not be read');
    }
    bytes = await readFile(real);
  } catch (error) {
    if (error instanceof SnapshotError) throw error;
    throw new SnapshotError('snapshot body cannot be read', { cause: error });
  }
  return unpackStored(bytes, encoding);
}

/** Many recorders unpack the body and leave the header: what does not look packed is taken as it is. */
async function unpackStored(bytes: Buffer, encoding: string | undefined): Promise<Buffer> {
  if (encoding === undefined || looksLikeText(bytes)) return bytes;
  try {
    return await unpackBytes(bytes, encoding, LIMITS.bodyBytes);
  } catch (error) {
    if (!(error instanceof UnpackError)) throw error;
    throw new SnapshotError(`snapshot body: ${error.message}`, { cause: error });
  }
}

/** JSON and HTML begin with `{`, `[`, `<` or white space; no compressed stream of a real answer does and stays valid UTF-8. */
function looksLikeText(bytes: Buffer): boolean {
  return bytes.length === 0 || (/^[\s{["<]/.test(bytes.toString('latin1', 0, 1)) && isUtf8Head(bytes));
}

function isUtf8Head(bytes: Buffer): boolean {
  // A multi-byte character may be cut at the end of the head.
  return !bytes.toString('utf8', 0, Math.min(bytes.length, 512)).slice(0, -4).includes('\uFFFD');
}

function statFile(path: string): Stats | null {
  return statSync(path, { throwIfNoEntry: false }) ?? null;
}
