/** Why a link ended. */
export type EndReason =
  /** The server stops: another one takes over at once (1001). */
  | 'going_away'
  /** We read too slowly and were cut off (1013). */
  | 'slow_reader'
  /** The token expired, or was withdrawn (4401). */
  | 'token'
  /** Nothing here is for us any more (4403). */
  | 'not_allowed'
  /** The server heard nothing of us (4408): timers of sleeping tabs are slowed down. */
  | 'no_heartbeat'
  /** Too many connections or frames (4429). */
  | 'too_many'
  /** Nothing was heard for too long, or a question was not answered. */
  | 'silence'
  /** There was no connection, or it broke. */
  | 'network'
  /** We wanted another one: `reconnect()`, a fresh token, other channels. */
  | 'renewed';

export interface End {
  readonly reason: EndReason;
  /** The close code of the socket, or the status of the answer. */
  readonly code?: number;
  readonly retryAfterMs?: number | undefined;
}

const REASONS: Readonly<Record<number, EndReason>> = {
  1001: 'going_away',
  1013: 'slow_reader',
  4401: 'token',
  4403: 'not_allowed',
  4408: 'no_heartbeat',
  4429: 'too_many',
};

export function reasonOf(closeCode: number): EndReason {
  return REASONS[closeCode] ?? 'network';
}

export interface BackoffTiming {
  /** Wait before the second try; doubles each time, with jitter. */
  readonly baseMs: number;
  readonly maxMs: number;
  /** Least wait after the server said that there are too many of us. */
  readonly slowMs: number;
  /** A link that held this long is the end of the trouble. */
  readonly stableMs: number;
}

export interface Backoff {
  /** Milliseconds to wait before the next try. */
  next(end: End, heldMs: number): number;
  /** Tries since a link held. */
  readonly attempt: number;
}

/** When to try again: others who lost the same server must not all come back in the same moment. */
export function createBackoff({ baseMs, maxMs, slowMs, stableMs }: BackoffTiming, random = Math.random): Backoff {
  let attempt = 0;
  const jittered = (ms: number) => ms * (0.5 + random() / 2);
  return {
    get attempt() {
      return attempt;
    },
    next({ reason, retryAfterMs = 0 }, heldMs) {
      if (heldMs >= stableMs) attempt = 0;
      if (reason === 'renewed') return 0;
      attempt += 1;
      if (reason === 'too_many') {
        return Math.max(retryAfterMs, slowMs * Math.min(10, 2 ** (attempt - 1)) * (1 + random()));
      }
      const isFirst = attempt === 1 && reason !== 'slow_reader';
      const waitMs = isFirst ? random() * baseMs : jittered(Math.min(maxMs, baseMs * 2 ** Math.min(attempt, 20)));
      return Math.max(retryAfterMs, waitMs);
    },
  };
}
