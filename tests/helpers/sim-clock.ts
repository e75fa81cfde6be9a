import type { Clock } from '../../src/realtime/clock.ts';

interface Task {
  readonly at: number;
  readonly work: () => Promise<void> | void;
}

/** A clock that stands still until it is told to move. */
export interface SimClock extends Clock {
  /** Moves on; runs what falls due in its order, and waits for each. */
  advance(ms: number): Promise<void>;
  /** Moves on at once, as a machine that slept: what fell due meanwhile runs once, at the end. */
  jump(ms: number): Promise<void>;
}

export function createSimClock(start = Date.parse('2026-01-01T00:00:00Z')): SimClock {
  let now = start;
  const tasks = new Set<Task>();

  function plan(ms: number, work: Task['work']): () => void {
    const task = { at: now + ms, work };
    tasks.add(task);
    return () => tasks.delete(task);
  }

  return {
    now: () => now,
    after: plan,
    every(ms, work) {
      let stopped = false;
      let cancel = () => undefined as void;
      const next = () => {
        if (!stopped) cancel = plan(ms, run);
      };
      const run = async () => {
        try {
          await work();
        } finally {
          next();
        }
      };
      next();
      return () => {
        stopped = true;
        cancel();
      };
    },
    async advance(ms) {
      const end = now + ms;
      for (;;) {
        const [due] = [...tasks].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
        if (due === undefined) break;
        tasks.delete(due);
        now = Math.max(now, due.at);
        await due.work();
      }
      now = end;
    },
    async jump(ms) {
      now += ms;
      const due = [...tasks].filter(({ at }) => at <= now).sort((a, b) => a.at - b.at);
      for (const task of due) if (tasks.delete(task)) await task.work();
    },
  };
}
