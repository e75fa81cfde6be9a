/** Statuses that may be different a moment later (weakness 17). */
export function isRetryable(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || (status >= 500 && status <= 599);
}

/** Errors of `api.php` that ask to come back later; they arrive with status 200 (`spec/sources-fandom.md` 20). */
const BUSY_ERRORS = new Set(['maxlag', 'ratelimited', 'readonly']);

/** Whether a MediaWiki answered that it is too busy. */
export function isBusyWiki(headers: Readonly<Record<string, string>>): boolean {
  return BUSY_ERRORS.has(headers['mediawiki-api-error']?.toLowerCase() ?? '');
}

export interface RetryPolicy {
  /** Requests sent at most for one fetch. */
  readonly attempts: number;
  /** First backoff; doubles with each attempt. */
  readonly baseMs: number;
  /** Longest wait, also for what `Retry-After` asks for. */
  readonly maxWaitMs: number;
  /** From the first request sent to giving up. */
  readonly deadlineMs: number;
}

export const DEFAULT_RETRY: RetryPolicy = { attempts: 3, baseMs: 1000, maxWaitMs: 60_000, deadlineMs: 180_000 };

/** Full jitter: anywhere between nothing and the exponential delay, so that callers do not come back together. */
export function backoffMs(policy: RetryPolicy, attempt: number, random: () => number): number {
  return random() * Math.min(policy.maxWaitMs, policy.baseMs * 2 ** attempt);
}

/**
 * `Retry-After` as milliseconds from `nowMs`: seconds or an HTTP date (RFC 9110, 10.2.3), between 0 and `maxMs`. Null when absent or
 * not understood.
 */
export function retryAfterMs(header: string | undefined, nowMs: number, maxMs: number): number | null {
  const text = header?.trim() ?? '';
  if (/^\d+$/.test(text)) return Math.min(maxMs, Number(text) * 1000);
  // Date.parse alone would take almost anything; an HTTP date begins with a weekday.
  if (!/^(mon|tue|wed|thu|fri|sat|sun)/i.test(text)) return null;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.min(maxMs, Math.max(0, at - nowMs));
}
