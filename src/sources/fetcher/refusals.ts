import type { NotOk, Outcome } from '../../platform/outcome.ts';
import type { SourceRequest } from '../types.ts';
import type { Clock } from './clock.ts';
import { failure } from './outcomes.ts';

/** What a challenge or a 403 of a source means for the requests after it. */
export interface RefusalPolicy {
  readonly pauseMs: number;
  /** Whether it stops all hosts of the source, or the one that refused. */
  readonly whole: boolean;
}

/**
 * Remembers who refused us. A challenge or a 403 is a decision of the source's owner, so while it holds nothing is sent: not the
 * same request again and not another one. Unlike the breaker it acts on the first refusal and does not probe.
 */
export class Refusals {
  readonly #clock: Clock;
  readonly #policy: (request: SourceRequest) => RefusalPolicy | undefined;
  readonly #standing = new Map<string, { readonly kind: 'challenged' | 'forbidden'; readonly until: number }>();

  constructor(clock: Clock, policy: (request: SourceRequest) => RefusalPolicy | undefined) {
    this.#clock = clock;
    this.#policy = policy;
  }

  /** The refusal under which a request falls, null when it may be sent. */
  standing(request: SourceRequest): NotOk | null {
    const key = this.#key(request);
    const refusal = key === null ? undefined : this.#standing.get(key);
    if (refusal === undefined) return null;
    const leftMs = refusal.until - this.#clock.monotonic();
    if (leftMs <= 0) return null;
    const minutes = Math.ceil(leftMs / 60_000);
    return failure(request, refusal.kind, `not sent: ${key} refused us and is left alone for another ${minutes} min`);
  }

  /** Takes note of what came back. */
  note(request: SourceRequest, outcome: Outcome<unknown>): void {
    const key = this.#key(request);
    const pauseMs = this.#policy(request)?.pauseMs;
    if (key === null || pauseMs === undefined) return;
    if (outcome.kind !== 'challenged' && outcome.kind !== 'forbidden') return;
    this.#standing.set(key, { kind: outcome.kind, until: this.#clock.monotonic() + pauseMs });
  }

  #key(request: SourceRequest): string | null {
    const policy = this.#policy(request);
    if (policy === undefined) return null;
    return policy.whole ? request.source : new URL(request.url).host;
  }
}
