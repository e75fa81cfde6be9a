import type { EnvReader } from './read.ts';

export interface ImdbConfig {
  /**
   * `IMDB_BASE_URL` (proxy, tests): `https://www.imdb.com/...` is asked for as `<base>/...`, the site's other hosts as
   * `<base>/-/<host>/...`. Null: the hosts themselves.
   */
  readonly baseUrl: string | null;
  /** `IMDB_EXTRA_HEADERS_JSON`, sent with every request to the site; win over our own. */
  readonly extraHeaders: Readonly<Record<string, string>>;
  /** `IMDB_LIST_URL`, the list `trr import` reads when none is named; one value, not split. */
  readonly listUrl: string | null;
  /** `IMDB_GRAPHQL_HASHES_JSON`: hashes of stored queries by operation, which the site changes every few weeks. */
  readonly queryHashes: Readonly<Record<string, string>>;
}

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9a-z-]{1,100}$/i;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]{0,8000}$/;

export function readImdb(env: EnvReader): ImdbConfig {
  const headers = textsOf(env, 'IMDB_EXTRA_HEADERS_JSON');
  const queryHashes = textsOf(env, 'IMDB_GRAPHQL_HASHES_JSON');
  for (const [name, value] of Object.entries(headers)) {
    if (HEADER_NAME.test(name) && HEADER_VALUE.test(value)) continue;
    env.problems.push(`IMDB_EXTRA_HEADERS_JSON: "${name.slice(0, 40)}" is no header that can be sent`);
  }
  for (const [operation, hash] of Object.entries(queryHashes)) {
    if (/^[0-9a-f]{64}$/.test(hash)) continue;
    env.problems.push(
      `IMDB_GRAPHQL_HASHES_JSON: the hash of "${operation.slice(0, 40)}" must be 64 hexadecimal digits`,
    );
  }
  const extraHeaders = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  return { baseUrl: env.url('IMDB_BASE_URL', null), extraHeaders, listUrl: env.text('IMDB_LIST_URL'), queryHashes };
}

/** A JSON object; nulls dropped, other values as text (`spec/sources-imdb.md` 2). */
function textsOf(env: EnvReader, name: string): Record<string, string> {
  const text = env.text(name);
  if (text === null) return {};
  const value = parsed(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    env.problems.push(`${name} must be a JSON object like {"name": "value"}`);
    return {};
  }
  const pairs = Object.entries(value).filter(([, item]) => item !== null);
  return Object.fromEntries(pairs.map(([key, item]: [string, unknown]) => [key, String(item)]));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
