import type { Clock } from './clock.ts';

export interface BreakerOptions {
  /** Consecutive failed attempts after which the host is left alone. */
  readonly threshold: number;
  /** How long it is left alone before one request may probe. */
  readonly coolDownMs: number;
  readonly clock: Clock;
}

/**
 * Leaves a host alone after a row of failures (no answer, or 5xx). After the cool-down one request probes: its success closes the
 * circuit, its failure opens it again. Refusals and rate limits are answers, not failures.
 */
export class Breaker {
  readonly #options: BreakerOptions;
  #failures = 0;
  #openUntil: number | null = null;
  #probing = false;

  constructor(options: BreakerOptions) {
    this.#options = options;
  }

  /** Whether a request may be sent now. When true, exactly one of `succeeded`, `failed`, `abandoned` must follow. */
  admit(): boolean {
    if (this.#openUntil === null) return true;
    if (this.#probing || this.#options.clock.monotonic() < this.#openUntil) return false;
    this.#probing = true;
    return true;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#openUntil = null;
    this.#probing = false;
  }

  failed(): void {
    this.#failures += 1;
    this.#probing = false;
    if (this.#failures >= this.#options.threshold) {
      this.#openUntil = this.#options.clock.monotonic() + this.#options.coolDownMs;
    }
  }

  /** Cancelled by us: says nothing about the host. */
  abandoned(): void {
    this.#probing = false;
  }
}
