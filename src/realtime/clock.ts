/** Time as the realtime room sees it, so that tests can move it. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Runs `work` again and again, `ms` after it ended, until stopped. Errors are `work`'s own business. */
  every(ms: number, work: () => Promise<void> | void): Stop;
  after(ms: number, work: () => Promise<void> | void): Stop;
}

export type Stop = () => void;

/** The clock of the machine. Timers keep no process alive. */
export const systemClock: Clock = {
  now: Date.now,
  every(ms, work) {
    let timer: NodeJS.Timeout;
    let stopped = false;
    const next = () => {
      if (!stopped) timer = setTimeout(run, ms).unref();
    };
    const run = () => {
      const ended = work();
      if (ended === undefined) next();
      else ended.then(next, next);
    };
    next();
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  },
  after(ms, work) {
    const timer = setTimeout(() => void work(), ms).unref();
    return () => clearTimeout(timer);
  },
};
