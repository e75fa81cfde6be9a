import type { Args, Item, ListId, OperationId, Result } from './operations.ts';
import { problemOf, TrrProblem } from './problem.ts';
import { attempts, type RetryPolicy, waitBefore } from './retry.ts';
import type { Route } from './route.ts';
import { ROUTES } from './routes.generated.ts';

export interface ClientOptions {
  /** Where the server is, e.g. `https://api.example.org`. */
  readonly baseUrl: string;
  /**
   * A bearer token, or a function that gives the current one (null: nobody). After a 401 it is asked once more with
   * `refresh: true`, and the request repeated.
   */
  readonly token?: string | TokenSource;
  readonly retry?: Partial<RetryPolicy>;
  /** Longest wait for one answer, milliseconds; default 20,000. */
  readonly timeoutMs?: number;
  /** Default: the global `fetch`. */
  readonly fetch?: typeof fetch;
}

export type TokenSource = (ask: { readonly refresh: boolean }) => string | null | Promise<string | null>;

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Makes a write repeatable; by default each write gets its own. */
  readonly idempotencyKey?: string;
  /** The key of an earlier anonymous survey answer (`X-Anonymous-Key`). */
  readonly anonymousKey?: string;
}

/** A body with what its headers say. */
export interface Answer<T> {
  readonly data: T;
  readonly response: Response;
  /** The cursor of the next page, when there is one. */
  readonly next: string | undefined;
}

/** An argument object may be left out when nothing in it is required. */
type Rest<A, More extends unknown[]> = Record<string, never> extends A ? [args?: A, ...More] : [args: A, ...More];

/** One method per operation of the API, named by its operation id. */
export type Operations = {
  readonly [Op in OperationId]: (...args: Rest<Args<Op>, [options?: CallOptions]>) => Promise<Result<Op>>;
};

export interface Base {
  /** As the method of that name, with the response beside the body. */
  call<Op extends OperationId>(operation: Op, args: Args<Op>, options?: CallOptions): Promise<Answer<Result<Op>>>;
  /** Every item of a list, page by page as they are consumed; stops asking when you stop reading. */
  all<Op extends ListId>(operation: Op, args: Args<Op>, options?: CallOptions): AsyncGenerator<Item<Op>, void, void>;
  /** Every page of a list. */
  pages<Op extends ListId>(
    operation: Op,
    args: Args<Op>,
    options?: CallOptions,
  ): AsyncGenerator<Result<Op>, void, void>;
}

export type TrrClient = Operations & Base;

/**
 * A client of The Reality Report API. Methods resolve to the answer's body and reject with `TrrProblem`. Requests are repeated
 * when that is safe: reads, and writes because each carries an `Idempotency-Key`.
 */
export function createClient(options: ClientOptions): TrrClient {
  const send = sender(options);
  const base: Base = {
    call: async (operation, args, callOptions) => send(operation, args as Values, callOptions),
    async *pages(operation, args, callOptions) {
      let values = args as Values;
      for (;;) {
        const answer: Answer<Result<typeof operation>> = await send(operation, values, callOptions);
        yield answer.data;
        if (answer.next === undefined) return;
        const { offset: _done, ...kept } = values;
        values = { ...kept, cursor: answer.next };
      }
    },
    async *all(operation, args, callOptions) {
      for await (const page of base.pages(operation, args, callOptions)) yield* page as Item<typeof operation>[];
    },
  };
  const methods = Object.keys(ROUTES).map((operation) => [
    operation,
    async (args?: Values, callOptions?: CallOptions) =>
      (await send(operation as OperationId, args ?? {}, callOptions)).data,
  ]);
  return Object.assign(Object.fromEntries(methods) as Operations, base);
}

type Values = Readonly<Record<string, unknown>>;

function sender(options: ClientOptions) {
  const baseUrl = options.baseUrl.replace(/\/+$/, '');
  const request = options.fetch ?? fetch;
  const { token } = options;
  const tokenFor = async (refresh: boolean): Promise<string | null> =>
    typeof token === 'function' ? token({ refresh }) : (token ?? null);

  return async <T>(operation: OperationId, args: Values, call: CallOptions = {}): Promise<Answer<T>> => {
    const route: Route = ROUTES[operation];
    const url = baseUrl + urlOf(route, args);
    const headers = headersOf(route, call);
    const body = args['body'] === undefined ? null : JSON.stringify(args['body']);
    let refreshed = false;
    for (const attempt of attempts(options.retry)) {
      const bearer = await tokenFor(refreshed);
      if (bearer !== null) headers.set('authorization', `Bearer ${bearer}`);
      const timeout = AbortSignal.timeout(options.timeoutMs ?? 20_000);
      const signal = call.signal === undefined ? timeout : AbortSignal.any([call.signal, timeout]);
      const outcome = await request(url, { method: route.method, headers, body, signal }).then(
        async (response) => (response.ok ? { response, data: await bodyOf<T>(response) } : problemOf(response)),
        (cause: unknown) => noAnswer(cause, call.signal),
      );
      if (!(outcome instanceof TrrProblem)) return { ...outcome, next: nextCursor(outcome.response) };
      if (outcome.status === 401 && typeof token === 'function' && !refreshed) {
        refreshed = true;
        continue;
      }
      const waitMs = waitBefore(attempt, outcome, options.retry);
      if (waitMs === null) throw outcome;
      await sleep(waitMs, call.signal);
    }
    throw new Error('unreachable: the last attempt returns or throws');
  };
}

function headersOf(route: Route, call: CallOptions): Headers {
  const headers = new Headers({ accept: 'application/json, application/problem+json' });
  if (route.body) headers.set('content-type', 'application/json');
  if (route.method !== 'GET') headers.set('idempotency-key', call.idempotencyKey ?? crypto.randomUUID());
  if (call.anonymousKey !== undefined) headers.set('x-anonymous-key', call.anonymousKey);
  return headers;
}

function urlOf(route: Route, args: Values): string {
  const path = route.path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => encodeURIComponent(String(args[name])));
  const query = new URLSearchParams();
  for (const name of route.query) {
    const value = args[name];
    if (value !== undefined && value !== null) query.set(name, Array.isArray(value) ? value.join(',') : String(value));
  }
  return query.size === 0 ? path : `${path}?${query}`;
}

async function bodyOf<T>(response: Response): Promise<T> {
  const isJson = /\bjson\b/.test(response.headers.get('content-type') ?? '');
  return (isJson ? await response.json() : await response.text()) as T;
}

/** The cursor in `Link: <...?cursor=x>; rel="next"` (RFC 8288). */
function nextCursor(response: Response): string | undefined {
  const link = /<([^>]*)>\s*;\s*rel="?next"?/.exec(response.headers.get('link') ?? '')?.[1];
  return link === undefined ? undefined : (new URL(link, 'http://unused').searchParams.get('cursor') ?? undefined);
}

/** Nothing came back. The caller's own abort is passed on as it is. */
function noAnswer(cause: unknown, signal: AbortSignal | undefined): TrrProblem {
  if (signal?.aborted) throw signal.reason;
  return new TrrProblem({
    status: 0,
    code: 'network_error',
    message: 'The server did not answer',
    retryable: true,
    cause,
  });
}

function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(done, ms);
    function done() {
      signal?.removeEventListener('abort', aborted);
      resolve();
    }
    function aborted() {
      clearTimeout(timer);
      reject(signal?.reason);
    }
    signal?.addEventListener('abort', aborted, { once: true });
  });
}
