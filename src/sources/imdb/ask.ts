import type { ImdbConfig } from '../../platform/config/imdb-pages.ts';
import { notOk, type Outcome, ok } from '../../platform/outcome.ts';
import { describeRequest } from '../redact.ts';
import type { Fetcher, SourceRequest, SourceResponse } from '../types.ts';
import { nameInHref, titleInHref } from './ids.ts';
import { disguised, withoutSession } from './parse/page.ts';
import { addressOf, type ImdbRequest, PROFILES } from './requests.ts';
import type { ImdbRequestOptions } from './source.ts';

export type Ask = <T>(request: ImdbRequest<T>, options?: ImdbRequestOptions) => Promise<Outcome<T>>;

/** The one way to ask the site: address, headers, parser, and whether the answer is about what was asked for. */
export function createAsk(fetcher: Fetcher, config: ImdbConfig): Ask {
  return async (request, options = {}) => {
    const url = addressOf(request, config);
    const profile = PROFILES[request.profile];
    const sourceRequest: SourceRequest = {
      source: 'imdb-web',
      method: 'GET',
      url: url.href,
      headers: { ...profile.headers, ...config.extraHeaders },
      timeoutMs: profile.timeoutMs,
      disguised: (body) => disguised(body, request.profile === 'page'),
      keepable: withoutSession,
    };
    const outcome = await fetcher.fetch(sourceRequest, options.signal);
    return outcome.kind === 'ok' ? read(request, url, outcome.value) : outcome;
  };
}

function read<T>(request: ImdbRequest<T>, url: URL, response: SourceResponse): Outcome<T> {
  const result = request.parse(response.body, subjectOf(request, response));
  const { at, via, status } = response;
  if (result.ok) return ok(result.value, { at, via, missing: result.missing });
  return notOk('schema_changed', `imdb-web: ${describeRequest('GET', url.href)}: ${result.problem}`, { status });
}

/** The site redirects a title or a person that was merged into another one: the answer is about the new id (6.2, 11). */
function subjectOf(request: ImdbRequest<unknown>, response: SourceResponse): string {
  const { redirectedTo } = response;
  if (redirectedTo === undefined) return request.subject;
  const moved = request.subject.startsWith('nm') ? nameInHref(`${redirectedTo}/`) : titleInHref(`${redirectedTo}/`);
  return moved ?? request.subject;
}
