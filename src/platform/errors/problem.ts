/** One thing wrong with one part of a request; `loc` begins with `path`, `query` or `body` (spec/api.md C2). */
export interface InputError {
  /** Stable name of the rule, e.g. `missing`, `int_parsing`, `less_than_equal`, `uuid_parsing`. */
  readonly type: string;
  readonly loc: readonly (string | number)[];
  /** One sentence for a person. */
  readonly msg: string;
  /** The limit that was broken, where there is one. */
  readonly ctx?: Readonly<Record<string, unknown>>;
}

export interface ProblemOptions {
  readonly status: number;
  /** Stable, snake case; clients switch on it. */
  readonly code: string;
  readonly detail: string;
  readonly retryable?: boolean;
  readonly retryAfterMs?: number;
  readonly errors?: readonly InputError[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/**
 * An answer that is not a success, thrown by services and turned into an RFC 9457 problem object by the server's one error
 * handler (decisions C1, C2). `detail` reaches the client: never put internals in it, they belong in `cause`.
 */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  readonly code: string;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly errors: readonly InputError[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(options: ProblemOptions) {
    super(options.detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.status = options.status;
    this.code = options.code;
    this.retryable = options.retryable ?? false;
    this.retryAfterMs = options.retryAfterMs;
    this.errors = options.errors;
    this.headers = options.headers ?? {};
  }
}

/** 404 `{"detail": "<Entity> not found"}` (C9). */
export function notFound(entity: string): Problem {
  const code = `${entity.toLowerCase().replaceAll(' ', '_')}_not_found`;
  return new Problem({ status: 404, code, detail: `${entity} not found` });
}

/** 422 with every error of every part of the request (C2). */
export function invalidInput(errors: readonly InputError[]): Problem {
  const detail = errors.map((error) => `${error.loc.join('.')}: ${error.msg}`).join('; ');
  return new Problem({ status: 422, code: 'invalid_input', detail, errors });
}
