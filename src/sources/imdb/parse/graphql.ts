import { isObject, type JsonObject, type Parsed, parsed, unexpected } from '../../read.ts';
import { text } from './values.ts';

/** What the operation is known by was forgotten by the server: the web client has moved on (`spec/sources-imdb.md` 6.1, 4). */
const FORGOTTEN = /PersistedQueryNotFound|PersistedQueryNotSupported/i;

/** `data` of a GraphQL answer. Errors are named, a forgotten query apart, since it needs a new hash in the configuration. */
export function readGraphql(body: Uint8Array): Parsed<JsonObject> {
  let answer: unknown;
  try {
    answer = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'));
  } catch {
    return unexpected('the answer is not JSON');
  }
  if (!isObject(answer)) return unexpected('the answer is not an object');
  const errors = Array.isArray(answer['errors']) ? answer['errors'] : [];
  if (errors.length > 0) {
    const messages = errors
      .slice(0, 5)
      .map((error: unknown) => (isObject(error) ? text(error['message']) : undefined) ?? 'unnamed error');
    const words = messages.join('; ').slice(0, 300);
    return unexpected(
      FORGOTTEN.test(words)
        ? 'PersistedQueryNotFound: the server no longer knows the query; set its new hash in IMDB_GRAPHQL_HASHES_JSON'
        : `the answer reports errors: ${words}`,
    );
  }
  const { data } = answer;
  return isObject(data) ? parsed(data) : unexpected('missing: data');
}

/** `data.title` of an answer about one title. */
export function readGraphqlTitle(body: Uint8Array): Parsed<JsonObject> {
  const data = readGraphql(body);
  if (!data.ok) return data;
  const { title } = data.value;
  return isObject(title) ? parsed(title) : unexpected('missing: data.title');
}
