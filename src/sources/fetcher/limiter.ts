import type { Clock } from './clock.ts';

export interface LimiterOptions {
  /** Requests per second; never exceeded in any window of one second. */
  readonly rate: number;
  /** Requests under way at once. */
  readonly concurrency: number;
  readonly clock: Clock;
}

interface Waiter {
  readonly grant: (release: (() => void) | null) => void;
}

/** Leeway on the window: requests leave evenly but arrive with jitter, and the source counts arrivals. */
const WINDOW_MARGIN_MS = 20;

/**
 * One host's gate, shared by every job of the process. First come, first served; a retry goes first, because its request
 * has waited already. Sends are spaced evenly (a token bucket with a burst of a tenth of a second) and a log of the last
 * sends keeps any window of a second within the limit.
 */
export class HostLimiter {
  readonly #interval: number;
  readonly #burst: number;
  readonly #perWindow: number;
  readonly #windowMs: number;
  readonly #concurrency: number;
  readonly #clock: Clock;
  readonly #sent: number[] = [];
  readonly #queue: Waiter[] = [];
  #nextEven = Number.NEGATIVE_INFINITY;
  #pausedUntil = Number.NEGATIVE_INFINITY;
  #inFlight = 0;
  #waking = false;

  constructor({ rate, concurrency, clock }: LimiterOptions) {
    this.#interval = 1000 / rate;
    this.#burst = Math.max(1, Math.floor(rate / 10));
    this.#perWindow = Math.max(1, Math.floor(rate));
    this.#windowMs = Math.max(1000, this.#interval) + WINDOW_MARGIN_MS;
    this.#concurrency = concurrency;
    this.#clock = clock;
  }

  /** Waits for a turn. The caller must call the returned function when done; null when the signal aborted first. */
  acquire(options: { signal?: AbortSignal | undefined; first?: boolean } = {}): Promise<(() => void) | null> {
    const { signal } = options;
    if (signal?.aborted === true) return Promise.resolve(null);
    return new Promise((resolve) => {
      const giveUp = () => this.#forget(waiter);
      const waiter: Waiter = {
        grant: (release) => {
          signal?.removeEventListener('abort', giveUp);
          resolve(release);
        },
      };
      if (options.first === true) this.#queue.unshift(waiter);
      else this.#queue.push(waiter);
      signal?.addEventListener('abort', giveUp);
      this.#pump();
    });
  }

  /** Nothing is sent for `ms`; a longer pause already running stays. */
  pause(ms: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#clock.monotonic() + ms);
  }

  #forget(waiter: Waiter): void {
    const at = this.#queue.indexOf(waiter);
    if (at < 0) return;
    this.#queue.splice(at, 1);
    waiter.grant(null);
  }

  #pump(): void {
    while (this.#queue.length > 0 && this.#inFlight < this.#concurrency) {
      const now = this.#clock.monotonic();
      const wait = this.#waitFrom(now);
      if (wait > 0) return this.#wakeIn(wait);
      const waiter = this.#queue.shift();
      if (waiter === undefined) return;
      this.#note(now);
      waiter.grant(this.#releaser());
    }
  }

  #waitFrom(now: number): number {
    const oldest = this.#sent.length >= this.#perWindow ? (this.#sent[0] ?? now) + this.#windowMs : now;
    const even = this.#nextEven - (this.#burst - 1) * this.#interval;
    return Math.max(oldest, even, this.#pausedUntil) - now;
  }

  #note(now: number): void {
    this.#sent.push(now);
    if (this.#sent.length > this.#perWindow) this.#sent.shift();
    this.#nextEven = Math.max(now, this.#nextEven) + this.#interval;
    this.#inFlight += 1;
  }

  #releaser(): () => void {
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.#inFlight -= 1;
      this.#pump();
    };
  }

  #wakeIn(ms: number): void {
    if (this.#waking) return;
    this.#waking = true;
    void this.#clock.sleep(Math.ceil(ms)).then(() => {
      this.#waking = false;
      this.#pump();
    });
  }
}
