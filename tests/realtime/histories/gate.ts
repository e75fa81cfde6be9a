import type { Database, Scope, Session } from '../../../src/platform/db/types.ts';
import type { Activity } from './clock.ts';

/**
 * A process's link to PostgreSQL. `held`: nothing comes back and nothing goes out, as when the server is stopped; `lost`: connections
 * are broken, also those that wait for an answer; `dead`: the process is no more and hears of nothing.
 */
export type LinkState = 'open' | 'held' | 'lost' | 'dead';

export interface Gate {
  readonly db: Database;
  /** All calls, and those of sessions (the sequencer's). */
  set(state: LinkState): void;
  /** Only sessions: whoever holds one is slow, requests are not. */
  holdSessions(isHeld: boolean): void;
}

/** Sessions that stay connected from one history to the next: a new connection costs more than a history. */
export interface Sessions {
  take(): Promise<Session>;
  /** Gives back what a broken connection would: its locks, after the statement that was running. */
  give(session: Session): Promise<void>;
  close(): Promise<void>;
}

export function keepSessions(db: Database): Sessions {
  const idle: Session[] = [];
  const all: Session[] = [];
  return {
    async take() {
      const known = idle.pop();
      if (known !== undefined) return known;
      const made = await db.session('history');
      all.push(made);
      return made;
    },
    async give(session) {
      await session.raw('select pg_advisory_unlock_all()');
      idle.push(session);
    },
    async close() {
      await Promise.all(all.map((session) => session.close()));
    },
  };
}

const lost = () => Object.assign(new Error('the connection to PostgreSQL was lost'), { code: 'ECONNRESET' });
const never = <T>() => new Promise<T>(() => undefined);

/** One process's way to a real database, which tests can close. */
export function createGate(real: Database, sessions: Sessions, activity: Activity): Gate {
  let state: LinkState = 'open';
  let sessionsHeld = false;
  /** Connections made before a loss stay lost after it. */
  let epoch = 0;
  let waiting: (() => void)[] = [];
  const open = new Set<() => void>();

  const isHeld = (isSession: boolean) => state === 'held' || (isSession && sessionsHeld && state === 'open');

  async function passage(isSession: boolean, since: number): Promise<void> {
    while (isHeld(isSession)) await new Promise<void>((resolve) => waiting.push(resolve));
    if (state === 'dead') await never();
    if (state === 'lost' || since !== epoch) throw lost();
  }

  async function call<T>(work: () => Promise<T>, isSession = false, since = epoch): Promise<T> {
    await passage(isSession, since);
    const answer = await activity.run(() =>
      work().then(
        (value) => ({ value }),
        (error: unknown) => ({ error }),
      ),
    );
    // Done, but the answer may be late or lost.
    await passage(isSession, since);
    if ('error' in answer) throw answer.error;
    return answer.value;
  }

  function wake(): void {
    const woken = waiting;
    waiting = [];
    for (const resolve of woken) resolve();
  }

  const through = (scope: Scope, isSession: boolean, since?: () => number): Scope => ({
    query: (statement, values) => call(() => scope.query(statement, values), isSession, since?.()),
    one: (statement, values) => call(() => scope.one(statement, values), isSession, since?.()),
    raw: (text, values) => call(() => scope.raw(text, values), isSession, since?.()),
    recurring: (text, values) => call(() => scope.recurring(text, values), isSession, since?.()),
  });

  async function lease(): Promise<Session> {
    const since = epoch;
    const session = await call(() => sessions.take(), true);
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    let isOver = false;
    const over = () => {
      if (isOver) return;
      isOver = true;
      open.delete(over);
      void activity.run(() => sessions.give(session));
      if (state !== 'dead') end();
    };
    open.add(over);
    return {
      ...through(session, true, () => since),
      transaction: (fn) => call(() => session.transaction(fn), true, since),
      ended,
      async close() {
        over();
      },
    };
  }

  return {
    db: {
      public: through(real.public, false),
      asUser: (claims, fn, label) => call(() => real.asUser(claims, fn, label)),
      asService: (reason, fn, options) => call(() => real.asService(reason, fn, options)),
      session: lease,
      stats: real.stats,
      close: async () => undefined,
    },
    set(next) {
      if (state === 'dead') return;
      state = next;
      if (next === 'lost' || next === 'dead') {
        epoch += 1;
        for (const over of [...open]) over();
      }
      wake();
    },
    holdSessions(held) {
      sessionsHeld = held;
      wake();
    },
  };
}
