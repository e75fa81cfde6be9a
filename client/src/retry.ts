import type { TrrProblem } from './problem.ts';

export interface RetryPolicy {
  /** Tries in all, the first included; default 4. */
  readonly attempts: number;
  /** Wait before the second try when the server names none; doubles each time, with jitter. Default 250. */
  readonly baseMs: number;
  /** A server that asks for more than this is not waited for; default 30,000. */
  readonly maxWaitMs: number;
}

const DEFAULTS: RetryPolicy = { attempts: 4, baseMs: 250, maxWaitMs: 30_000 };

/** Numbers of the tries, 1 first. One more than the policy allows, for the repetition after a refreshed token. */
export function* attempts(policy: Partial<RetryPolicy> = {}): Generator<number> {
  const { attempts: count } = { ...DEFAULTS, ...policy };
  for (let attempt = 1; attempt <= count + 1; attempt++) yield attempt;
}

/** Milliseconds to wait before the next try; null when there should be none. */
export function waitBefore(attempt: number, problem: TrrProblem, policy: Partial<RetryPolicy> = {}): number | null {
  const { attempts: count, baseMs, maxWaitMs } = { ...DEFAULTS, ...policy };
  if (!problem.retryable || attempt >= count) return null;
  const jitter = 0.5 + Math.random() / 2;
  // Never earlier than the server asks.
  const waitMs = problem.retryAfterMs ?? baseMs * 2 ** (attempt - 1) * jitter;
  return waitMs > maxWaitMs ? null : waitMs;
}
