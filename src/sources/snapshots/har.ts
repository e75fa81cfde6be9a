import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { withoutCredentials } from '../redact.ts';
import type { SourceRegistry } from '../registry.ts';
import { answerTime, isObject, keptHeaders, LIMITS, type SavedAnswer, SnapshotError } from './format.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads a HAR file saved from a browser: the entries of known sources with a body, everything else (other hosts, cached answers
 * without content, cookies, request headers) is passed over.
 * @throws SnapshotError when the file is not a HAR
 */
export function readHar(path: string, registry: SourceRegistry): SavedAnswer[] {
  const stats = statSync(path);
  // A pipe would be waited for without end.
  if (!stats.isFile()) throw new SnapshotError('the HAR file is not a regular file');
  if (stats.size > LIMITS.harBytes) throw new SnapshotError(`HAR file is over ${LIMITS.harBytes} bytes`);
  let har: unknown;
  try {
    har = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new SnapshotError('HAR file is not JSON', { cause: error });
  }
  const log = isObject(har) ? har['log'] : undefined;
  const entries = isObject(log) ? log['entries'] : undefined;
  if (!Array.isArray(entries)) throw new SnapshotError('HAR file has no log.entries');
  if (entries.length > LIMITS.entries) throw new SnapshotError(`HAR file has over ${LIMITS.entries} entries`);
  const answers = entries.flatMap((entry: unknown) => toAnswer(entry, registry, stats.mtime) ?? []);
  if (answers.length === 0) {
    throw new SnapshotError(
      `none of the HAR file's ${entries.length} entries is an answer of a known source with its content`,
    );
  }
  return answers;
}

function toAnswer(entry: unknown, registry: SourceRegistry, fileTime: Date): SavedAnswer | null {
  if (!isObject(entry) || !isObject(entry['request']) || !isObject(entry['response'])) return null;
  const { request, response } = entry as { request: Fields; response: Fields };
  const { method, url: address } = request;
  const status = Number(response['status']);
  if (method !== 'GET' && method !== 'POST') return null;
  if (typeof address !== 'string' || !URL.canParse(address)) return null;
  // A browser notes a cached or blocked answer as 304 or 0, without its content.
  if (!Number.isInteger(status) || status < 200 || status > 599 || status === 304) return null;
  const url = new URL(address);
  if (registry.sourceOf(url) === null) return null;
  const content = isObject(response['content']) ? response['content'] : {};
  const text = content['text'];
  if (status === 200 && typeof text !== 'string') return null;
  const headers = keptHeaders(headerPairs(response['headers']));
  return {
    method,
    url: registry.canonical(withoutCredentials(url)),
    status,
    headers,
    at: answerTime(entry['startedDateTime'], headers, fileTime),
    requestBody: hashOfPost(request['postData']),
    read: async () => decode(typeof text === 'string' ? text : '', content['encoding']),
  };
}

/** Browsers save content unpacked, as text or as base64. */
function decode(text: string, encoding: unknown): Buffer {
  const base64 = encoding === 'base64';
  if (text.length > LIMITS.bodyBytes * (base64 ? 4 / 3 : 1)) {
    throw new SnapshotError(`snapshot body is over ${LIMITS.bodyBytes} bytes`);
  }
  return Buffer.from(text, base64 ? 'base64' : 'utf8');
}

function headerPairs(headers: unknown): [string, string][] {
  if (!Array.isArray(headers)) return [];
  return headers.flatMap((header: unknown): [string, string][] => {
    if (!isObject(header)) return [];
    const { name, value } = header;
    return typeof name === 'string' && typeof value === 'string' ? [[name, value]] : [];
  });
}

function hashOfPost(postData: unknown): string | null {
  const text = isObject(postData) ? postData['text'] : undefined;
  return typeof text === 'string' ? createHash('sha256').update(text).digest('hex') : null;
}
