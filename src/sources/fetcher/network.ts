import { type Dispatcher, OutboundError, outboundRequest, outboundStream } from '../../platform/outbound/index.ts';
import { type NotOk, type Outcome, ok } from '../../platform/outcome.ts';
import type { SharedPace, SourceRequest, SourceResponse, StreamedAnswer, Validators } from '../types.ts';
import { Breaker } from './breaker.ts';
import type { Clock } from './clock.ts';
import { HostLimiter } from './limiter.ts';
import { failure, outcomeOf } from './outcomes.ts';
import { type RefusalPolicy, Refusals } from './refusals.ts';
import { backoffMs, isBusyWiki, isRetryable, type RetryPolicy, retryAfterMs } from './retry.ts';

/** How one source may be asked. */
export interface SourcePolicy {
  /** Requests per second and host. */
  readonly rate: number;
  readonly concurrency: number;
  /** Cap on a body unless the request sets its own. */
  readonly maxBytes: number;
  /** Host below which redirects may lead, for sources that serve from another one and need no credentials. */
  readonly redirectsBelow?: string;
  /** One attempt, from connect to last byte, unless the request sets its own. */
  readonly timeoutMs: number;
  /** How a challenge or a 403 is respected; absent where a 403 speaks about one request only (a wrong key). */
  readonly afterRefusal?: RefusalPolicy;
}

export interface NetworkOptions {
  readonly dispatcher: Dispatcher;
  readonly userAgent: string;
  readonly policy: (source: SourceRequest['source']) => SourcePolicy;
  readonly retry: RetryPolicy;
  readonly breaker: { readonly threshold: number; readonly coolDownMs: number };
  readonly clock: Clock;
  readonly random: () => number;
  readonly pace?: SharedPace;
}

interface HostState {
  readonly limiter: HostLimiter;
  readonly breaker: Breaker;
  sent: number;
}

type Attempt =
  | { readonly kind: 'final'; readonly outcome: Outcome<SourceResponse> }
  | { readonly kind: 'retry'; readonly outcome: Outcome<SourceResponse>; readonly pauseMs: number | null };

const LEFT_ALONE = 'not sent: the host failed too often in a row and is left alone for a moment';

/** Live requests: one limiter and one breaker per host, retries with full jitter. */
export class Network {
  readonly #options: NetworkOptions;
  readonly #hosts = new Map<string, HostState>();
  readonly #refusals: Refusals;

  constructor(options: NetworkOptions) {
    this.#options = options;
    this.#refusals = new Refusals(options.clock, ({ source }) => options.policy(source).afterRefusal);
  }

  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#hosts].map(([host, { sent }]) => [host, sent]));
  }

  async fetch(request: SourceRequest, signal?: AbortSignal): Promise<Outcome<SourceResponse>> {
    const { clock, retry, random } = this.#options;
    const host = this.#host(request);
    let deadline = Number.POSITIVE_INFINITY;
    for (let attempt = 0; ; attempt++) {
      const refused = this.#refusals.standing(request);
      if (refused !== null) return refused;
      const release = await host.limiter.acquire({ signal, first: attempt > 0 });
      if (release === null) return cancelled(request);
      // Waiting in our own queue is not the source's fault, so the deadline starts with the first request.
      if (attempt === 0) deadline = clock.monotonic() + retry.deadlineMs;
      let result: Attempt;
      try {
        result = await this.#attempt(host, request, deadline, signal);
      } finally {
        release();
      }
      if (result.kind === 'final') return result.outcome;
      const pause = this.#pauseFor(result, attempt);
      if (pause !== null) host.limiter.pause(pause);
      const wait = Math.max(pause ?? 0, backoffMs(retry, attempt, random));
      if (attempt + 1 >= retry.attempts || clock.monotonic() + wait >= deadline) return result.outcome;
      await clock.sleep(wait, signal);
    }
  }

  /** One attempt whose body `read` takes as it arrives; nothing is retried here. */
  async stream<T>(
    request: SourceRequest,
    read: (answer: StreamedAnswer) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<Outcome<T>> {
    const host = this.#host(request);
    const release = await host.limiter.acquire({ signal });
    if (release === null) return cancelled(request);
    try {
      const refused = this.#refusals.standing(request);
      if (refused !== null) return refused;
      if (!host.breaker.admit()) return failure(request, 'transport', LEFT_ALONE);
      host.sent += 1;
      return await this.#streamed(host, request, read, signal);
    } catch (error) {
      return this.#failedAttempt(host, request, error).outcome;
    } finally {
      release();
    }
  }

  async #streamed<T>(
    host: HostState,
    request: SourceRequest,
    read: (answer: StreamedAnswer) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<Outcome<T>> {
    const { dispatcher, clock } = this.#options;
    const timeoutMs = request.timeoutMs ?? this.#options.policy(request.source).timeoutMs;
    const { url, method } = request;
    const outbound = {
      url,
      method,
      headers: this.#headers(request),
      timeoutMs,
      ...(signal === undefined ? {} : { signal }),
    };
    return outboundStream(dispatcher, outbound, async ({ status, headers, body }): Promise<Outcome<T>> => {
      const at = new Date(clock.now()).toISOString();
      const answer = {
        status,
        headers,
        at,
        via: 'live' as const,
        validators: validatorsOf(headers),
        missingAppended: [],
      };
      const outcome = outcomeOf(request, { ...answer, status: status === 206 ? 200 : status, body: Buffer.alloc(0) });
      if (status >= 500) host.breaker.failed();
      else host.breaker.succeeded();
      this.#refusals.note(request, outcome);
      if (outcome.kind !== 'ok') return outcome;
      return ok(await read({ ...answer, body }), { at, via: 'live' });
    });
  }

  /** A 429 stops everybody for a moment, also when it does not say how long. */
  #pauseFor(result: Attempt & { kind: 'retry' }, attempt: number): number | null {
    if (result.pauseMs !== null) return result.pauseMs;
    const { retry, random } = this.#options;
    const limited = result.outcome.kind === 'rate_limited';
    return limited ? (0.5 + random() / 2) * Math.min(retry.maxWaitMs, retry.baseMs * 2 ** attempt) : null;
  }

  async #attempt(host: HostState, request: SourceRequest, deadline: number, signal?: AbortSignal): Promise<Attempt> {
    const { clock, retry } = this.#options;
    // Somebody who waited in the queue beside us may have been refused.
    const refused = this.#refusals.standing(request);
    if (refused !== null) return { kind: 'final', outcome: refused };
    if (!host.breaker.admit()) {
      return { kind: 'final', outcome: failure(request, 'transport', LEFT_ALONE) };
    }
    try {
      host.sent += 1;
      const response = await this.#send(request, deadline, signal);
      if (response.status >= 500) host.breaker.failed();
      else host.breaker.succeeded();
      const outcome = outcomeOf(request, response);
      this.#refusals.note(request, outcome);
      const passing = isRetryable(response.status) || isBusyWiki(response.headers);
      if (!passing || outcome.kind === 'challenged') return { kind: 'final', outcome };
      const pauseMs = retryAfterMs(response.headers['retry-after'], clock.now(), retry.maxWaitMs);
      return { kind: 'retry', outcome, pauseMs };
    } catch (error) {
      return this.#failedAttempt(host, request, error);
    }
  }

  #failedAttempt(host: HostState, request: SourceRequest, error: unknown): Attempt & { readonly outcome: NotOk } {
    if (!(error instanceof OutboundError)) {
      host.breaker.abandoned();
      throw error;
    }
    if (error.failure === 'aborted') {
      host.breaker.abandoned();
      return { kind: 'final', outcome: cancelled(request) };
    }
    host.breaker.failed();
    const outcome = failure(request, 'transport', error.message);
    const passing = error.failure === 'network' || error.failure === 'timeout' || error.failure === 'encoding';
    return passing ? { kind: 'retry', outcome, pauseMs: null } : { kind: 'final', outcome };
  }

  async #send(request: SourceRequest, deadline: number, signal?: AbortSignal): Promise<SourceResponse> {
    const { dispatcher, clock } = this.#options;
    const policy = this.#options.policy(request.source);
    const left = Math.max(1, Math.ceil(deadline - clock.monotonic()));
    const answer = await outboundRequest(dispatcher, {
      url: signedUrl(request),
      method: request.method,
      headers: this.#headers(request),
      ...(request.body === undefined ? {} : { body: request.body }),
      maxBytes: request.maxBytes ?? policy.maxBytes,
      timeoutMs: Math.min(left, request.timeoutMs ?? policy.timeoutMs),
      ...(signal === undefined ? {} : { signal }),
      ...redirects(policy, request),
    });
    return {
      ...answer,
      at: new Date(clock.now()).toISOString(),
      via: 'live',
      validators: validatorsOf(answer.headers),
      missingAppended: [],
    };
  }

  #headers(request: SourceRequest): Record<string, string> {
    const { credentials, validators } = request;
    return {
      accept: 'application/json',
      'user-agent': this.#options.userAgent,
      ...request.headers,
      ...(validators?.etag === undefined ? {} : { 'if-none-match': validators.etag }),
      ...(validators?.lastModified === undefined ? {} : { 'if-modified-since': validators.lastModified }),
      ...(credentials?.kind === 'header' ? { [credentials.name]: credentials.value } : {}),
    };
  }

  #host(request: SourceRequest): HostState {
    const { host } = new URL(request.url);
    const known = this.#hosts.get(host);
    if (known !== undefined) return known;
    const { clock, breaker } = this.#options;
    const { rate, concurrency } = this.#options.policy(request.source);
    const { pace } = this.#options;
    const limiter = new HostLimiter({
      rate,
      concurrency,
      clock,
      ...(pace === undefined ? {} : { shared: { pace, host } }),
    });
    const state = { limiter, breaker: new Breaker({ ...breaker, clock }), sent: 0 };
    this.#hosts.set(host, state);
    return state;
  }
}

function validatorsOf(headers: Readonly<Record<string, string>>): Validators {
  const { etag, 'last-modified': lastModified } = headers;
  return { ...(etag === undefined ? {} : { etag }), ...(lastModified === undefined ? {} : { lastModified }) };
}

function redirects({ redirectsBelow }: SourcePolicy, request: SourceRequest) {
  if (redirectsBelow === undefined || request.credentials !== undefined) return {};
  return {
    redirectTo: (url: URL) => url.hostname.endsWith(`.${redirectsBelow}`) && url.port === '' && url.username === '',
  };
}

function signedUrl(request: SourceRequest): string {
  if (request.credentials?.kind !== 'query') return request.url;
  const url = new URL(request.url);
  url.searchParams.set(request.credentials.name, request.credentials.value);
  return url.href;
}

function cancelled(request: SourceRequest): NotOk {
  return failure(request, 'transport', 'cancelled');
}
