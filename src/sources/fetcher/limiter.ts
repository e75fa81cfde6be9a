import type { SharedPace } from '../types.ts';
import type { Clock } from './clock.ts';
import { Turns } from './turns.ts';

export interface LimiterOptions {
  /** Requests per second; never exceeded in any window of one second. */
  readonly rate: number;
  /** Requests under way at once. */
  readonly concurrency: number;
  readonly clock: Clock;
  /** The pace of all processes, beside that of this one. */
  readonly shared?: { readonly pace: SharedPace; readonly host: string };
}

interface Waiter {
  readonly grant: (release: (() => void) | null) => void;
}

/** A request that counts against the window. */
interface Slot {
  readonly grantedAt: number;
  /** Null while under way. */
  doneAt: number | null;
}

/**
 * The source counts arrivals, we know departures. A request has arrived at the latest when it is answered, so its second
 * counts from there; that keeps the limit at the source's end too. A slow answer counts as arrived after this long, or
 * latency would cost throughput.
 */
const MAX_ARRIVAL_MS = 150;

/**
 * One host's gate, shared by every job of the process. First come, first served; a retry goes first, because its request
 * has waited already. Sends are spaced evenly (a token bucket with a burst of a tenth of a second) and a log of the last
 * requests keeps any window of a second within the limit.
 */
export class HostLimiter {
  readonly #interval: number;
  readonly #burst: number;
  readonly #perWindow: number;
  readonly #windowMs: number;
  readonly #concurrency: number;
  readonly #clock: Clock;
  #slots: Slot[] = [];
  readonly #queue: Waiter[] = [];
  #nextEven = Number.NEGATIVE_INFINITY;
  #pausedUntil = Number.NEGATIVE_INFINITY;
  #inFlight = 0;
  #wakeAt = Number.POSITIVE_INFINITY;
  readonly #turns: Turns | null;

  constructor({ rate, concurrency, clock, shared }: LimiterOptions) {
    this.#turns = shared === undefined ? null : new Turns({ ...shared, rate, clock, onTurns: () => this.#pump() });
    this.#interval = 1000 / rate;
    this.#burst = Math.max(1, Math.floor(rate / 10));
    this.#perWindow = Math.max(1, Math.floor(rate));
    this.#windowMs = Math.max(1000, this.#interval);
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
    this.#turns?.pause(ms);
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
      const turn = this.#turns === null ? 0 : this.#turns.waitFor(now, this.#queue.length);
      if (turn === null) return;
      if (turn > 0) return this.#wakeIn(turn);
      this.#turns?.use();
      const waiter = this.#queue.shift();
      if (waiter === undefined) return;
      waiter.grant(this.#take(now));
    }
  }

  #waitFrom(now: number): number {
    this.#slots = this.#slots.filter((slot) => this.#freeAt(slot) > now);
    const free =
      this.#slots.length < this.#perWindow ? now : Math.min(...this.#slots.map((slot) => this.#freeAt(slot)));
    const even = this.#nextEven - (this.#burst - 1) * this.#interval;
    return Math.max(free, even, this.#pausedUntil) - now;
  }

  #freeAt({ grantedAt, doneAt }: Slot): number {
    return Math.min(doneAt ?? Number.POSITIVE_INFINITY, grantedAt + MAX_ARRIVAL_MS) + this.#windowMs;
  }

  /** Takes a slot and a place under way; the returned function gives the place back. */
  #take(now: number): () => void {
    const slot: Slot = { grantedAt: now, doneAt: null };
    this.#slots.push(slot);
    this.#nextEven = Math.max(now, this.#nextEven) + this.#interval;
    this.#inFlight += 1;
    return () => {
      if (slot.doneAt !== null) return;
      slot.doneAt = this.#clock.monotonic();
      this.#inFlight -= 1;
      this.#pump();
    };
  }

  /** An earlier wake-up already under way makes a later one needless, not the other way round. */
  #wakeIn(ms: number): void {
    const at = this.#clock.monotonic() + ms;
    if (this.#wakeAt <= at) return;
    this.#wakeAt = at;
    void this.#clock.sleep(Math.ceil(ms)).then(() => {
      if (this.#wakeAt === at) this.#wakeAt = Number.POSITIVE_INFINITY;
      this.#pump();
    });
  }
}
