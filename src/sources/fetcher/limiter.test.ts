import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sourceConfig, startUpstream } from '../../../tests/helpers/upstream.ts';
import { Breaker } from './breaker.ts';
import type { Clock } from './clock.ts';
import { createFetcher } from './fetcher.ts';
import { HostLimiter } from './limiter.ts';
import { backoffMs, DEFAULT_RETRY, retryAfterMs } from './retry.ts';

/** Time that passes only when told to. */
class ManualClock implements Clock {
  time = 0;
  #sleepers: { at: number; wake: () => void }[] = [];
  now = () => this.time;
  monotonic = () => this.time;
  sleep = (ms: number) => new Promise<void>((wake) => this.#sleepers.push({ at: this.time + ms, wake }));

  async advance(ms: number): Promise<void> {
    const end = this.time + ms;
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      const next = this.#sleepers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#sleepers = this.#sleepers.filter((sleeper) => sleeper !== next);
      this.time = Math.max(this.time, next.at);
      next.wake();
    }
    this.time = end;
  }
}

/** The largest number of events in any half-open window of a second. */
function busiestSecond(times: readonly number[]): number {
  return Math.max(0, ...times.map((start) => times.filter((at) => at >= start && at < start + 1000).length));
}

describe('limiter', () => {
  it('never exceeds the rate in any second, whatever the arrivals and pauses', async () => {
    const arrivals = fc.array(fc.record({ wait: fc.nat(700), burst: fc.integer({ min: 1, max: 40 }) }), {
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 30 }), arrivals, fc.nat(1500), async (rate, plan, pause) => {
        const clock = new ManualClock();
        const limiter = new HostLimiter({ rate, concurrency: 1000, clock });
        const sent: number[] = [];
        let asked = 0;
        for (const { wait, burst } of plan) {
          await clock.advance(wait);
          for (let i = 0; i < burst; i++) void limiter.acquire().then(() => sent.push(clock.time));
          asked += burst;
        }
        limiter.pause(pause);
        const pausedAt = clock.time;
        await clock.advance(((asked + 2) / rate) * 1200 + pause + 3000);
        expect(sent).toHaveLength(asked);
        expect(busiestSecond(sent)).toBeLessThanOrEqual(rate);
        expect(sent.filter((at) => at > pausedAt && at < pausedAt + pause)).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  it('uses what the rate allows', async () => {
    const clock = new ManualClock();
    const limiter = new HostLimiter({ rate: 25, concurrency: 1000, clock });
    let sent = 0;
    for (let i = 0; i < 300; i++) {
      void limiter.acquire().then((release) => {
        sent += 1;
        release?.();
      });
    }
    await clock.advance(10_000);
    expect(sent).toBeGreaterThan(235);
  });

  it('is first come first served, retries first, and keeps to the concurrency', async () => {
    const clock = new ManualClock();
    const limiter = new HostLimiter({ rate: 1000, concurrency: 1, clock });
    const order: string[] = [];
    const releases: (() => void)[] = [];
    const take = (name: string, first = false) =>
      void limiter.acquire({ first }).then((release) => {
        order.push(name);
        if (release !== null) releases.push(release);
      });
    take('a');
    take('b');
    take('c');
    take('retry', true);
    for (let i = 0; i < 4; i++) {
      await clock.advance(50);
      expect(order).toHaveLength(i + 1);
      releases.shift()?.();
    }
    expect(order).toEqual(['a', 'retry', 'b', 'c']);
  });

  it('forgets who gave up waiting', async () => {
    const clock = new ManualClock();
    const limiter = new HostLimiter({ rate: 1000, concurrency: 1, clock });
    const release = await limiter.acquire();
    const cancel = new AbortController();
    const waiting = limiter.acquire({ signal: cancel.signal });
    cancel.abort();
    expect(await waiting).toBeNull();
    release?.();
    expect(await limiter.acquire()).not.toBeNull();
  });

  it('holds on the wire: a server never sees more than the limit in a second', async () => {
    await using upstream = await startUpstream((_, response) => response.end('{}'));
    const config = sourceConfig({ apiBaseUrl: `${upstream.url}/3`, rate: 25 });
    const fetcher = createFetcher({ config });
    const paths = Array.from({ length: 60 }, (_, i) => `${upstream.url}/3/tv/${i}`);
    await Promise.all(paths.map((url) => fetcher.fetch({ source: 'tmdb', method: 'GET', url })));
    await fetcher.close();
    expect(upstream.requests).toHaveLength(60);
    expect(busiestSecond(upstream.requests.map(({ at }) => at))).toBeLessThanOrEqual(25);
    expect(fetcher.counts()).toEqual({ [upstream.host]: 60 });
  });
});

describe('breaker', () => {
  it('opens after a row of failures, lets one probe through, closes on its success', () => {
    const clock = new ManualClock();
    const breaker = new Breaker({ threshold: 3, coolDownMs: 1000, clock });
    for (let i = 0; i < 2; i++) breaker.failed();
    breaker.succeeded();
    for (let i = 0; i < 3; i++) {
      expect(breaker.admit()).toBe(true);
      breaker.failed();
    }
    expect(breaker.admit()).toBe(false);
    clock.time = 1000;
    expect([breaker.admit(), breaker.admit()]).toEqual([true, false]);
    breaker.failed();
    expect(breaker.admit()).toBe(false);
    clock.time = 2000;
    expect(breaker.admit()).toBe(true);
    breaker.abandoned();
    expect(breaker.admit()).toBe(true);
    breaker.succeeded();
    expect([breaker.admit(), breaker.admit()]).toEqual([true, true]);
  });
});

describe('waiting', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');

  it.each([
    ['5', 5000],
    ['0', 0],
    ['86400', 60_000],
    ['Thu, 01 Jan 2026 00:00:07 GMT', 7000],
    ['Wed, 31 Dec 2025 23:59:00 GMT', 0],
    ['Fri, 02 Jan 2026 00:00:00 GMT', 60_000],
    ['soon', null],
    ['-5', null],
    ['1.5', null],
    ['', null],
    [undefined, null],
  ])('Retry-After %s is %s ms', (header, expected) => {
    expect(retryAfterMs(header, now, 60_000)).toBe(expected);
  });

  it('jitter is full and bounded', () => {
    fc.assert(
      fc.property(fc.nat(20), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (attempt, x) => {
        const wait = backoffMs(DEFAULT_RETRY, attempt, () => x);
        expect(wait).toBeGreaterThanOrEqual(0);
        expect(wait).toBeLessThan(Math.min(60_000, 1000 * 2 ** attempt));
      }),
    );
  });
});
