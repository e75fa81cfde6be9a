/** The upstream's own limit: a token bucket. */
export interface RateLimit {
  readonly perSecond: number;
  /** Requests that may come at once; default `perSecond`. */
  readonly burst?: number;
  /** What `Retry-After` says, in seconds; default 1. */
  readonly retryAfter?: number;
  readonly retryAfterForm?: 'seconds' | 'date';
}

/** A function that takes one token at a monotonic time in milliseconds; false when there is none. */
export function createLimiter(limit: RateLimit): (now: number) => boolean {
  const capacity = limit.burst ?? limit.perSecond;
  let tokens = capacity;
  let last: number | undefined;
  return (now) => {
    tokens = Math.min(capacity, tokens + ((now - (last ?? now)) / 1_000) * limit.perSecond);
    last = now;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}

export function retryAfterValue(seconds: number, form: 'seconds' | 'date' | undefined, now: number): string {
  return form === 'date' ? new Date(now + seconds * 1_000).toUTCString() : String(seconds);
}
