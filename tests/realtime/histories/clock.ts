import type { Clock, Stop } from '../../../src/realtime/clock.ts';

/** A clock that only moves when it is told to. */
export interface SimulatedClock extends Clock {
  /** Runs everything that is due within the next `ms`, in order, and waits until each of it rests. */
  advance(ms: number): Promise<void>;
  /** The same time for one process: what it planned ends with it. */
  ofProcess(): ProcessClock;
  /** Due times are rounded up to multiples of this: a coarse grain is a slow machine, and a cheap one. */
  grain: number;
}

export interface ProcessClock extends Clock {
  /** Nothing planned here runs any more, now or later. */
  stop(): void;
}

interface Due {
  readonly at: number;
  readonly work: () => unknown;
}

/** @param rest resolves when nothing runs that waits for anything but this clock */
export function createSimulatedClock(start: number, rest: () => Promise<void>): SimulatedClock {
  let now = start;
  let grain = 1;
  const planned = new Set<Due>();

  function plan(ms: number, work: () => unknown): Stop {
    const at = Math.max(now, Math.ceil((now + ms - start) / grain) * grain + start);
    const due = { at, work };
    planned.add(due);
    return () => planned.delete(due);
  }

  function repeat(on: (ms: number, work: () => unknown) => Stop, ms: number, work: () => Promise<void> | void): Stop {
    let stopped = false;
    let stop: Stop;
    const next = () => {
      if (!stopped) stop = on(ms, run);
    };
    const run = () => {
      const ended = work();
      if (ended === undefined) next();
      else ended.then(next, next);
    };
    stop = on(ms, run);
    return () => {
      stopped = true;
      stop();
    };
  }

  return {
    now: () => now,
    every: (ms, work) => repeat(plan, ms, work),
    after: plan,
    set grain(ms: number) {
      grain = ms;
    },
    async advance(ms) {
      const until = now + ms;
      await rest();
      for (;;) {
        let first = Number.POSITIVE_INFINITY;
        for (const { at } of planned) first = Math.min(first, at);
        if (first > until) break;
        now = Math.max(now, first);
        for (const due of [...planned]) {
          if (due.at > now || !planned.delete(due)) continue;
          due.work();
        }
        await rest();
      }
      now = until;
    },
    ofProcess() {
      const mine = new Set<Stop>();
      let stopped = false;
      const on = (ms: number, work: () => unknown): Stop => {
        if (stopped) return () => undefined;
        const stop = plan(ms, () => {
          mine.delete(stop);
          return work();
        });
        mine.add(stop);
        return () => {
          mine.delete(stop);
          stop();
        };
      };
      return {
        now: () => now,
        every: (ms, work) => repeat(on, ms, work),
        after: on,
        stop() {
          stopped = true;
          for (const stop of mine) stop();
        },
      };
    },
  };
}

/** Counts what runs outside the clock: statements in PostgreSQL. */
export interface Activity {
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Resolves when nothing runs and everything that waited for it has gone on. */
  rest(): Promise<void>;
}

export function createActivity(): Activity {
  let running = 0;
  let wake: () => void = () => undefined;
  return {
    async run(work) {
      running += 1;
      try {
        return await work();
      } finally {
        running -= 1;
        if (running === 0) wake();
      }
    },
    async rest() {
      do {
        if (running > 0) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
        // Lets everything go on that waited; it may ask for more.
        await new Promise<void>((resolve) => setImmediate(resolve));
      } while (running > 0);
    },
  };
}
