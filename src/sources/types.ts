import type { Outcome, Via } from '../platform/outcome.ts';

export type SourceName = 'tmdb' | 'imdb-datasets' | 'imdb-web' | 'fandom' | 'sheet';

/**
 * What proves who we are. Added by the fetcher only when a request really leaves for the network, so that neither snapshots,
 * recordings nor messages ever see it. `missing` says in one line what to configure; it matters only for live requests.
 */
export type Credentials =
  | { readonly kind: 'header'; readonly name: string; readonly value: string }
  | { readonly kind: 'query'; readonly name: string; readonly value: string }
  | { readonly kind: 'missing'; readonly detail: string };

/** A request to a source, without credentials: those are added by the source's client at the last moment. */
export interface SourceRequest {
  readonly source: SourceName;
  readonly method: 'GET' | 'POST';
  /** Absolute, without credentials in it. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly credentials?: Credentials;
  /** Send `If-None-Match` / `If-Modified-Since`; never sent when the validators came from a snapshot. */
  readonly validators?: Validators;
  readonly maxBytes?: number;
  readonly timeoutMs?: number;
  /** Says why the body of a 200 is no answer but a challenge in disguise, null when it is one. */
  readonly disguised?: (body: Buffer) => string | null;
  /** The body as it may be kept: without data about whoever asked. */
  readonly keepable?: (body: Buffer) => Buffer;
}

export interface Validators {
  readonly etag?: string;
  readonly lastModified?: string;
}

/** An answer that is read while it arrives. */
export interface StreamedAnswer {
  /** 200, or 206 for a part that was asked for. */
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Uint8Array>;
  readonly validators: Validators;
  /** ISO 8601 UTC. */
  readonly at: string;
}

/** How a source may be reached: from saved answers (and over the network where they end), over the network, or not at all. */
export type SourceAccessMode = 'live' | 'snapshot' | 'off';

export interface SourceResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** ISO 8601 UTC. */
  readonly at: string;
  readonly via: Via;
  readonly validators: Validators;
  /**
   * Names asked for in `append_to_response` that a snapshot recorded with a smaller set cannot answer. Empty for live
   * answers (there the parser finds out).
   */
  readonly missingAppended: readonly string[];
  /** Where the answer came from, when the source redirected the request; how it says that two things became one. */
  readonly redirectedTo?: string;
}

/**
 * When requests to a host may leave, over all processes that share it: a process takes turns from it before it sends. Times are in
 * milliseconds from the answer, so that no two clocks are compared.
 */
export interface SharedPace {
  /** Takes `turns` turns, `intervalMs` apart; answers how long to wait for the first. @throws when it cannot be asked */
  take(host: string, turns: number, intervalMs: number): Promise<number>;
  /** No turn before `ms` have passed: the host asked everybody to wait. @throws when it cannot be asked */
  pause(host: string, ms: number): Promise<void>;
}

/**
 * The only way out to sources. Applies per-host rate and concurrency, retries with jittered backoff, `Retry-After`, circuit
 * breaker, byte and time caps, record and replay. Never throws for what an upstream does.
 */
export interface Fetcher {
  fetch(request: SourceRequest, signal?: AbortSignal): Promise<Outcome<SourceResponse>>;
  /**
   * One live attempt whose body `read` takes as it arrives, for files too large to hold. Same rules as `fetch`, but neither retried,
   * recorded nor answered from snapshots: `fetch` does that. `read` throws for no reasons of its own: they would look like the network's.
   */
  stream<T>(
    request: SourceRequest,
    read: (answer: StreamedAnswer) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<Outcome<T>>;
  /** Whether asking a source can bring anything: saved answers of it are at hand, or it is switched on. */
  access(source: SourceName): SourceAccessMode;
  /** Requests sent over the network since start, per host; snapshot answers are not counted. */
  counts(): Readonly<Record<string, number>>;
  close(): Promise<void>;
}
