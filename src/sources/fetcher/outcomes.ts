import { type FailureKind, type NotOk, notOk, type Outcome, ok } from '../../platform/outcome.ts';
import { describeRequest, quotable } from '../redact.ts';
import type { SourceRequest, SourceResponse } from '../types.ts';
import { isBusyWiki } from './retry.ts';

/**
 * What a complete answer means. 200 is the only success; a challenge or a refusal is reported as such and never retried, solved
 * or dodged.
 */
export function outcomeOf(request: SourceRequest, response: SourceResponse): Outcome<SourceResponse> {
  const { status, headers } = response;
  const disguise = status === 200 ? (request.disguised?.(response.body) ?? null) : null;
  const asked = status === 202 || headers['x-amzn-waf-action'] !== undefined || isCloudflareChallenge(headers);
  const challenged = asked || disguise !== null;
  if (status === 200 && isBusyWiki(headers)) {
    return failure(request, 'rate_limited', `the wiki asks to come back later (${headers['mediawiki-api-error']})`, {
      status,
    });
  }
  if (status === 200 && !challenged) {
    return ok(response, { at: response.at, via: response.via, missing: response.missingAppended });
  }
  const { code, message } = sourceError(response.body, secretsOf(request));
  const said = message === null ? '' : `: ${code === null ? '' : `(${code}) `}${message}`;
  const kind = challenged ? 'challenged' : kindOf(status);
  const trial = asked ? `the source asks for a challenge (HTTP ${status})` : `HTTP 200 with ${disguise}`;
  const words = challenged ? trial : `HTTP ${status}${said}`;
  return failure(request, kind, words, { status, ...(code === null ? {} : { sourceCode: code }) });
}

/** A failure that names its request in one line, without query string or credentials. */
export function failure(
  request: SourceRequest,
  kind: FailureKind,
  words: string,
  extra: { status?: number; sourceCode?: number } = {},
): NotOk {
  return notOk(kind, `${request.source}: ${describeRequest(request.method, request.url)}: ${words}`, extra);
}

export function secretsOf(request: SourceRequest): readonly string[] {
  const { credentials } = request;
  if (credentials === undefined || credentials.kind === 'missing') return [];
  return [credentials.value, credentials.value.replace(/^Bearer\s+/i, '')];
}

function kindOf(status: number): FailureKind {
  if (status === 304) return 'not_modified';
  if (status === 404) return 'not_found';
  if (status === 410) return 'gone';
  if (status === 401 || status === 403) return 'forbidden';
  if (status === 429) return 'rate_limited';
  return 'transport';
}

function isCloudflareChallenge(headers: SourceResponse['headers']): boolean {
  return headers['cf-mitigated'] === 'challenge';
}

/** TMDb's error body: `{"status_code": 34, "status_message": "..."}` (spec 2.1); other sources send none. */
function sourceError(body: Buffer, secrets: readonly string[]): { code: number | null; message: string | null } {
  const none = { code: null, message: null };
  if (body.length === 0 || body.length > 16_384) return none;
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    if (typeof value !== 'object' || value === null) return none;
    const code = 'status_code' in value && Number.isSafeInteger(value.status_code) ? Number(value.status_code) : null;
    const message = 'status_message' in value && typeof value.status_message === 'string' ? value.status_message : null;
    return { code, message: message === null ? null : quotable(message, secrets) };
  } catch {
    return none;
  }
}
