import type { TmdbConfig } from '../../platform/config/types.ts';
import { notOk, type Outcome, ok } from '../../platform/outcome.ts';
import { describeRequest } from '../redact.ts';
import type { Credentials, Fetcher, SourceRequest, SourceResponse } from '../types.ts';
import type { TmdbRequest } from './requests.ts';
import type { RequestOptions } from './source.ts';

export interface TmdbAnswer<T> {
  readonly value: T;
  readonly response: SourceResponse;
}

export type Ask = <T>(request: TmdbRequest<T>, options?: RequestOptions) => Promise<Outcome<TmdbAnswer<T>>>;

/** The one way to ask TMDb: credentials, request, parser, identity check. */
export function createAsk(fetcher: Fetcher, config: TmdbConfig): Ask {
  const credentials = credentialsOf(config);
  return async (request, options = {}) => {
    const url = new URL(`${config.apiBaseUrl}${request.path}`);
    for (const [name, value] of Object.entries(request.query ?? {})) url.searchParams.set(name, value);
    if (request.append !== undefined) url.searchParams.set('append_to_response', request.append.join(','));
    const sourceRequest: SourceRequest = {
      source: 'tmdb',
      method: 'GET',
      url: url.href,
      credentials,
      ...(options.validators === undefined ? {} : { validators: options.validators }),
    };
    const outcome = await fetcher.fetch(sourceRequest, options.signal);
    return outcome.kind === 'ok' ? read(request, url, outcome.value) : outcome;
  };
}

function read<T>(request: TmdbRequest<T>, url: URL, response: SourceResponse): Outcome<TmdbAnswer<T>> {
  const { at, via, missingAppended } = response;
  const result = request.parse(response.body);
  const where = `tmdb: ${describeRequest('GET', url.href)}`;
  if (!result.ok) return notOk('schema_changed', `${where}: ${result.problem}`, { status: response.status });
  const { identity } = request;
  const actual = identity?.actual(result.value);
  if (identity !== undefined && actual !== undefined && actual !== null && actual !== identity.expected) {
    const words = `asked for ${identity.expected}, the payload is about ${actual}`;
    return notOk('schema_changed', `${where}: ${words}`, { status: response.status });
  }
  const asked = new Set(request.append ?? []);
  const missing = [...new Set([...missingAppended, ...result.missing])].filter((name) => asked.has(name));
  return ok({ value: result.value, response }, { at, via, missing: missing.sort() });
}

/** Bearer before key (spec 1.1): a key travels in the URL, where proxies and logs see it. */
function credentialsOf(config: TmdbConfig): Credentials {
  if (config.bearer !== null) return { kind: 'header', name: 'authorization', value: `Bearer ${config.bearer}` };
  if (config.apiKey !== null) return { kind: 'query', name: 'api_key', value: config.apiKey };
  return { kind: 'missing', detail: 'TMDb credentials are missing: set TMDB_BEARER_TOKEN or TMDB_API_KEY' };
}
