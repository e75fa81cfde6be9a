/** One thing wrong with one part of a request. */
export interface InputError {
  readonly type: string;
  /** Where, beginning with `path`, `query` or `body`. */
  readonly loc: readonly (string | number)[];
  readonly msg: string;
}

/**
 * An answer that is not a success (RFC 9457). Switch on `code`; `message` is for people.
 * `status` 0 with code `network_error`: no answer came (`cause` says why).
 */
export class TrrProblem extends Error {
  override readonly name = 'TrrProblem';
  readonly status: number;
  readonly code: string;
  /** Whether the same request may succeed later; the client has already tried as often as it may. */
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  /** What is wrong with the input, for a 422. */
  readonly errors: readonly InputError[];
  /** Quote it when you report a problem. */
  readonly requestId: string | undefined;

  constructor(fields: {
    status: number;
    code: string;
    message: string;
    retryable?: boolean;
    retryAfterMs?: number | undefined;
    errors?: readonly InputError[];
    requestId?: string | undefined;
    cause?: unknown;
  }) {
    super(fields.message, fields.cause === undefined ? undefined : { cause: fields.cause });
    this.status = fields.status;
    this.code = fields.code;
    this.retryable = fields.retryable ?? false;
    this.retryAfterMs = fields.retryAfterMs;
    this.errors = fields.errors ?? [];
    this.requestId = fields.requestId;
  }
}

/** The problem in an answer; whatever stands between us and the server (a proxy's HTML page) becomes one too. */
export async function problemOf(response: Response): Promise<TrrProblem> {
  const text = await response.text().catch(() => '');
  const body = parseObject(text);
  const { detail } = body;
  const errors = Array.isArray(body['errors']) ? body['errors'] : Array.isArray(detail) ? detail : [];
  const code = typeof body['code'] === 'string' ? body['code'] : `http_${response.status}`;
  return new TrrProblem({
    status: response.status,
    code,
    message: typeof detail === 'string' ? detail : messageOf(errors as InputError[]) || `HTTP ${response.status}`,
    retryable: body['retryable'] === true || [429, 502, 503, 504].includes(response.status),
    retryAfterMs: retryAfterMs(response, body['retry_after_ms']),
    errors: errors as InputError[],
    requestId: response.headers.get('x-request-id') ?? undefined,
  });
}

function messageOf(errors: readonly InputError[]): string {
  return errors.map((error) => `${error.loc.join('.')}: ${error.msg}`).join('; ');
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : {};
  } catch {
    return {};
  }
}

/** Milliseconds from the body, else from `Retry-After` in seconds or as a date (RFC 9110 10.2.3). */
function retryAfterMs(response: Response, inBody: unknown): number | undefined {
  if (typeof inBody === 'number' && inBody >= 0) return inBody;
  const header = response.headers.get('retry-after');
  if (header === null) return undefined;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}
