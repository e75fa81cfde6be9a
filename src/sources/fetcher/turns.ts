import type { SharedPace } from '../types.ts';
import type { Clock } from './clock.ts';

export interface TurnsOptions {
  readonly pace: SharedPace;
  readonly host: string;
  /** Requests per second of all processes together. */
  readonly rate: number;
  readonly clock: Clock;
  /** Called when turns have come in. */
  readonly onTurns: () => void;
}

/**
 * Turns are a little further apart than the rate alone asks, because requests of several processes do not arrive exactly when their
 * turns came: without it a second at the source's end would now and then hold one too many.
 */
const SLACK = 1.02;
/** A turn that nobody used in time is gone: sent later, its request would crowd those of the others. */
const STALE_MS = 50;
/** So long nobody is asked after the shared pace could not be had; the process keeps to its own meanwhile. */
const ALONE_MS = 2_000;

/** This process' share of a host's pace: takes turns in small batches while there is a queue, a batch ahead of need. */
export class Turns {
  readonly #options: TurnsOptions;
  readonly #intervalMs: number;
  readonly #batch: number;
  /** When each turn comes, earliest first. */
  #turns: number[] = [];
  #asking = false;
  #aloneUntil = Number.NEGATIVE_INFINITY;

  constructor(options: TurnsOptions) {
    this.#options = options;
    this.#intervalMs = (1000 / options.rate) * SLACK;
    this.#batch = Math.max(1, Math.floor(options.rate / 10));
  }

  /** Milliseconds until the next turn, 0 when it has come, null when none is known yet: `onTurns` will tell. */
  waitFor(now: number, waiting: number): number | null {
    this.#turns = this.#turns.filter((at) => at > now - STALE_MS);
    if (now < this.#aloneUntil) return 0;
    if (this.#turns.length <= this.#batch / 2 && waiting > this.#turns.length) this.#ask(waiting);
    const [next] = this.#turns;
    return next === undefined ? null : Math.max(0, next - now);
  }

  /** Uses the turn that has come. */
  use(): void {
    this.#turns.shift();
  }

  /** The host asked for a pause: everybody's business. */
  pause(ms: number): void {
    this.#turns = [];
    this.#options.pace.pause(this.#options.host, ms).catch(() => this.#goAlone());
  }

  #ask(waiting: number): void {
    if (this.#asking) return;
    this.#asking = true;
    const { pace, host, clock, onTurns } = this.#options;
    const count = Math.min(this.#batch, waiting - this.#turns.length);
    pace
      .take(host, count, this.#intervalMs)
      .then((waitMs) => {
        const first = clock.monotonic() + Math.max(0, waitMs);
        for (let turn = 0; turn < count; turn++) this.#turns.push(first + turn * this.#intervalMs);
      })
      .catch(() => this.#goAlone())
      .finally(() => {
        this.#asking = false;
        onTurns();
      });
  }

  #goAlone(): void {
    this.#aloneUntil = this.#options.clock.monotonic() + ALONE_MS;
  }
}
